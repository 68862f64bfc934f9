//! The place of one stream: what is safely behind us, and what is being walked.
//!
//! Place on the path: loaded in hop 2, moved only by the commits of hop 8 (invariants I1, I2, I5, I6).

use std::time::Duration;

use crate::timestamp::Timestamp;

/// The place of one stream as last committed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Checkpoint {
    /// Everything up to here was delivered; `None` before the first window was closed.
    pub watermark: Option<Timestamp>,
    /// Counts the windows ever opened; the open one carries this number.
    pub window: u64,
    /// The watermark at the last second pass, which reads a longer past again for events that became visible very
    /// late; `None` before the first.
    pub second_pass: Option<Timestamp>,
    /// The ranges of the open window, in order of time; empty when no window is open.
    pub ranges: Vec<WalkRange>,
}

/// A stretch of time that is walked page by page: a whole window, or one of the disjoint parts of a long one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WalkRange {
    /// Its number inside the window, from 0.
    pub number: u32,
    /// First instant, in whole milliseconds, inclusive.
    pub from: Timestamp,
    /// Last instant, in whole milliseconds. Queried inclusively, because the vendor compares whole milliseconds.
    pub to: Timestamp,
    /// Whether an event at `to` or later belongs to this range; in a split window only the last range says so,
    /// and the others leave such an event to their neighbor.
    pub owns_end: bool,
    /// Where the next page begins.
    pub cursor: Cursor,
    /// The time of the last event of the last committed page; `from` before the first one. Here the walk is
    /// re-opened when the cursor turns out to be invalid.
    pub position: Timestamp,
    /// Pages committed so far; tells the acknowledgements of the page under way from older ones.
    pub page: u64,
    /// Different events met in this pass, over all committed pages.
    pub unique: u64,
    /// What the vendor counted when it answered the last page of the pass.
    pub expected: Option<u64>,
    /// How often the range was walked again because the two counts differed.
    pub rescans: u32,
    /// Whether the walk is complete.
    pub closed: bool,
}

impl WalkRange {
    /// A range that has not been walked yet.
    pub fn new(number: u32, from: Timestamp, to: Timestamp, owns_end: bool) -> Self {
        Self {
            number,
            from,
            to,
            owns_end,
            cursor: Cursor::Start,
            position: from,
            page: 0,
            unique: 0,
            expected: None,
            rescans: 0,
            closed: false,
        }
    }

    /// The last instant that the query can meet: all of the millisecond `to`.
    pub fn last_instant(&self) -> Timestamp {
        self.to.plus(Duration::from_nanos(999_999))
    }
}

/// Where a page begins. A page number never leaves the client of the vendor (invariant I5).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Cursor {
    /// At the first instant of the range.
    Start,
    /// After the event that this page token names; valid only for the same range.
    Token(String),
    /// At this instant, inclusive, in whole milliseconds.
    At(Timestamp),
}
