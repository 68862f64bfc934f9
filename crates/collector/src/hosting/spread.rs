//! When sources that start together poll first.

use std::time::Duration;

/// However many sources start, the last of them need not wait longer than this for each one before it.
const LONGEST_GAP: Duration = Duration::from_millis(30);

/// When a source polls first.
///
/// Later polls keep their phase, so that the load stays even.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct FirstPoll {
    /// How long after its start.
    pub after: Duration,
    /// How long no other source may poll first after it, if something has held several of them up.
    pub spacing: Duration,
}

impl FirstPoll {
    /// For the source at `index` of `count` that start together: evenly spread, and all within one `interval`.
    pub fn of(index: usize, count: usize, interval: Duration) -> Self {
        let count = u32::try_from(count.max(1)).unwrap_or(u32::MAX);
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        let gap = (interval / count).min(LONGEST_GAP);
        Self { after: gap.saturating_mul(index), spacing: gap.mul_f64(0.75) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        // F69
        #[test]
        fn no_second_has_more_first_polls_than_half_as_many_again_as_the_mean(
            count in 200_usize..12_000,
            seconds in 10_u64..900,
        ) {
            let interval = Duration::from_secs(seconds);
            let polls: Vec<_> = (0..count).map(|index| FirstPoll::of(index, count, interval).after).collect();
            prop_assert!(polls.iter().all(|poll| *poll < interval));
            let mean = count as f64 / polls[count - 1].as_secs_f64();
            let mut by_second = std::collections::BTreeMap::<u64, u32>::new();
            for poll in polls {
                *by_second.entry(poll.as_secs()).or_default() += 1;
            }
            for (second, polls) in by_second {
                prop_assert!(f64::from(polls) <= 1.5 * mean.max(1.0) + 1.0, "{} polls in second {}", polls, second);
            }
        }
    }
}
