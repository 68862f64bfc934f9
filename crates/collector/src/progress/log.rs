//! The log lines of one stream.
//!
//! What repeats (progress, the same trouble, dead letters) is written at most every ten seconds; the figures in the
//! next line hold what was left out.

use std::time::Duration;

use incydr_core::health::{ErrorType, Trouble};
use incydr_core::notice::Notice;
use incydr_core::stream::Stream;
use incydr_core::timestamp::Timestamp;
use tracing::{debug, error, info, warn};

use super::Glance;
use super::tally::StreamTally;

const LEAST_PAUSE: Duration = Duration::from_secs(10);

/// Writes the log of one stream.
pub(super) struct StreamLog {
    stream: Stream,
    /// Whether the course of things is logged too; on a terminal the bars show it.
    is_complete: bool,
    progress: Pause,
    dead_letters: Pause,
    trouble: Pause,
    /// The trouble that was written last and is not over.
    open_trouble: Option<&'static str>,
}

/// When a kind of line was last written.
#[derive(Default)]
struct Pause(Option<Timestamp>);

impl Pause {
    fn is_over(&mut self, now: Timestamp) -> bool {
        let is_over = self.0.is_none_or(|last| now.since(last) >= LEAST_PAUSE || now < last);
        if is_over {
            self.0 = Some(now);
        }
        is_over
    }
}

impl StreamLog {
    pub(super) fn new(stream: Stream, is_complete: bool) -> Self {
        let (progress, dead_letters, trouble) = Default::default();
        Self { stream, is_complete, progress, dead_letters, trouble, open_trouble: None }
    }

    pub(super) fn take(&mut self, notice: &Notice, tally: &StreamTally, glance: &Glance, now: Timestamp) {
        let stream = self.stream.as_str();
        match notice {
            Notice::WindowOpened { from, to, ranges, resumed } => {
                debug!(stream, %from, %to, ranges, resumed, "window opened");
            }
            Notice::PageFetched { .. } | Notice::Acknowledged { .. } => self.progress(tally, glance, now),
            Notice::Duplicates { events } => debug!(stream, events, "delivered before"),
            Notice::Excluded { events } => debug!(stream, events, "excluded by a rule"),
            Notice::DeadLettered { reason } => {
                if self.dead_letters.is_over(now) {
                    warn!(stream, dead_letters = tally.dead_letters, reason, "kept a dead letter");
                }
            }
            Notice::RequestFailed => debug!(stream, "a request failed"),
            Notice::Oversize { bytes } => debug!(stream, bytes, "sent an oversize event whole"),
            Notice::Trouble(trouble) => self.trouble(trouble, now),
            Notice::Recovered => {
                if let Some(tracker) = self.open_trouble.take() {
                    info!(stream, tracker, "recovered");
                }
            }
            Notice::WindowClosed { watermark, expected, unique } => {
                if self.is_complete {
                    let delivered = tally.acknowledged;
                    info!(stream, %watermark, expected, unique, delivered, "window closed");
                }
            }
        }
    }

    fn progress(&mut self, tally: &StreamTally, glance: &Glance, now: Timestamp) {
        if !self.is_complete || !self.progress.is_over(now) {
            return;
        }
        info!(
            stream = self.stream.as_str(),
            fetched = tally.fetched,
            delivered = tally.acknowledged,
            per_second = glance.per_second,
            reached = glance.reached.map(tracing::field::display),
            lag_seconds = glance.lag.map(|lag| lag.as_secs()),
            "collecting"
        );
    }

    fn trouble(&mut self, trouble: &Trouble, now: Timestamp) {
        let is_new = self.open_trouble != Some(trouble.tracker);
        if !self.trouble.is_over(now) && !is_new {
            return;
        }
        self.open_trouble = Some(trouble.tracker);
        let (stream, tracker) = (self.stream.as_str(), trouble.tracker);
        let (health_event, error_code) = (trouble.error_type.event_name(), trouble.error_code);
        match trouble.error_type {
            ErrorType::ThirdPartyConfig => {
                error!(stream, tracker, health_event, error_code, "{}", trouble.message);
            }
            ErrorType::ThirdPartyGeneric | ErrorType::FirstPartyGeneric => {
                warn!(stream, tracker, health_event, error_code, "{}", trouble.message);
            }
        }
    }
}
