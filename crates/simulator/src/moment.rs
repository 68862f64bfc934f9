//! A point in time, as the simulated services write and compare it.
//!
//! The simulators are an independent witness, so this is not the collector's own notion of time.

use std::time::Duration;

use jiff::tz::Offset;

const NANOS_PER_MILLI: i64 = 1_000_000;

/// Nanoseconds since the Unix epoch, UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Moment(i64);

impl Moment {
    /// From nanoseconds since the Unix epoch.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// From milliseconds since the Unix epoch; saturates.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(NANOS_PER_MILLI))
    }

    /// Nanoseconds since the Unix epoch.
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// Whole milliseconds since the Unix epoch, rounded down.
    pub const fn as_millis(self) -> i64 {
        self.0.div_euclid(NANOS_PER_MILLI)
    }

    /// The same moment, keeping only `digits` fraction digits of its second.
    #[must_use]
    pub const fn cut_to(self, digits: u32) -> Self {
        let unit = 10_i64.pow(9_u32.saturating_sub(digits));
        Self(self.0.div_euclid(unit) * unit)
    }

    /// Reads an RFC 3339 timestamp with any number of fraction digits and any offset.
    pub fn parse(text: &str) -> Option<Self> {
        let instant: jiff::Timestamp = text.parse().ok()?;
        i64::try_from(instant.as_nanosecond()).ok().map(Self)
    }

    /// Reads a date, `yyyy-MM-dd`, as the first moment of that UTC day.
    pub fn parse_date(text: &str) -> Option<Self> {
        let date: jiff::civil::Date = text.parse().ok()?;
        let midnight = Offset::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()?;
        i64::try_from(midnight.as_nanosecond()).ok().map(Self)
    }

    /// This moment plus `span`; saturates.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(nanos_of(span)))
    }

    /// This moment minus `span`; saturates.
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(nanos_of(span)))
    }

    /// The time from `earlier` to this moment; zero when `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// RFC 3339 in UTC with exactly `digits` (0 to 9) fraction digits.
    pub fn iso(self, digits: u32) -> String {
        let mut out = Vec::with_capacity(30);
        self.write_iso(&mut out, digits);
        String::from_utf8(out).unwrap_or_default()
    }

    /// Appends what [`Moment::iso`] returns. On the hot path of a page, hence written digit by digit.
    pub(crate) fn write_iso(self, out: &mut Vec<u8>, digits: u32) {
        let instant =
            jiff::Timestamp::from_nanosecond(i128::from(self.0)).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let civil = Offset::UTC.to_datetime(instant);
        let two = |number: i8| u64::from(number.unsigned_abs());
        write_digits(out, u64::from(civil.year().unsigned_abs()), 4);
        for (separator, number) in [
            (b'-', civil.month()),
            (b'-', civil.day()),
            (b'T', civil.hour()),
            (b':', civil.minute()),
            (b':', civil.second()),
        ] {
            out.push(separator);
            write_digits(out, two(number), 2);
        }
        if digits > 0 {
            out.push(b'.');
            let nanos = u64::from(civil.subsec_nanosecond().unsigned_abs());
            write_digits(out, nanos / 10_u64.pow(9 - digits.min(9)), digits.min(9));
        }
        out.push(b'Z');
    }
}

fn nanos_of(span: Duration) -> i64 {
    i64::try_from(span.as_nanos()).unwrap_or(i64::MAX)
}

/// Appends the last `width` decimal digits of `number`, zeros in front.
pub(crate) fn write_digits(out: &mut Vec<u8>, number: u64, width: u32) {
    let mut unit = 10_u64.pow(width.saturating_sub(1));
    while unit > 0 {
        out.push(b'0' + u8::try_from(number / unit % 10).unwrap_or(0));
        unit /= 10;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_precision_reads_back_as_it_was_written() {
        for (text, digits) in [
            ("2009-02-04T05:49:16Z", 0),
            ("2026-01-10T08:10:04.208Z", 3),
            ("2025-01-28T01:24:24.362976Z", 6),
            ("2026-01-10T08:20:01.816033973Z", 9),
        ] {
            assert_eq!(Moment::parse(text).map(|moment| moment.iso(digits)).as_deref(), Some(text));
        }
    }

    #[test]
    fn a_cut_moment_is_never_later() {
        let moment = Moment::from_nanos(-1);
        assert_eq!(moment.cut_to(3), Moment::from_millis(-1));
        assert_eq!(Moment::from_nanos(1_999_999).cut_to(3), Moment::from_millis(1));
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_cut_to_its_digits(nanos in 0..4_000_000_000_000_000_000_i64, digits in 0..=9_u32) {
            let moment = Moment::from_nanos(nanos);
            prop_assert_eq!(Moment::parse(&moment.iso(digits)), Some(moment.cut_to(digits)));
        }
    }
}
