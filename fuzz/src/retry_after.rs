//! `Retry-After`: no header puts the collector to sleep for longer than the limit, or to no sleep by accident.
//!
//! An input is the header's value; a line break may follow, and then the answer's own `Date`.

use std::time::Duration;

use incydr_core::retry_after::{LONGEST_WAIT, http_date, parse};
use memchr::memchr;

/// Reads the input as the two headers of one answer.
pub fn check(input: &[u8]) {
    let (value, date) = match memchr(b'\n', input) {
        Some(end) => (&input[..end], &input[end + 1..]),
        None => (input, [].as_slice()),
    };
    let answered_at = std::str::from_utf8(date).ok().and_then(http_date);
    let wait = parse(value, answered_at);
    assert!(wait.is_none_or(|wait| wait <= LONGEST_WAIT), "no wait is longer than the limit");
    match seconds_of(value) {
        Some(seconds) => {
            assert_eq!(wait, Some(seconds.min(LONGEST_WAIT)), "seconds are taken as they are");
        }
        None => assert_eq!(parse(value, None), None, "only seconds can do without the answer's date"),
    }
}

/// The value as whole seconds, read in another way; too many to count are as good as for ever.
fn seconds_of(value: &[u8]) -> Option<Duration> {
    let digits = std::str::from_utf8(value).ok()?.trim();
    if digits.is_empty() {
        return None;
    }
    digits.chars().try_fold(Duration::ZERO, |total, digit| {
        let digit = u64::from(digit.is_ascii().then(|| digit.to_digit(10)).flatten()?);
        Some(total.saturating_mul(10).saturating_add(Duration::from_secs(digit)))
    })
}
