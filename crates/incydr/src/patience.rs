//! How long an answer may take: a total, and a least pace for the body.
//!
//! Place on the path: hop 4. Pure. Only the time that was spent waiting for the vendor counts, so that a stalled
//! destination, during which nobody reads the page, never looks like a slow vendor.

use std::time::Duration;

use incydr_core::source::SourceFault;

/// A body that brings fewer bytes per second over a whole span is given up.
const LEAST_BYTES_PER_SECOND: f64 = 1024.0;

/// What is left of our patience with one answer.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Patience {
    total_left: Duration,
    span: Duration,
    span_left: Duration,
    span_bytes: u64,
    silence: Duration,
}

impl Patience {
    /// Patience for `total` in all, judged by pace after each `span`.
    pub(crate) fn new(total: Duration, span: Duration) -> Self {
        Self { total_left: total, span, span_left: span, span_bytes: 0, silence: Duration::ZERO }
    }

    /// How long to wait for the headers.
    pub(crate) fn for_headers(&self) -> Duration {
        self.total_left
    }

    /// The headers came after `waited`; the pace counts from here on.
    pub(crate) fn headers_came(&mut self, waited: Duration) {
        self.total_left = self.total_left.saturating_sub(waited);
    }

    /// How long to wait for the next chunk of the body before [`Patience::spend`] must judge.
    pub(crate) fn for_chunk(&self) -> Duration {
        self.total_left.min(self.span_left)
    }

    /// Waited so long for so many bytes. An error when that is all we wait.
    ///
    /// A body that has long been silent hangs (`Timeout`); one that still brings a little trickles (`Slow`).
    pub(crate) fn spend(&mut self, waited: Duration, bytes: u64) -> Result<(), SourceFault> {
        self.total_left = self.total_left.saturating_sub(waited);
        self.span_left = self.span_left.saturating_sub(waited);
        self.span_bytes = self.span_bytes.saturating_add(bytes);
        self.silence = if bytes == 0 { self.silence.saturating_add(waited) } else { Duration::ZERO };
        if self.total_left.is_zero() {
            return Err(SourceFault::Timeout);
        }
        if self.span_left.is_zero() {
            self.judge_span()?;
        }
        Ok(())
    }

    fn judge_span(&mut self) -> Result<(), SourceFault> {
        let least = self.span.as_secs_f64() * LEAST_BYTES_PER_SECOND;
        if (self.span_bytes as f64) < least {
            let hangs = self.silence >= self.span / 2;
            return Err(if hangs { SourceFault::Timeout } else { SourceFault::Slow });
        }
        self.span_left = self.span;
        self.span_bytes = 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn patience() -> Patience {
        Patience::new(200 * SECOND, 30 * SECOND)
    }

    #[test]
    fn a_body_just_above_the_least_pace_is_read_until_the_total_is_used_up() {
        let mut patience = patience();
        for _ in 0..199 {
            assert_eq!(patience.spend(SECOND, 1024), Ok(()));
        }
        assert_eq!(patience.spend(SECOND, 1024), Err(SourceFault::Timeout));
    }

    #[test]
    fn a_trickling_body_is_given_up_after_one_span() {
        let mut patience = patience();
        for _ in 0..29 {
            assert_eq!(patience.spend(SECOND, 1000), Ok(()));
        }
        assert_eq!(patience.spend(SECOND, 1000), Err(SourceFault::Slow));
    }

    #[test]
    fn a_body_that_hangs_times_out_after_one_span() {
        let mut patience = patience();
        assert_eq!(patience.spend(SECOND, 1_000_000), Ok(()));
        assert_eq!(patience.spend(29 * SECOND, 0), Ok(()));
        assert_eq!(patience.spend(30 * SECOND, 0), Err(SourceFault::Timeout));
    }

    #[test]
    fn waiting_for_the_headers_is_no_slow_body() {
        let mut patience = patience();
        patience.headers_came(190 * SECOND);
        assert_eq!(patience.for_chunk(), 10 * SECOND);
        assert_eq!(patience.spend(9 * SECOND, 1), Ok(()));
        assert_eq!(patience.spend(SECOND, 1), Err(SourceFault::Timeout));
    }
}
