//! A point in time, as precise as the vendor writes it.
//!
//! Not for: measuring how long something took (that is `clock`'s monotonic business).

use std::fmt;
use std::time::Duration;

/// Nanoseconds since the Unix epoch, UTC. Covers the years 1678 to 2261.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

const NANOS_PER_MILLI: i64 = 1_000_000;
const NANOS_PER_SECOND: i64 = 1_000_000_000;

impl Timestamp {
    /// The Unix epoch.
    pub const EPOCH: Self = Self(0);

    /// From nanoseconds since the Unix epoch.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// From milliseconds since the Unix epoch; saturates at the ends of the range.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(NANOS_PER_MILLI))
    }

    /// Nanoseconds since the Unix epoch.
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// Whole milliseconds since the Unix epoch, rounded down: never later than the instant itself.
    pub const fn as_millis(self) -> i64 {
        self.0.div_euclid(NANOS_PER_MILLI)
    }

    /// The same instant cut to whole milliseconds, which is all that Incydr's filters compare.
    #[must_use]
    pub const fn floor_to_millis(self) -> Self {
        Self::from_millis(self.as_millis())
    }

    /// Reads an RFC 3339 timestamp with any number of fraction digits (those past nanoseconds are cut).
    ///
    /// Accepts any offset; `None` for anything that is not a timestamp or lies outside the range.
    pub fn parse(text: &[u8]) -> Option<Self> {
        parse_utc(text).or_else(|| {
            let instant: jiff::Timestamp = std::str::from_utf8(text).ok()?.parse().ok()?;
            i64::try_from(instant.as_nanosecond()).ok().map(Self)
        })
    }

    /// The time from `earlier` to `self`; zero when `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// This instant plus `span`; saturates.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(nanos_of(span)))
    }

    /// This instant minus `span`; saturates.
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(nanos_of(span)))
    }

    /// The UTC day, as `YYYY-MM-DD`.
    pub fn date(self) -> String {
        self.in_utc().strftime("%Y-%m-%d").to_string()
    }

    fn in_utc(self) -> jiff::Zoned {
        jiff::Timestamp::from_nanosecond(i128::from(self.0))
            .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
            .to_zoned(jiff::tz::TimeZone::UTC)
    }
}

fn nanos_of(span: Duration) -> i64 {
    i64::try_from(span.as_nanos()).unwrap_or(i64::MAX)
}

/// The fast path for the one form that event payloads use, `YYYY-MM-DDTHH:MM:SS[.digits]Z`.
fn parse_utc(text: &[u8]) -> Option<Timestamp> {
    let (whole, rest) = text.split_at_checked(19)?;
    let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if separators.iter().any(|&(at, byte)| whole[at] != byte) {
        return None;
    }
    let number = |from: usize, to: usize| digits(&whole[from..to]);
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if !(1..=12).contains(&month) || day < 1 || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    if day > days_in_month(year, month) {
        return None;
    }
    let nanos = match rest {
        b"Z" => 0,
        [b'.', fraction @ .., b'Z'] if !fraction.is_empty() => fraction_nanos(fraction)?,
        _ => return None,
    };
    let seconds = ((days_from_epoch(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    seconds.checked_mul(NANOS_PER_SECOND)?.checked_add(nanos).map(Timestamp)
}

fn digits(text: &[u8]) -> Option<i64> {
    text.iter()
        .try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0')))
}

fn fraction_nanos(fraction: &[u8]) -> Option<i64> {
    fraction.iter().all(u8::is_ascii_digit).then_some(())?;
    let kept = &fraction[..fraction.len().min(9)];
    let missing = u32::try_from(9 - kept.len()).ok()?;
    Some(digits(kept)? * 10_i64.pow(missing))
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar; years are counted from March, so that the leap day
/// comes last.
fn days_from_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC with exactly three fraction digits, the form that Incydr's own clients send.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.in_utc().strftime("%Y-%m-%dT%H:%M:%S.%3fZ"))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.in_utc().strftime("%Y-%m-%dT%H:%M:%S.%9fZ"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_every_precision_the_vendor_writes() {
        for (text, nanos) in [
            ("2009-02-04T05:49:16Z", 1_233_726_556_000_000_000),
            ("2025-01-28T01:24:24.362976Z", 1_738_027_464_362_976_000),
            ("2025-01-28T01:24:24.362976033Z", 1_738_027_464_362_976_033),
            ("2025-01-28T01:24:24.3629760339Z", 1_738_027_464_362_976_033),
            ("2025-01-28T01:24:24.36297603344444444444444444444Z", 1_738_027_464_362_976_033),
            ("2025-01-28T02:24:24.362976+01:00", 1_738_027_464_362_976_000),
        ] {
            assert_eq!(Timestamp::parse(text.as_bytes()).map(Timestamp::as_nanos), Some(nanos), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_timestamp() {
        for text in ["", "yesterday", "2025-13-01T00:00:00Z", "2025-02-30T00:00:00Z", "2025-01-01T00:00:00.Z"]
        {
            assert_eq!(Timestamp::parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_cut_to_milliseconds_is_never_later_even_before_the_epoch() {
        let before = Timestamp::from_nanos(-1);
        assert!(before.floor_to_millis() <= before);
        assert_eq!(before.floor_to_millis().to_string(), "1969-12-31T23:59:59.999Z");
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_to_the_millisecond(millis in -2_000_000_000_000_i64..4_000_000_000_000) {
            let instant = Timestamp::from_millis(millis);
            prop_assert_eq!(Timestamp::parse(instant.to_string().as_bytes()), Some(instant));
        }
    }
}
