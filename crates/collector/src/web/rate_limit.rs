//! How often one access key may ask: the limits of the original, per second and at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use incydr_core::timestamp::Timestamp;

use super::problem::Problem;

/// What one access key may do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RequestLimits {
    /// Requests per second, at least 1. After a pause so many may come at once.
    pub per_second: u32,
    /// Requests that may be under way at once, at least 1.
    pub at_once: u32,
}

impl Default for RequestLimits {
    fn default() -> Self {
        Self { per_second: 4, at_once: 10 }
    }
}

/// Counts the requests of each access key.
#[derive(Clone, Debug)]
pub struct RateLimit {
    limits: RequestLimits,
    keys: Arc<Mutex<HashMap<String, Usage>>>,
}

#[derive(Clone, Copy, Debug)]
struct Usage {
    /// Until here the requests so far use up the allowance, one share of a second each.
    paid_until: Timestamp,
    under_way: u32,
}

/// A request that is under way; it ends when this is dropped.
#[derive(Debug)]
pub struct UnderWay {
    keys: Arc<Mutex<HashMap<String, Usage>>>,
    access_id: String,
}

impl RateLimit {
    /// Nobody has asked yet.
    pub fn new(limits: RequestLimits) -> Self {
        Self { limits, keys: Arc::default() }
    }

    /// Admits a request of `access_id`, or says when the next one may come.
    pub fn admit(&self, access_id: &str, now: Timestamp) -> Result<UnderWay, Problem> {
        let share = Duration::from_secs(1) / self.limits.per_second.max(1);
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let usage =
            keys.entry(access_id.to_owned()).or_insert(Usage { paid_until: Timestamp::EPOCH, under_way: 0 });
        let paid_until = usage.paid_until.max(now).plus(share);
        let ahead = paid_until.since(now);
        if ahead > Duration::from_secs(1).max(share) {
            let message =
                format!("The API request rate is higher than {} request per second.", self.limits.per_second);
            return Err(Problem::too_many(message, share));
        }
        if usage.under_way >= self.limits.at_once.max(1) {
            let message = format!("The in-flight API requests are higher than {}.", self.limits.at_once);
            return Err(Problem::too_many(message, Duration::from_secs(1)));
        }
        usage.paid_until = paid_until;
        usage.under_way += 1;
        Ok(UnderWay { keys: Arc::clone(&self.keys), access_id: access_id.to_owned() })
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(usage) = keys.get_mut(&self.access_id) {
            usage.under_way -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000 + millis)
    }

    fn limit(per_second: u32, at_once: u32) -> RateLimit {
        RateLimit::new(RequestLimits { per_second, at_once })
    }

    #[test]
    fn four_requests_may_come_at_once_and_then_one_each_quarter_of_a_second() {
        let limit = limit(4, 10);
        let admitted = |millis| limit.admit("su1", at(millis)).is_ok();
        assert_eq!([0, 0, 0, 0, 0].map(admitted), [true, true, true, true, false]);
        assert_eq!([249, 250, 251].map(admitted), [false, true, false]);
        assert!(limit.admit("su2", at(0)).is_ok(), "another key has its own allowance");
    }

    #[test]
    fn a_client_that_keeps_the_pace_is_never_refused() {
        let limit = limit(4, 10);
        assert!((0..1_000).all(|number| limit.admit("su1", at(number * 250)).is_ok()));
    }

    #[test]
    fn ten_requests_may_be_under_way() {
        let limit = limit(1_000, 10);
        let mut under_way: Vec<_> =
            (0..10).map(|number| limit.admit("su1", at(number)).expect("one of ten")).collect();
        let refusal = limit.admit("su1", at(20)).expect_err("the eleventh");
        assert_eq!(refusal.message, "The in-flight API requests are higher than 10.");
        assert_eq!(refusal.retry_after, Some(Duration::from_secs(1)));
        under_way.pop();
        assert!(limit.admit("su1", at(30)).is_ok());
    }
}
