//! The throttle: 120 requests a minute.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use crate::incydr::access::Caller;
use crate::incydr::options::{RateOptions, RateScope, RateWindow};
use crate::moment::Moment;

const MINUTE: Duration = Duration::from_secs(60);

/// The requests that still count, by tenant or client.
#[derive(Debug, Default)]
pub(crate) struct RateCounter(HashMap<String, VecDeque<Moment>>);

impl RateCounter {
    /// Counts a request; `Err` says how long the caller has to wait when it is one too many.
    pub(crate) fn count(
        &mut self,
        caller: &Caller,
        now: Moment,
        options: &RateOptions,
    ) -> Result<(), Duration> {
        let Some(limit) = options.per_minute else { return Ok(()) };
        let scope = match options.scope {
            RateScope::Tenant => &caller.tenant,
            RateScope::Client => &caller.client,
        };
        let counted = self.0.entry(scope.clone()).or_default();
        match options.window {
            RateWindow::Fixed => {
                if counted.front().is_some_and(|&first| now.since(first) >= MINUTE) {
                    counted.clear();
                }
            }
            RateWindow::Sliding => {
                while counted.front().is_some_and(|&first| now.since(first) >= MINUTE) {
                    counted.pop_front();
                }
            }
        }
        if counted.len() >= usize::try_from(limit).unwrap_or(usize::MAX) {
            let oldest = counted.front().copied().unwrap_or(now);
            return Err(MINUTE.saturating_sub(now.since(oldest)));
        }
        counted.push_back(now);
        Ok(())
    }
}

/// The largest number of moments inside any 60 seconds. The moments need not be sorted.
pub(crate) fn busiest_minute(mut moments: Vec<Moment>) -> usize {
    moments.sort();
    let mut first = 0;
    let mut busiest = 0;
    for (last, &moment) in moments.iter().enumerate() {
        while moment.since(moments[first]) >= MINUTE {
            first += 1;
        }
        busiest = busiest.max(last + 1 - first);
    }
    busiest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller() -> Caller {
        Caller { client: "key-1".to_owned(), tenant: "tenant-1".to_owned() }
    }

    fn at(seconds: i64) -> Moment {
        Moment::from_millis(seconds * 1_000)
    }

    #[test]
    fn the_request_after_the_limit_waits_for_what_is_left_of_the_minute() {
        let options = RateOptions { per_minute: Some(3), ..RateOptions::default() };
        let mut counter = RateCounter::default();
        for second in [0, 10, 20] {
            assert_eq!(counter.count(&caller(), at(second), &options), Ok(()));
        }
        assert_eq!(counter.count(&caller(), at(45), &options), Err(Duration::from_secs(15)));
        assert_eq!(counter.count(&caller(), at(60), &options), Ok(()));
    }

    #[test]
    fn a_sliding_minute_frees_one_request_at_a_time() {
        let window = RateWindow::Sliding;
        let options = RateOptions { per_minute: Some(2), window, ..RateOptions::default() };
        let mut counter = RateCounter::default();
        assert_eq!(counter.count(&caller(), at(0), &options), Ok(()));
        assert_eq!(counter.count(&caller(), at(50), &options), Ok(()));
        assert_eq!(counter.count(&caller(), at(60), &options), Ok(()));
        assert_eq!(counter.count(&caller(), at(70), &options), Err(Duration::from_secs(40)));
    }

    #[test]
    fn the_busiest_minute_is_found_across_the_edges_of_clock_minutes() {
        assert_eq!(busiest_minute(vec![at(100), at(59), at(61), at(0), at(118)]), 4);
        assert_eq!(busiest_minute(Vec::new()), 0);
    }
}
