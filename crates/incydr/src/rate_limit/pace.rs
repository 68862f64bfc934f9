//! How fast we may ask: a limit that halves when the vendor complains, and a hold until it wants to hear from us.
//!
//! Pure: the instant is handed in.

use std::time::Duration;

use tokio::time::Instant;

use incydr_core::retry_after;

/// However often the vendor complains, we keep asking this often per minute.
const LEAST_REQUESTS_PER_MINUTE: u32 = 6;

/// After so long without a change, a success raises the limit by one.
const GROWTH_INTERVAL: Duration = Duration::from_secs(10);

/// The state of one tenant's pace.
#[derive(Debug)]
pub(super) struct Pace {
    ceiling: u32,
    limit: u32,
    changed_at: Instant,
    hold_until: Instant,
}

impl Pace {
    pub(super) fn new(ceiling: u32, now: Instant) -> Self {
        Self { ceiling, limit: ceiling, changed_at: now, hold_until: now }
    }

    /// Requests per minute.
    pub(super) fn limit(&self) -> u32 {
        self.limit
    }

    /// How long nothing may be sent.
    pub(super) fn hold_left(&self, now: Instant) -> Duration {
        self.hold_until.saturating_duration_since(now)
    }

    /// A request that had been allowed at `granted_at` was refused.
    ///
    /// A wait that the vendor names is kept by everybody. Without one, or with an empty one, the limit halves; the
    /// refusals of requests that were under way before the last halving do not halve it once more.
    pub(super) fn throttled(&mut self, now: Instant, granted_at: Instant, retry_after: Option<Duration>) {
        let wait = retry_after.unwrap_or_default().min(retry_after::LONGEST_WAIT);
        if !wait.is_zero() {
            self.hold_until = self.hold_until.max(now + wait);
        } else if self.limit == self.ceiling || granted_at > self.changed_at {
            self.limit = (self.limit / 2).max(LEAST_REQUESTS_PER_MINUTE.min(self.ceiling));
            self.changed_at = now;
        }
    }

    /// A request was answered well.
    pub(super) fn succeeded(&mut self, now: Instant) {
        if self.limit < self.ceiling && now.saturating_duration_since(self.changed_at) >= GROWTH_INTERVAL {
            self.limit += 1;
            self.changed_at = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn complaints_without_a_wait_halve_the_pace_but_never_stop_it() {
        let start = Instant::now();
        let mut pace = Pace::new(100, start);
        let mut limits = Vec::new();
        for minute in 1..=6 {
            let now = start + minute * 60 * SECOND;
            pace.throttled(now, now, None);
            limits.push(pace.limit());
        }
        assert_eq!(limits, [50, 25, 12, 6, 6, 6]);
        assert_eq!(pace.hold_left(start), Duration::ZERO);
    }

    #[test]
    fn requests_that_were_under_way_together_halve_the_pace_once() {
        let start = Instant::now();
        let mut pace = Pace::new(100, start);
        for late in 1..=8 {
            pace.throttled(start + late * SECOND, start, Some(Duration::ZERO));
        }
        assert_eq!(pace.limit(), 50);
    }

    #[test]
    fn success_brings_the_pace_back_one_by_one_up_to_what_was_configured() {
        let start = Instant::now();
        let mut pace = Pace::new(8, start);
        pace.throttled(start, start, None);
        assert_eq!(pace.limit(), 6);
        for second in 1..=100 {
            pace.succeeded(start + second * SECOND);
        }
        assert_eq!(pace.limit(), 8);
    }

    #[test]
    fn the_longest_wait_asked_for_holds_and_none_is_longer_than_a_quarter_of_an_hour() {
        let start = Instant::now();
        let mut pace = Pace::new(100, start);
        pace.throttled(start, start, Some(86_400 * SECOND));
        pace.throttled(start, start, Some(SECOND));
        assert_eq!(pace.hold_left(start), 900 * SECOND);
        assert_eq!(pace.hold_left(start + 1000 * SECOND), Duration::ZERO);
        assert_eq!(pace.limit(), 100);
    }
}
