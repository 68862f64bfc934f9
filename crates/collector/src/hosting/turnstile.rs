//! Keeps first polls apart that something has held up together.
//!
//! Sources that start together begin one after the other (`spread.rs`). But a disk that is slow for a second makes
//! those that come meanwhile wait for their place, and would then let all of them ask at once.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use incydr_core::checkpoint::WalkRange;
use incydr_core::source::{Page, Source, SourceError};
use incydr_core::stream::Stream;
use incydr_core::timestamp::Timestamp;

use super::fleet::Common;

/// Where first polls pass one by one, those of each stream for themselves.
#[derive(Debug, Default)]
pub(super) struct Turnstile {
    /// When the next one may pass.
    free: Mutex<BTreeMap<Stream, Timestamp>>,
}

impl Turnstile {
    /// How long the poll of `stream` that comes `now` must wait; the next one keeps `spacing` behind it.
    fn wait(&self, stream: Stream, spacing: Duration, now: Timestamp) -> Duration {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let free = free.entry(stream).or_insert(now);
        let passes = (*free).max(now);
        *free = passes.plus(spacing);
        passes.since(now)
    }
}

/// A source whose first page passes the turnstile.
struct Spaced {
    source: Box<dyn Source>,
    common: Arc<Common>,
    spacing: Duration,
    has_passed: AtomicBool,
}

/// `source`, whose first page passes the turnstile of the fleet, with so much space behind it.
pub(super) fn spaced(source: Box<dyn Source>, common: Arc<Common>, spacing: Duration) -> Box<dyn Source> {
    Box::new(Spaced { source, common, spacing, has_passed: AtomicBool::new(false) })
}

#[async_trait]
impl Source for Spaced {
    fn stream(&self) -> Stream {
        self.source.stream()
    }

    async fn fetch_page(&self, range: &WalkRange, page_size: u32) -> Result<Box<dyn Page>, SourceError> {
        if !self.has_passed.swap(true, Ordering::Relaxed) {
            let wait = self.common.turnstile.wait(self.stream(), self.spacing, self.common.clock.now());
            self.common.clock.sleep(wait).await;
        }
        self.source.fetch_page(range, page_size).await
    }

    async fn count(&self, from: Timestamp, to: Timestamp) -> Result<Option<u64>, SourceError> {
        self.source.count(from, to).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPACING: Duration = Duration::from_millis(21);

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(1_768_000_000_000 + millis)
    }

    // F69
    #[test]
    fn polls_that_were_held_up_together_pass_one_after_the_other() {
        let turnstile = Turnstile::default();
        let wait = |millis| turnstile.wait(Stream::FileEvents, SPACING, at(millis)).as_millis();
        assert_eq!([0, 30, 60].map(wait), [0, 0, 0], "nobody waits who keeps the pace");
        assert_eq!([900, 900, 900, 901].map(wait), [0, 21, 42, 62]);
        assert_eq!(wait(2_000), 0);
        assert_eq!(
            turnstile.wait(Stream::Alerts, SPACING, at(900)),
            Duration::ZERO,
            "each stream for itself"
        );
    }
}
