//! Reads the `Retry-After` header.
//!
//! Place on the path: hops 4 and 7, when a service asks for patience. Pure, so that it can be fuzzed; it never reads
//! a clock: a date is measured against the `Date` of the same answer, so that our own clock may be wrong.

use std::time::Duration;

use crate::timestamp::Timestamp;

/// However long a service asks, we ask again after this.
pub const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);

/// How long to wait, at most [`LONGEST_WAIT`]; `None` for anything that says nothing usable.
///
/// `value` is either whole seconds or an HTTP date. A date needs `answered_at`, the answer's own `Date`; one that
/// has already passed means zero. A negative number is as good as no header.
pub fn parse(value: &[u8], answered_at: Option<Timestamp>) -> Option<Duration> {
    let text = std::str::from_utf8(value).ok()?.trim();
    let wait = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().map_or(LONGEST_WAIT, Duration::from_secs)
    } else {
        http_date(text)?.since(answered_at?)
    };
    Some(wait.min(LONGEST_WAIT))
}

/// Reads an HTTP date in the one form that servers may still generate, `Sun, 06 Nov 1994 08:49:37 GMT`.
pub fn http_date(text: &str) -> Option<Timestamp> {
    static PARSER: jiff::fmt::rfc2822::DateTimeParser = jiff::fmt::rfc2822::DateTimeParser::new();
    let instant = PARSER.parse_timestamp(text).ok()?;
    Some(Timestamp::from_millis(instant.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Option<Timestamp> {
        Timestamp::parse(text.as_bytes())
    }

    #[test]
    fn seconds_are_taken_as_they_are_up_to_a_quarter_of_an_hour() {
        for (value, seconds) in
            [("0", 0), ("1", 1), (" 60 ", 60), ("86400", 900), ("99999999999999999999999", 900)]
        {
            assert_eq!(parse(value.as_bytes(), None), Some(Duration::from_secs(seconds)), "{value}");
        }
    }

    #[test]
    fn a_date_is_measured_against_the_date_of_the_same_answer() {
        let answered = at("1994-11-06T08:49:07Z");
        assert_eq!(parse(b"Sun, 06 Nov 1994 08:49:37 GMT", answered), Some(Duration::from_secs(30)));
        assert_eq!(parse(b"Sun, 06 Nov 1994 08:00:00 GMT", answered), Some(Duration::ZERO));
        assert_eq!(parse(b"Mon, 07 Nov 1994 08:49:37 GMT", answered), Some(LONGEST_WAIT));
        assert_eq!(parse(b"Sun, 06 Nov 1994 08:49:37 GMT", None), None);
    }

    #[test]
    fn what_is_negative_or_garbage_says_nothing() {
        for value in ["", "-5", "+5", "1.5", "soon", "Sun, 99 Nov 1994 08:49:37 GMT", "\u{661}"] {
            assert_eq!(parse(value.as_bytes(), at("2026-01-01T00:00:00Z")), None, "{value}");
        }
        assert_eq!(parse(b"\xff\xfe", None), None);
    }

    proptest! {
        #[test]
        fn whatever_the_header_says_the_wait_is_bounded(
            value in proptest::collection::vec(any::<u8>(), 0..64),
            answered in any::<Option<i64>>(),
        ) {
            let wait = parse(&value, answered.map(Timestamp::from_nanos));
            prop_assert!(wait.is_none_or(|wait| wait <= LONGEST_WAIT));
        }
    }
}
