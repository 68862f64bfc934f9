//! When a stream polls: at a steady phase, however long a poll takes.

use std::time::Duration;

use incydr_core::timestamp::Timestamp;

/// The beat of one stream's polls.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cadence {
    phase: Timestamp,
    interval: Duration,
}

impl Cadence {
    /// Polls at `first`, and from then on every `interval`.
    pub(crate) fn new(first: Timestamp, interval: Duration) -> Self {
        Self { phase: first, interval: interval.max(Duration::from_millis(1)) }
    }

    /// How long after `now` the next poll begins. Beats that passed during a long poll are left out. A clock that was
    /// set back begins the beat anew.
    pub(crate) fn wait(&mut self, now: Timestamp) -> Duration {
        let passed = now.since(self.phase).as_nanos() / self.interval.as_nanos();
        let beats = u32::try_from(passed + 1).unwrap_or(u32::MAX);
        let wait = self.phase.plus(self.interval.saturating_mul(beats)).since(now);
        if wait > self.interval || wait.is_zero() {
            self.phase = now;
            return self.interval;
        }
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const INTERVAL: Duration = Duration::from_secs(300);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(1_768_000_000_000 + seconds * 1_000)
    }

    #[test]
    fn a_poll_that_takes_long_does_not_move_the_later_ones() {
        let mut cadence = Cadence::new(at(0), INTERVAL);
        assert_eq!(cadence.wait(at(0)), INTERVAL);
        assert_eq!(cadence.wait(at(290)), Duration::from_secs(10));
        assert_eq!(cadence.wait(at(301)), Duration::from_secs(299));
        assert_eq!(cadence.wait(at(950)), Duration::from_secs(250));
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_delay_a_poll() {
        let mut cadence = Cadence::new(at(0), INTERVAL);
        assert_eq!(cadence.wait(at(-86_400)), INTERVAL);
        assert_eq!(cadence.wait(at(-86_390)), Duration::from_secs(290));
    }

    proptest! {
        #[test]
        fn no_wait_is_longer_than_the_interval_or_empty(
            millis in 0_u64..1_000_000,
            nows in proptest::collection::vec(-10_000_000_i64..10_000_000, 1..50),
        ) {
            let interval = Duration::from_millis(millis);
            let mut cadence = Cadence::new(at(0), interval);
            for now in nows {
                let wait = cadence.wait(Timestamp::from_millis(now));
                prop_assert!(!wait.is_zero() && wait <= interval.max(Duration::from_millis(1)));
            }
        }
    }
}
