//! The people and devices of an invented tenant.

use rand::RngExt;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;

use crate::data::vocabulary::{ANIMALS, COLORS, DEPARTMENTS, SYSTEMS};

/// A user with one device.
#[derive(Clone, Debug)]
pub(crate) struct Actor {
    /// The part of the mail address before the `@`.
    pub(crate) name: String,
    pub(crate) user_id: String,
    pub(crate) device_id: String,
    pub(crate) device: String,
    pub(crate) department: &'static str,
    pub(crate) system: &'static str,
}

impl Actor {
    pub(crate) fn draw(random: &mut SmallRng) -> Self {
        let number = random.random_range(0..10_000_u32);
        let long_id = |random: &mut SmallRng| format!("114{:016}", random.random_range(0..10_u64.pow(16)));
        Self {
            name: format!("{}.{}", pick(random, &COLORS), pick(random, &ANIMALS)),
            user_id: long_id(random),
            device_id: long_id(random),
            device: format!("LAPTOP-{number:04}"),
            department: pick(random, &DEPARTMENTS),
            system: pick(random, &SYSTEMS),
        }
    }

    /// The account on the device.
    pub(crate) fn account(&self) -> String {
        self.name.replace('.', "")
    }
}

/// One of `choices`, which are never empty.
pub(crate) fn pick<T: Copy, const N: usize>(random: &mut SmallRng, choices: &[T; N]) -> T {
    choices.choose(random).copied().unwrap_or(choices[0])
}
