//! How many events came in each of the last 60 minutes.

use incydr_core::timestamp::Timestamp;

const MINUTES: usize = 60;

/// Counts by minute, for an hour.
#[derive(Debug)]
pub(super) struct Minutes {
    /// By minute of the hour.
    counts: [u32; MINUTES],
    /// The minute that was counted last, since the epoch.
    last: i64,
}

impl Default for Minutes {
    fn default() -> Self {
        Self { counts: [0; MINUTES], last: i64::MIN / 2 }
    }
}

impl Minutes {
    /// An hour in which nothing came.
    pub(super) fn none() -> Vec<u32> {
        vec![0; MINUTES]
    }

    /// Counts events of now.
    pub(super) fn count(&mut self, events: u64, now: Timestamp) {
        self.forget_until(minute_of(now));
        let slot = &mut self.counts[slot_of(self.last)];
        *slot = slot.saturating_add(u32::try_from(events).unwrap_or(u32::MAX));
    }

    /// The hour up to `now`, oldest minute first.
    pub(super) fn until(&self, now: Timestamp) -> Vec<u32> {
        let now = minute_of(now).max(self.last);
        let minutes = (0..MINUTES as i64).rev().map(|ago| now - ago);
        minutes.map(|minute| if minute > self.last { 0 } else { self.of(minute) }).collect()
    }

    fn of(&self, minute: i64) -> u32 {
        if minute > self.last - MINUTES as i64 { self.counts[slot_of(minute)] } else { 0 }
    }

    /// Empties the slots of the minutes since the last one. A clock that goes back changes nothing.
    fn forget_until(&mut self, minute: i64) {
        let passed = (minute - self.last).clamp(0, MINUTES as i64);
        for ago in 0..passed {
            self.counts[slot_of(minute - ago)] = 0;
        }
        self.last = self.last.max(minute);
    }
}

fn minute_of(now: Timestamp) -> i64 {
    now.as_millis().div_euclid(60_000)
}

fn slot_of(minute: i64) -> usize {
    usize::try_from(minute.rem_euclid(MINUTES as i64)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_minute_of_the_last_hour_has_what_came_in_it(
            gaps in proptest::collection::vec((0_i64..10, 0_u64..1_000), 1..100),
            quiet in 0_i64..90,
        ) {
            let mut minutes = Minutes::default();
            let mut expected = std::collections::BTreeMap::<i64, u64>::new();
            let mut minute = 29_000_000;
            for (gap, events) in gaps {
                minute += gap;
                minutes.count(events, Timestamp::from_millis(minute * 60_000 + 59_999));
                *expected.entry(minute).or_default() += events;
            }
            let now = minute + quiet;
            let hour: Vec<u64> = (now - 59..=now).map(|minute| expected.get(&minute).copied().unwrap_or(0)).collect();
            let told: Vec<u64> =
                minutes.until(Timestamp::from_millis(now * 60_000)).into_iter().map(u64::from).collect();
            prop_assert_eq!(told, hour);
        }
    }
}
