//! The oracle: what a collector must have delivered by now.

use std::collections::{HashMap, HashSet};

use crate::digest::Digest;
use crate::moment::Moment;
use crate::stream::RecordKind;
use crate::sumo::received::Received;

/// One record that can be found by now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TruthEntry {
    /// What it is.
    pub kind: RecordKind,
    /// What it is known by; an audit row by the digest of its line.
    pub id: String,
    /// When it was inserted, began or happened.
    pub at: Moment,
    /// Its bytes, on one line; those of its newest version if it changes.
    pub digest: Digest,
    /// Size of those bytes.
    pub len: u64,
}

/// Everything that can be found by now.
#[derive(Clone, Debug, Default)]
pub struct Truth {
    /// All records; an audit row that exists twice is here twice.
    pub entries: Vec<TruthEntry>,
    /// Older versions of sessions and alerts that were served before they changed.
    pub served_versions: HashSet<(RecordKind, String, Digest)>,
}

/// How what was received compares to what is true.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Verdict {
    /// Never received, or not in its newest version.
    pub missing: Vec<String>,
    /// Received, but never served.
    pub invented: Vec<String>,
    /// Received with other bytes than it was ever served with.
    pub altered: Vec<String>,
    /// Received more often than it exists, all records together.
    pub duplicates: u64,
}

impl Verdict {
    /// Whether everything arrived, unchanged. Duplicates are no fault here.
    pub fn is_complete(&self) -> bool {
        self.missing.is_empty() && self.invented.is_empty() && self.altered.is_empty()
    }
}

impl Truth {
    /// Those records that are of one kind.
    pub fn of_kind(&self, kind: RecordKind) -> impl Iterator<Item = &TruthEntry> {
        self.entries.iter().filter(move |entry| entry.kind == kind)
    }

    /// Compares what Sumo received, limited to these kinds of records.
    pub fn compare(&self, received: &Received, kinds: &[RecordKind]) -> Verdict {
        let mut expected: HashMap<(RecordKind, &str), (Digest, u64)> = HashMap::new();
        for entry in self.entries.iter().filter(|entry| kinds.contains(&entry.kind)) {
            let (digest, times) =
                expected.entry((entry.kind, entry.id.as_str())).or_insert((entry.digest, 0));
            *digest = entry.digest;
            *times += 1;
        }
        let mut verdict = Verdict::default();
        for ((kind, id), (digest, times)) in &expected {
            let arrived = received.versions(*kind, id).iter().find(|version| version.digest == *digest);
            if arrived.is_none_or(|version| version.count < *times) {
                verdict.missing.push((*id).to_owned());
            }
        }
        for (kind, id, versions) in received.things() {
            if !kinds.contains(&kind) && kind != RecordKind::Unknown {
                continue;
            }
            let known = expected.get(&(kind, id));
            for version in versions {
                let current = known.is_some_and(|(digest, _)| *digest == version.digest);
                let times = known.map_or(1, |(_, times)| *times);
                if current || self.served_versions.contains(&(kind, id.to_owned(), version.digest)) {
                    verdict.duplicates += version.count.saturating_sub(times);
                } else if known.is_some() {
                    verdict.altered.push(id.to_owned());
                } else {
                    verdict.invented.push(id.to_owned());
                }
            }
        }
        verdict.missing.sort();
        verdict.invented.sort();
        verdict.altered.sort();
        verdict
    }
}
