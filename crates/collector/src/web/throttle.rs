//! Slows down those who guess credentials.
//!
//! Failures are counted per address and access ID, so that nobody can lock others out, and per address, so that
//! nobody can try one key on many IDs.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use incydr_core::timestamp::Timestamp;

/// So many failures are free.
const FREE_FAILURES: u32 = 5;
/// So many of one address, with whatever IDs, are free.
const FREE_FAILURES_OF_ADDRESS: u32 = 20;
/// The wait after the first failure that is not free; each further one doubles it.
const FIRST_WAIT: Duration = Duration::from_secs(12);
/// No wait is longer.
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);
/// So many pairs are remembered. Beyond that the oldest are forgotten.
const MAX_REMEMBERED: usize = 10_000;

/// Who failed: an address alone, or with the access ID that it used.
type Who = (IpAddr, Option<String>);

/// Remembers failed authentications.
#[derive(Debug, Default)]
pub struct Throttle {
    failures: Mutex<HashMap<Who, Failures>>,
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last: Timestamp,
}

impl Throttle {
    /// How long `address` must wait before it may try `access_id`; zero when it may try now. Failures with other IDs
    /// do not count for a caller `is_known`, whose credentials were proved before: else whoever guesses would lock
    /// out everybody at the same address.
    pub fn wait(&self, address: IpAddr, access_id: &str, is_known: bool, now: Timestamp) -> Duration {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = |who: &Who, free| failures.get(who).map_or(Duration::ZERO, |known| known.wait(free, now));
        let of_pair = wait(&(address, Some(access_id.to_owned())), FREE_FAILURES);
        if is_known { of_pair } else { of_pair.max(wait(&(address, None), FREE_FAILURES_OF_ADDRESS)) }
    }

    /// `address` has failed with `access_id`.
    pub fn failed(&self, address: IpAddr, access_id: &str, now: Timestamp) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= MAX_REMEMBERED {
            failures.retain(|_, known| now.since(known.last) < LONGEST_WAIT);
        }
        if failures.len() >= MAX_REMEMBERED {
            failures.clear();
        }
        for who in [(address, Some(access_id.to_owned())), (address, None)] {
            let known = failures.entry(who).or_insert(Failures { count: 0, last: now });
            *known = known.and_one_more(now);
        }
    }

    /// `address` has succeeded with `access_id`.
    pub fn succeeded(&self, address: IpAddr, access_id: &str) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.remove(&(address, Some(access_id.to_owned())));
    }
}

impl Failures {
    fn and_one_more(self, now: Timestamp) -> Self {
        let forgiven = now.since(self.last) >= LONGEST_WAIT;
        Self { count: if forgiven { 1 } else { self.count.saturating_add(1) }, last: now }
    }

    fn wait(self, free: u32, now: Timestamp) -> Duration {
        let Some(doublings) = self.count.checked_sub(free) else { return Duration::ZERO };
        let wait = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(doublings)).min(LONGEST_WAIT);
        self.last.plus(wait).since(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const THERE: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));

    fn at(second: i64) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000 + second * 1_000)
    }

    #[test]
    fn five_failures_are_free_and_each_further_one_doubles_the_wait_to_a_quarter_of_an_hour() {
        let throttle = Throttle::default();
        for _ in 0..4 {
            throttle.failed(HERE, "su1", at(0));
        }
        assert_eq!(throttle.wait(HERE, "su1", false, at(0)), Duration::ZERO);
        throttle.failed(HERE, "su1", at(0));
        assert_eq!(throttle.wait(HERE, "su1", false, at(0)), Duration::from_secs(12));
        assert_eq!(throttle.wait(HERE, "su1", false, at(5)), Duration::from_secs(7));
        assert_eq!(throttle.wait(HERE, "su1", false, at(12)), Duration::ZERO);
        for _ in 0..14 {
            throttle.failed(HERE, "su1", at(12));
        }
        assert_eq!(throttle.wait(HERE, "su1", false, at(12)), LONGEST_WAIT);
    }

    #[test]
    fn nobody_can_lock_out_another_address_or_another_id() {
        let throttle = Throttle::default();
        for _ in 0..10 {
            throttle.failed(HERE, "su1", at(0));
        }
        assert_eq!(throttle.wait(THERE, "su1", false, at(0)), Duration::ZERO);
        assert_eq!(throttle.wait(HERE, "su2", false, at(0)), Duration::ZERO);
    }

    #[test]
    fn many_ids_from_one_address_are_slowed_down_as_well() {
        let throttle = Throttle::default();
        for number in 0..20 {
            throttle.failed(HERE, &format!("su{number}"), at(0));
        }
        assert!(throttle.wait(HERE, "another", false, at(0)) > Duration::ZERO);
        assert_eq!(throttle.wait(HERE, "another", true, at(0)), Duration::ZERO, "it was proved before");
    }

    #[test]
    fn success_forgives_the_failures_of_the_id() {
        let throttle = Throttle::default();
        for _ in 0..5 {
            throttle.failed(HERE, "su1", at(0));
        }
        throttle.succeeded(HERE, "su1");
        assert_eq!(throttle.wait(HERE, "su1", false, at(0)), Duration::ZERO);
    }
}
