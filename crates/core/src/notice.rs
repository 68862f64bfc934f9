//! What the engine tells while it works, for progress, metrics, logs and health.
//!
//! A notice reports what has already happened; nothing on the path of an event ever waits for it.

use std::sync::Arc;

use crate::health::Trouble;
use crate::timestamp::Timestamp;

/// Takes notices of one stream. It must return at once.
pub type Notify = Arc<dyn Fn(Notice) + Send + Sync>;

/// Something that happened to one stream.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Notice {
    /// A window is being walked.
    WindowOpened {
        /// Its first instant.
        from: Timestamp,
        /// Its last instant.
        to: Timestamp,
        /// Into how many ranges it is split.
        ranges: usize,
        /// Whether an earlier run had opened it.
        resumed: bool,
    },
    /// A page was read to its end.
    PageFetched {
        /// Events and undecodable elements on it.
        events: u64,
        /// Bytes of those events.
        bytes: u64,
        /// The time of its last event; `None` for an empty page.
        position: Option<Timestamp>,
        /// The vendor's count of the whole query.
        total_count: Option<u64>,
    },
    /// Events were acknowledged by every destination, and that is committed.
    Acknowledged {
        /// How many.
        events: u64,
        /// Their bytes before compression.
        bytes: u64,
        /// Bytes sent, over all destinations.
        sent_bytes: u64,
        /// The latest time among them.
        newest: Timestamp,
    },
    /// Fetched events turned out to be delivered already.
    Duplicates {
        /// How many.
        events: u64,
    },
    /// Events were excluded by a processing rule, and that is committed.
    Excluded {
        /// How many.
        events: u64,
    },
    /// An event was kept as a dead letter.
    DeadLettered {
        /// What is wrong with it.
        reason: String,
    },
    /// An event is longer than a destination keeps in one message; it was sent whole.
    Oversize {
        /// Its length.
        bytes: u64,
    },
    /// An attempt to deliver or to commit failed and will be repeated.
    Trouble(Trouble),
    /// A request to the source failed and will be repeated. Whether that is worth a word is the supervisor's business.
    RequestFailed,
    /// The attempt that was failing has succeeded.
    Recovered,
    /// Everything up to `watermark` was delivered and committed.
    WindowClosed {
        /// The new watermark.
        watermark: Timestamp,
        /// What the vendor counted, if it counts.
        expected: Option<u64>,
        /// The different events that were met.
        unique: u64,
    },
}
