//! A batch: events that are delivered and acknowledged together.
//!
//! Place on the path: cut in hop 6, delivered in hop 7, acknowledged in hop 8.

use std::ops::Range;
use std::sync::Arc;

use crate::event::EventId;
use crate::stream::Stream;
use crate::timestamp::Timestamp;

/// Room for a few events; a batch that outgrows it becomes full as a rule.
const SMALL_BATCH: usize = 65_536;

/// One event of a batch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BatchEntry {
    /// Where its payload ends in [`Batch::bytes`]; the line break follows.
    pub end: usize,
    /// Its identity.
    pub id: EventId,
    /// The time by which its stream is walked.
    pub time: Timestamp,
}

/// Events of one stream as NDJSON: each payload as it came, then one line break.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Batch {
    /// The stream that all events belong to.
    pub stream: Stream,
    /// The payloads, each followed by `\n`. Shared, so that a delivery can go on elsewhere without a copy.
    pub bytes: Arc<Vec<u8>>,
    /// The events in order.
    pub entries: Vec<BatchEntry>,
}

impl Batch {
    /// An empty batch of `stream`.
    pub fn new(stream: Stream) -> Self {
        Self { stream, bytes: Arc::default(), entries: Vec::new() }
    }

    /// Appends one event.
    pub fn push(&mut self, payload: &[u8], id: EventId, time: Timestamp) {
        // Nobody shares a batch that is still being filled.
        let bytes = Arc::make_mut(&mut self.bytes);
        bytes.extend_from_slice(payload);
        self.entries.push(BatchEntry { end: bytes.len(), id, time });
        bytes.push(b'\n');
    }

    /// Makes room for one more payload of `payload_len` bytes in a batch that may come to have `max_bytes`.
    ///
    /// Batches have one of two capacities and grow once at most. Memory that a full batch leaves behind then fits the
    /// next one exactly, and nothing of it lies idle.
    pub fn make_room(&mut self, payload_len: usize, max_bytes: usize) {
        let needed = self.bytes.len() + payload_len + 1;
        if needed > self.bytes.capacity() {
            let usual = if needed <= SMALL_BATCH { SMALL_BATCH } else { max_bytes };
            let bytes = Arc::make_mut(&mut self.bytes);
            bytes.reserve_exact(usual.max(needed) - bytes.len());
        }
    }

    /// The whole batch as a part.
    pub fn whole(&self) -> BatchPart<'_> {
        self.part(0..self.entries.len())
    }

    /// The events `range` of this batch.
    pub fn part(&self, range: Range<usize>) -> BatchPart<'_> {
        BatchPart { batch: self, range }
    }

    fn start_of(&self, index: usize) -> usize {
        index.checked_sub(1).map_or(0, |previous| self.entries[previous].end + 1)
    }
}

/// Consecutive events of a batch: what one delivery attempt sends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BatchPart<'a> {
    batch: &'a Batch,
    range: Range<usize>,
}

impl<'a> BatchPart<'a> {
    /// The stream that all events belong to.
    pub fn stream(&self) -> Stream {
        self.batch.stream
    }

    /// Which events of the batch these are.
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    /// How many events these are.
    pub fn len(&self) -> usize {
        self.range.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.range.is_empty()
    }

    /// The payloads as NDJSON, with a line break after each.
    pub fn ndjson(&self) -> &'a [u8] {
        &self.batch.bytes[self.extent()]
    }

    /// The same as [`BatchPart::ndjson`], for whoever must hold it longer than the part lives.
    pub fn shared_ndjson(&self) -> SharedNdjson {
        SharedNdjson { bytes: Arc::clone(&self.batch.bytes), extent: self.extent() }
    }

    /// Each event with its payload, without the line break.
    pub fn events(&self) -> impl Iterator<Item = (&'a BatchEntry, &'a [u8])> + use<'a> {
        let batch = self.batch;
        self.range.clone().map(move |index| {
            let entry = &batch.entries[index];
            (entry, &batch.bytes[batch.start_of(index)..entry.end])
        })
    }

    /// Two halves by number of events, the first one the larger; the second is empty for a single event.
    pub fn halves(&self) -> (Self, Self) {
        let middle = self.range.start + self.range.len().div_ceil(2);
        (self.batch.part(self.range.start..middle), self.batch.part(middle..self.range.end))
    }

    fn extent(&self) -> Range<usize> {
        self.batch.start_of(self.range.start)..self.batch.start_of(self.range.end)
    }
}

/// The lines of a part. They are the batch's own bytes and keep these alive.
#[derive(Clone, Debug)]
pub struct SharedNdjson {
    bytes: Arc<Vec<u8>>,
    extent: Range<usize>,
}

impl AsRef<[u8]> for SharedNdjson {
    fn as_ref(&self) -> &[u8] {
        &self.bytes[self.extent.clone()]
    }
}
