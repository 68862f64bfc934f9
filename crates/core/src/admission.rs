//! Which fetched events are new (hop 5), as a pure memory of ids.
//!
//! Place on the path: between the page and the batch. It remembers what the ledger remembers, plus what was admitted
//! in this activation; after a failed activation it is thrown away and built again from the ledger.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};

use crate::checkpoint::WalkRange;
use crate::event::EventId;
use crate::ledger::AcknowledgedBatch;
use crate::timestamp::Timestamp;

/// The ids that one range of a window can meet again.
#[derive(Debug, Default)]
pub struct Admission {
    known: HashMap<u128, Known, BuildHasherDefault<KeyItself>>,
    /// Keys in the order in which they were learned, page by page, with the latest time among them.
    groups: VecDeque<(Timestamp, Vec<u128>)>,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    version: u64,
    met: Met,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Met {
    /// In an earlier window, or an earlier pass over this range.
    Before,
    /// On the page under way, before a crash: acknowledged, but the page is not committed.
    OnThisPage,
    /// In this pass.
    InThisPass,
}

/// Two of the largest pages: a page may come twice, however long the time that it spans.
const NEVER_FORGOTTEN: usize = 20_000;

/// The verdict on one fetched event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Never acknowledged: deliver it.
    Fresh,
    /// Acknowledged earlier and met for the first time in this pass.
    Known,
    /// Acknowledged on this very page before a crash: it still takes its room in the batch, so that the batches
    /// around it keep their edges.
    KnownOnThisPage,
    /// Met before in this pass.
    Repeated,
}

impl Verdict {
    /// Whether this is the first meeting of the event in this pass.
    pub fn is_first_meeting(self) -> bool {
        self != Self::Repeated
    }
}

impl Admission {
    /// Builds the memory of `range`, in window number `window`, from what the ledger remembers. No event older than
    /// `horizon` will be met.
    pub fn of_range(range: &WalkRange, window: u64, horizon: Timestamp, seen: &[AcknowledgedBatch]) -> Self {
        let mut admission = Self::default();
        for batch in seen {
            let own = batch.window == window && batch.range == range.number;
            let met = match own {
                true if batch.page >= range.page => Met::OnThisPage,
                true if range.rescans == 0 => Met::InThisPass,
                _ => Met::Before,
            };
            let reachable = |time: Timestamp| {
                time >= horizon && (own || time >= range.from && time <= range.last_instant())
            };
            let ids = batch.ids.iter().filter(|(_, time)| reachable(*time));
            admission.learn(ids.map(|&(id, time)| (id, time, met)));
        }
        admission
    }

    /// Judges the events of one block in page order; those that are `Fresh` count as admitted from now on.
    pub fn judge(&mut self, events: impl Iterator<Item = (EventId, Timestamp)>) -> Vec<Verdict> {
        let mut admitted = Vec::new();
        let mut latest = Timestamp::from_nanos(i64::MIN);
        let verdicts = events
            .map(|(id, time)| {
                let verdict = self.verdict(id);
                if verdict == Verdict::Fresh {
                    admitted.push(id.key);
                    latest = latest.max(time);
                }
                self.known.insert(id.key, Known { version: id.version, met: Met::InThisPass });
                verdict
            })
            .collect();
        if !admitted.is_empty() {
            self.groups.push_back((latest, admitted));
        }
        verdicts
    }

    /// Forgets the ids that lie wholly before `horizon`, as far as they were learned first; but never the last ones.
    pub fn forget_before(&mut self, horizon: Timestamp) {
        while self.len() > NEVER_FORGOTTEN && self.groups.front().is_some_and(|(latest, _)| *latest < horizon)
        {
            for key in self.groups.pop_front().map(|(_, keys)| keys).unwrap_or_default() {
                self.known.remove(&key);
            }
        }
    }

    /// How many ids are remembered.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether no id is remembered.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    fn verdict(&self, id: EventId) -> Verdict {
        match self.known.get(&id.key) {
            Some(known) if known.version == id.version => match known.met {
                Met::Before => Verdict::Known,
                Met::OnThisPage => Verdict::KnownOnThisPage,
                Met::InThisPass => Verdict::Repeated,
            },
            _ => Verdict::Fresh,
        }
    }

    fn learn(&mut self, ids: impl Iterator<Item = (EventId, Timestamp, Met)>) {
        let mut keys = Vec::new();
        let mut latest = Timestamp::from_nanos(i64::MIN);
        for (id, time, met) in ids {
            self.known.insert(id.key, Known { version: id.version, met });
            keys.push(id.key);
            latest = latest.max(time);
        }
        if !keys.is_empty() {
            self.groups.push_back((latest, keys));
        }
    }
}

/// Keys are hashes already: their low half is the table's hash.
#[derive(Default)]
struct KeyItself(u64);

impl Hasher for KeyItself {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            self.0 = chunk.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte));
        }
    }

    fn write_u128(&mut self, key: u128) {
        self.0 = u64::try_from(key & u128::from(u64::MAX)).unwrap_or(0);
    }
}
