//! A stretch of whole milliseconds, half open. Pure.

use incydr_core::timestamp::Timestamp;

/// From one millisecond up to, but without, another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Span {
    start: i64,
    end: i64,
}

impl Span {
    /// All instants whose milliseconds lie from `from` to `to`, both inclusive.
    pub(crate) fn between(from: Timestamp, to: Timestamp) -> Self {
        Self { start: from.as_millis(), end: to.as_millis().saturating_add(1) }
    }

    /// The part of this span from `instant` on.
    pub(super) fn starting_at(self, instant: Timestamp) -> Self {
        Self { start: instant.as_millis().max(self.start), ..self }
    }

    /// The first milliseconds of this span, at least one and at most `width`.
    pub(super) fn shortened_to(self, width: i64) -> Self {
        Self { end: self.end.min(self.start.saturating_add(width.max(1))), ..self }
    }

    pub(super) fn width(self) -> i64 {
        self.end.saturating_sub(self.start)
    }

    pub(super) fn is_empty(self) -> bool {
        self.end <= self.start
    }

    pub(super) fn is_one_millisecond(self) -> bool {
        self.width() == 1
    }

    /// Whether something that happened at `instant` belongs here, to the nanosecond.
    pub(super) fn owns(self, instant: Timestamp) -> bool {
        (self.start..self.end).contains(&instant.as_millis())
    }

    /// The first millisecond.
    pub(crate) fn start_millis(self) -> i64 {
        self.start
    }

    /// The first millisecond after it.
    pub(crate) fn end_millis(self) -> i64 {
        self.end
    }

    /// The first instant.
    pub(crate) fn start(self) -> Timestamp {
        Timestamp::from_millis(self.start)
    }

    /// The first instant after it.
    pub(crate) fn end(self) -> Timestamp {
        Timestamp::from_millis(self.end)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn spans_cut_one_after_the_other_own_every_instant_exactly_once(
            from in -1_000_i64..1_000,
            length in 0_i64..1_000,
            widths in proptest::collection::vec(0_i64..300, 1..50),
            nanos in -3_000_000_000_i64..3_000_000_000,
        ) {
            let whole = Span::between(Timestamp::from_millis(from), Timestamp::from_millis(from + length));
            let mut rest = whole;
            let mut owners = 0;
            let instant = Timestamp::from_nanos(nanos);
            for width in widths.into_iter().chain(std::iter::repeat(i64::MAX)) {
                if rest.is_empty() {
                    break;
                }
                let span = rest.shortened_to(width);
                prop_assert!(!span.is_empty());
                owners += u32::from(span.owns(instant));
                rest = rest.starting_at(span.end());
            }
            prop_assert_eq!(owners, u32::from(whole.owns(instant)));
        }
    }
}
