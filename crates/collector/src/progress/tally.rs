//! The figures of one stream in this run.

use std::time::Duration;

use incydr_core::notice::Notice;
use incydr_core::timestamp::Timestamp;

/// What happened to the events of one stream in this run.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct StreamTally {
    /// Events and undecodable elements on the pages that were read to their end.
    pub fetched: u64,
    /// Events that every destination acknowledged.
    pub acknowledged: u64,
    /// Events that had been delivered before.
    pub duplicates: u64,
    /// Events that a processing rule excluded.
    pub excluded: u64,
    /// Events kept as dead letters.
    pub dead_letters: u64,
    /// Events longer than a destination keeps in one message.
    pub oversize: u64,
    /// Attempts that failed and were repeated.
    pub troubles: u64,
    /// Windows that were walked to their end.
    pub windows: u64,
    /// Bytes of the acknowledged events.
    pub bytes: u64,
    /// Bytes sent for them, over all destinations.
    pub sent_bytes: u64,
    /// Everything up to here was delivered; `None` when no window was closed in this run.
    pub watermark: Option<Timestamp>,
}

impl StreamTally {
    /// How far the watermark is behind `now`.
    pub fn lag(&self, now: Timestamp) -> Option<Duration> {
        self.watermark.map(|watermark| now.since(watermark))
    }

    pub(super) fn count(&mut self, notice: &Notice) {
        match notice {
            Notice::WindowOpened { .. } | Notice::Recovered => {}
            Notice::PageFetched { events, .. } => self.fetched += events,
            Notice::Acknowledged { events, bytes, sent_bytes, .. } => {
                self.acknowledged += events;
                self.bytes += bytes;
                self.sent_bytes += sent_bytes;
            }
            Notice::Duplicates { events } => self.duplicates += events,
            Notice::Excluded { events } => self.excluded += events,
            Notice::DeadLettered { .. } => self.dead_letters += 1,
            Notice::Oversize { .. } => self.oversize += 1,
            Notice::Trouble(_) | Notice::RequestFailed => self.troubles += 1,
            Notice::WindowClosed { watermark, .. } => {
                self.windows += 1;
                self.watermark = self.watermark.max(Some(*watermark));
            }
        }
    }
}
