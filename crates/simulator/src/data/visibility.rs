//! How long after its insertion a record can first be found.

use std::time::Duration;

use rand::RngExt;
use rand::rngs::SmallRng;

use crate::data::options::{Visibility, VisibilityStep};
use crate::moment::Moment;

impl Visibility {
    /// When a record that was inserted at `inserted` can first be found.
    pub(crate) fn visible_at(&self, inserted: Moment, random: &mut SmallRng) -> Moment {
        let mut chance: f64 = random.random();
        for step in &self.steps {
            if chance < step.share {
                return inserted.plus(step.draw(random));
            }
            chance -= step.share;
        }
        inserted
    }
}

impl VisibilityStep {
    fn draw(&self, random: &mut SmallRng) -> Duration {
        let (from, to) = (self.from_seconds, self.to_seconds.max(self.from_seconds));
        let seconds = if to > from { random.random_range(from..to) } else { from };
        Duration::try_from_secs_f64(seconds).unwrap_or_default()
    }
}
