//! A span of time as people write it: a whole number and one unit, as in `90d`.

use std::time::Duration;

use thiserror::Error;

use crate::printable::excerpt;

/// The units with their length in milliseconds; `ms` stands first, because it ends in another unit.
const UNITS: [(&str, u64); 6] =
    [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("w", 604_800_000)];

/// A text that is no span.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error(
    "`{0}` is no span of time; write a whole number and a unit of ms, s, m, h, d or w, as in `15m` or `24h`"
)]
pub struct SpanError(String);

/// Reads a span such as `15m`, `24h`, `90d` or `2w`.
pub fn parse_span(text: &str) -> Result<Duration, SpanError> {
    let refused = || SpanError(excerpt(text, 40));
    let (number, length) = UNITS
        .iter()
        .find_map(|&(unit, length)| Some((text.strip_suffix(unit)?, length)))
        .ok_or_else(refused)?;
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(refused());
    }
    let millis = number.parse::<u64>().ok().and_then(|number| number.checked_mul(length));
    millis.map(Duration::from_millis).ok_or_else(refused)
}

/// How a span is shown: at most its two largest units, as in `1d 4h`.
pub fn show_span(span: Duration) -> String {
    let seconds = span.as_secs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, minutes) => format!("{minutes}m {}s", seconds % 60),
        (0, hours, minutes) => format!("{hours}h {minutes}m"),
        (days, hours, _) => format!("{days}d {hours}h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_unit_is_read() {
        for (text, seconds) in
            [("90s", 90), ("15m", 900), ("24h", 86_400), ("90d", 7_776_000), ("2w", 1_209_600), ("2000ms", 2)]
        {
            assert_eq!(parse_span(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn what_is_no_span_is_refused_with_the_way_to_write_one() {
        for text in ["", "h", "24", "-1h", "1.5h", "24 h", "1h30m", "99999999999999999999d", "+3d", "٣d"] {
            let error = parse_span(text).expect_err(text).to_string();
            assert!(error.contains("as in `15m`"), "{error}");
        }
    }

    #[test]
    fn a_shown_span_has_at_most_two_units() {
        for (seconds, shown) in [(0, "0s"), (59, "59s"), (61, "1m 1s"), (3_700, "1h 1m"), (90_061, "1d 1h")] {
            assert_eq!(show_span(Duration::from_secs(seconds)), shown);
        }
    }

    proptest! {
        #[test]
        fn a_whole_number_of_a_unit_is_read(number in 0_u64..1_000_000) {
            let text = format!("{number}m");
            prop_assert_eq!(parse_span(&text), Ok(Duration::from_secs(number * 60)));
        }

        #[test]
        fn whatever_is_accepted_begins_with_a_digit(text in any::<String>()) {
            prop_assert!(parse_span(&text).is_err() || text.starts_with(|first: char| first.is_ascii_digit()));
        }
    }
}
