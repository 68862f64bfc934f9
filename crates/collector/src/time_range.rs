//! `--since` and `--until`: from when to when events are wanted.

use std::time::Duration;

use incydr_core::timestamp::Timestamp;
use thiserror::Error;

use crate::printable::excerpt;
use crate::span::parse_span;

/// How far back the first run of a stream begins unless `--since` says otherwise.
pub const FIRST_RUN_REACHES_BACK: Duration = Duration::from_secs(24 * 60 * 60);

/// The stretch of time that the operator asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TimeRange {
    /// Where a stream without a checkpoint begins; `None` when the operator did not say.
    pub since: Option<Timestamp>,
    /// Where collection ends; `None` for the present.
    pub until: Option<Timestamp>,
}

/// Why the two options make no time range.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum TimeRangeError {
    /// Neither a timestamp nor a span.
    #[error(
        "`{option} {text}` is no time; write RFC 3339 as in `2025-01-28T00:00:00Z`, a date as in `2025-01-28`, or a \
         span before now as in `24h` or `90d`"
    )]
    Unreadable {
        /// The option's name.
        option: &'static str,
        /// What stands there, shortened.
        text: String,
    },
    /// A time that has not come yet.
    #[error("`{option} {time}` lies in the future; name a time before {now}")]
    Future {
        /// The option's name.
        option: &'static str,
        /// The time as it was understood.
        time: Timestamp,
        /// The present.
        now: Timestamp,
    },
    /// The range is empty.
    #[error("`--since {since}` is not before `--until {until}`; name an earlier `--since`")]
    Empty {
        /// The beginning as it was understood.
        since: Timestamp,
        /// The end as it was understood.
        until: Timestamp,
    },
}

impl TimeRange {
    /// Reads both options, as seen at `now`.
    pub fn parse(since: Option<&str>, until: Option<&str>, now: Timestamp) -> Result<Self, TimeRangeError> {
        let past = |option, text: Option<&str>| text.map(|text| past_instant(option, text, now)).transpose();
        let range = Self { since: past("--since", since)?, until: past("--until", until)? };
        let first = range.since_or_default(now);
        match range.until {
            Some(until) if first >= until => Err(TimeRangeError::Empty { since: first, until }),
            Some(_) | None => Ok(range),
        }
    }

    /// Where a stream without a checkpoint begins.
    pub fn since_or_default(&self, now: Timestamp) -> Timestamp {
        self.since.unwrap_or_else(|| now.minus(FIRST_RUN_REACHES_BACK))
    }
}

fn past_instant(option: &'static str, text: &str, now: Timestamp) -> Result<Timestamp, TimeRangeError> {
    let time =
        instant(text, now).ok_or_else(|| TimeRangeError::Unreadable { option, text: excerpt(text, 40) })?;
    if time > now { Err(TimeRangeError::Future { option, time, now }) } else { Ok(time) }
}

/// RFC 3339, a date (its midnight in UTC), or a span before `now`.
fn instant(text: &str, now: Timestamp) -> Option<Timestamp> {
    if let Ok(span) = parse_span(text) {
        return Some(now.minus(span));
    }
    let is_date = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    if is_date {
        return Timestamp::parse(format!("{text}T00:00:00Z").as_bytes());
    }
    Timestamp::parse(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text.as_bytes()).expect(text)
    }

    fn now() -> Timestamp {
        at("2025-06-30T12:00:00Z")
    }

    #[test]
    fn a_time_may_be_a_timestamp_a_date_or_a_span_before_now() {
        for (text, instant) in [
            ("2025-06-01T00:00:00Z", "2025-06-01T00:00:00Z"),
            ("2025-06-01T02:00:00+02:00", "2025-06-01T00:00:00Z"),
            ("2025-06-01", "2025-06-01T00:00:00Z"),
            ("24h", "2025-06-29T12:00:00Z"),
            ("2w", "2025-06-16T12:00:00Z"),
            ("15m", "2025-06-30T11:45:00Z"),
        ] {
            let range = TimeRange::parse(Some(text), None, now()).expect(text);
            assert_eq!(range.since, Some(at(instant)), "{text}");
        }
    }

    #[test]
    fn a_first_run_reaches_back_one_day_unless_told_otherwise() {
        let range = TimeRange::parse(None, None, now()).expect("no options");
        assert_eq!(range, TimeRange::default());
        assert_eq!(range.since_or_default(now()), at("2025-06-29T12:00:00Z"));
    }

    #[test]
    fn an_empty_range_or_a_time_to_come_is_refused() {
        for (since, until) in [
            (Some("1h"), Some("2h")),
            (Some("2025-06-01"), Some("2025-06-01")),
            (None, Some("2d")),
            (Some("2025-07-01"), None),
            (None, Some("2025-06-30T12:00:00.001Z")),
        ] {
            assert!(TimeRange::parse(since, until, now()).is_err(), "{since:?} {until:?}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused_with_the_option_s_name() {
        for text in ["", "yesterday", "2025-13-01", "2025-02-30", "24", "1025", "\u{1b}[2J"] {
            let error = TimeRange::parse(Some(text), None, now()).expect_err(text).to_string();
            assert!(error.starts_with("`--since ") && !error.contains('\u{1b}'), "{error}");
        }
    }

    proptest! {
        #[test]
        fn a_range_that_is_accepted_never_runs_backwards(since in 0_u64..5_000, until in 0_u64..5_000) {
            let (since, until) = (format!("{since}m"), format!("{until}m"));
            if let Ok(range) = TimeRange::parse(Some(&since), Some(&until), now()) {
                prop_assert!(range.since < range.until);
            }
        }
    }
}
