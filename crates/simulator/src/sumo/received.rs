//! Everything that a simulated Sumo Logic took in.

use std::collections::HashMap;

use bytes::Bytes;

use crate::digest::Digest;
use crate::moment::Moment;
use crate::stream::RecordKind;
use crate::sumo::content::{Encoding, identify, messages};
use crate::sumo::options::Keep;

/// Larger messages are cut into pieces by the service, which makes them useless as JSON.
pub const MESSAGE_LIMIT: usize = 65_536;

/// One version of a record, and how often it came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Version {
    /// Of the message.
    pub digest: Digest,
    /// How often it came.
    pub count: u64,
}

/// One request whose messages were taken in, all or in part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Batch {
    /// When it had arrived.
    pub at: Moment,
    /// Of its decoded body; equal for a batch that is sent again unchanged. `None` where only counts are
    /// kept.
    pub digest: Option<Digest>,
    /// Messages taken in.
    pub messages: u64,
    /// Bytes of the body as it came.
    pub wire_bytes: u64,
    /// Bytes of the body after decoding.
    pub decoded_bytes: u64,
}

/// Everything taken in so far.
#[derive(Clone, Debug, Default)]
pub struct Received {
    /// Requests taken in, in order.
    pub batches: Vec<Batch>,
    /// Messages taken in.
    pub messages: u64,
    /// Bytes of bodies as they came.
    pub wire_bytes: u64,
    /// Bytes of bodies after decoding.
    pub decoded_bytes: u64,
    /// Sizes of those messages that are too large and were cut.
    pub cut_messages: Vec<usize>,
    /// Messages that are JSON arrays, which the service does not split.
    pub arrays: u64,
    /// The messages themselves, if they are kept.
    pub kept: Vec<Bytes>,
    records: HashMap<(RecordKind, String), Vec<Version>>,
    unread: Vec<Unread>,
}

/// A body that is read when somebody asks.
#[derive(Clone, Debug)]
struct Unread {
    batch: usize,
    encoding: Encoding,
    wire: Bytes,
    share: f64,
}

impl Received {
    /// The versions in which a record came.
    pub fn versions(&self, kind: RecordKind, id: &str) -> &[Version] {
        self.records.get(&(kind, id.to_owned())).map(Vec::as_slice).unwrap_or_default()
    }

    /// All records that came, in no order.
    pub fn things(&self) -> impl Iterator<Item = (RecordKind, &str, &[Version])> {
        self.records.iter().map(|((kind, id), versions)| (*kind, id.as_str(), versions.as_slice()))
    }

    /// How many different records of a kind came.
    pub fn count(&self, kind: RecordKind) -> usize {
        self.records.keys().filter(|(known, _)| *known == kind).count()
    }

    /// How many messages came that had come before, byte for byte.
    pub fn duplicates(&self) -> u64 {
        self.records.values().flatten().map(|version| version.count - 1).sum()
    }

    /// Takes in the first `share` (from 0 to 1) of the messages of a body.
    pub(crate) fn take(&mut self, arrival: Arrival<'_>, keep: Keep) {
        let Arrival { at, encoding, wire, decoded, share } = arrival;
        let taken = share_of(decoded, share);
        let len = |bytes: &[u8]| u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let batch = Batch {
            at,
            digest: None,
            messages: u64::try_from(taken).unwrap_or(u64::MAX),
            wire_bytes: len(wire),
            decoded_bytes: len(decoded),
        };
        self.messages += batch.messages;
        self.wire_bytes += batch.wire_bytes;
        self.decoded_bytes += batch.decoded_bytes;
        let number = self.batches.len();
        self.batches.push(batch);
        match keep {
            Keep::Counts => {}
            Keep::Later => self.unread.push(Unread { batch: number, encoding, wire: wire.clone(), share }),
            Keep::Digests => self.read(number, decoded, taken),
            Keep::Messages => {
                self.kept.extend(messages(decoded).take(taken).map(Bytes::copy_from_slice));
                self.read(number, decoded, taken);
            }
        }
    }

    /// Reads what was put off.
    pub(crate) fn catch_up(&mut self) {
        for unread in std::mem::take(&mut self.unread) {
            let (decoded, _) = unread.encoding.decode(&unread.wire);
            let taken = share_of(&decoded, unread.share);
            self.read(unread.batch, &decoded, taken);
        }
    }

    fn read(&mut self, batch: usize, decoded: &[u8], taken: usize) {
        self.batches[batch].digest = Some(Digest::of(decoded));
        for message in messages(decoded).take(taken) {
            if message.len() > MESSAGE_LIMIT {
                self.cut_messages.push(message.len());
            }
            if message.first() == Some(&b'[') {
                self.arrays += 1;
            }
            let digest = Digest::of(message);
            let versions = self.records.entry(identify(message, digest)).or_default();
            match versions.iter_mut().find(|version| version.digest == digest) {
                Some(version) => version.count += 1,
                None => versions.push(Version { digest, count: 1 }),
            }
        }
    }
}

/// How many messages the first `share` of a body is.
fn share_of(decoded: &[u8], share: f64) -> usize {
    (messages(decoded).count() as f64 * share).round() as usize
}

/// A body that is taken in.
pub(crate) struct Arrival<'a> {
    pub(crate) at: Moment,
    pub(crate) encoding: Encoding,
    pub(crate) wire: &'a Bytes,
    pub(crate) decoded: &'a [u8],
    pub(crate) share: f64,
}
