//! The simulated services' own clock: the only room of this crate that reads the system's time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

use crate::moment::Moment;

/// Tells the simulated services what time it is. Clones share one time.
#[derive(Clone, Debug)]
pub struct Clock {
    start: Moment,
    /// Since when the clock runs; `None` for a clock that stands still until it is advanced.
    running_since: Option<Instant>,
    advanced: Arc<AtomicI64>,
}

impl Clock {
    /// Starts at the system's time and runs with it.
    pub fn system() -> Self {
        Self::running_from(system_time())
    }

    /// Starts at `start` and runs with the system's time.
    pub fn running_from(start: Moment) -> Self {
        Self { start, running_since: Some(Instant::now()), advanced: Arc::default() }
    }

    /// Stands at `start` until it is advanced.
    pub fn manual(start: Moment) -> Self {
        Self { start, running_since: None, advanced: Arc::default() }
    }

    /// What time it is.
    pub fn now(&self) -> Moment {
        let ran = self.running_since.map_or(Duration::ZERO, |since| since.elapsed());
        let nanos = self.start.plus(ran).as_nanos();
        Moment::from_nanos(nanos.saturating_add(self.advanced.load(Ordering::SeqCst)))
    }

    /// Puts the clock forward.
    pub fn advance(&self, span: Duration) {
        self.shift(i64::try_from(span.as_nanos()).unwrap_or(i64::MAX));
    }

    /// Puts the clock back.
    pub fn set_back(&self, span: Duration) {
        self.shift(-i64::try_from(span.as_nanos()).unwrap_or(i64::MAX));
    }

    fn shift(&self, nanos: i64) {
        self.advanced.fetch_add(nanos, Ordering::SeqCst);
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place where the simulated services learn the time")]
fn system_time() -> Moment {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Moment::default().plus(since_epoch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_only_when_it_is_told_to() {
        let clock = Clock::manual(Moment::from_millis(1_000));
        let shared = clock.clone();
        clock.advance(Duration::from_secs(5));
        clock.set_back(Duration::from_secs(1));
        assert_eq!(shared.now(), Moment::from_millis(5_000));
    }
}
