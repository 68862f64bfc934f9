//! An event: the vendor's bytes, and the little that we must know of them.
//!
//! Place on the path: made by a source (hop 4), judged by admission (hop 5), copied into a batch (hop 6).
//! Keeps I7: nothing here can change a payload.

use crate::timestamp::Timestamp;

/// What makes two fetched events the same one.
///
/// `key` names the thing (an event, a session, an audit row); `version` tells apart the states of a thing that
/// changes. The same key with another version is a changed thing and is delivered again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct EventId {
    /// The first 128 bits of BLAKE3 over the thing's name.
    pub key: u128,
    /// 0 for things that never change; else the first 64 bits of BLAKE3 over the content.
    pub version: u64,
}

impl EventId {
    /// For a thing with an id of its own that never changes (a file event).
    pub fn of_immutable(id: &[u8]) -> Self {
        Self { key: leading_u128(id), version: 0 }
    }

    /// For a thing with an id whose content changes (a session, an alert).
    pub fn of_mutable(id: &[u8], content: &[u8]) -> Self {
        let [version, _] = leading_words(&blake3::hash(content));
        Self { key: leading_u128(id), version }
    }

    /// For a row without any id (an audit row): its bytes are its name, and `occurrence` counts the rows with the
    /// same bytes before it in one complete answer, so that two identical actions stay two rows.
    pub fn of_row(row: &[u8], occurrence: u32) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(row);
        if occurrence > 0 {
            hasher.update(&occurrence.to_le_bytes());
        }
        Self { key: join(leading_words(&hasher.finalize())), version: 0 }
    }
}

fn leading_u128(bytes: &[u8]) -> u128 {
    join(leading_words(&blake3::hash(bytes)))
}

fn leading_words(hash: &blake3::Hash) -> [u64; 2] {
    let bytes = hash.as_bytes();
    let word =
        |at: usize| bytes[at..at + 8].iter().rev().fold(0_u64, |word, &byte| word << 8 | u64::from(byte));
    [word(0), word(8)]
}

fn join([low, high]: [u64; 2]) -> u128 {
    u128::from(high) << 64 | u128::from(low)
}

/// One event inside an [`EventBlock`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EventEntry {
    /// Where its bytes begin in the block.
    pub start: usize,
    /// Where its bytes end in the block.
    pub end: usize,
    /// Its identity.
    pub id: EventId,
    /// The time by which its stream is walked: `event.inserted`, a session's begin, an alert's creation, an audit
    /// row's timestamp.
    pub time: Timestamp,
}

/// An element of a page that cannot be delivered as an event; it is kept as it came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Undecodable {
    /// The bytes as they came.
    pub raw: Vec<u8>,
    /// What is wrong with them, for people; holds nothing of the payload.
    pub reason: String,
}

/// Some events of a page, in page order, in one buffer.
///
/// Each event is one complete JSON object without a raw line break.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EventBlock {
    /// The bytes of all events, one after the other.
    pub bytes: Vec<u8>,
    /// Which bytes belong to which event.
    pub events: Vec<EventEntry>,
    /// Elements that are not events.
    pub undecodable: Vec<Undecodable>,
}

impl EventBlock {
    /// The payload of one of this block's events.
    pub fn payload(&self, entry: &EventEntry) -> &[u8] {
        &self.bytes[entry.start..entry.end]
    }

    /// Appends an event; its payload is copied.
    pub fn push(&mut self, payload: &[u8], id: EventId, time: Timestamp) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(payload);
        self.events.push(EventEntry { start, end: self.bytes.len(), id, time });
    }
}
