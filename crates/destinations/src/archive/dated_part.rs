//! A part as the archive keeps it: its lines by the UTC day on which each event happened.

use std::collections::BTreeMap;

use blake3::{Hash, Hasher};
use incydr_core::batch::BatchPart;
use incydr_core::stream::Stream;
use incydr_core::timestamp::Timestamp;

const MILLIS_PER_DAY: i64 = 86_400_000;

/// The events of a part, copied once, so that they can be written where blocking is allowed.
#[derive(Debug)]
pub(super) struct DatedPart {
    pub(super) stream: Stream,
    /// By day, as `YYYY-MM-DD`; events keep their order.
    pub(super) days: BTreeMap<String, Day>,
}

/// The events of one day.
#[derive(Debug, Default)]
pub(super) struct Day {
    pub(super) ndjson: Vec<u8>,
    /// Which events these are.
    identities: Vec<u8>,
}

impl DatedPart {
    pub(super) fn new(part: &BatchPart<'_>) -> Self {
        let mut days: BTreeMap<i64, Day> = BTreeMap::new();
        for (entry, payload) in part.events() {
            let day = days.entry(entry.time.as_millis().div_euclid(MILLIS_PER_DAY)).or_default();
            day.ndjson.extend_from_slice(payload);
            day.ndjson.push(b'\n');
            day.identities.extend_from_slice(&entry.id.key.to_le_bytes());
            day.identities.extend_from_slice(&entry.id.version.to_le_bytes());
        }
        let date = |day: i64| Timestamp::from_millis(day.saturating_mul(MILLIS_PER_DAY)).date();
        Self {
            stream: part.stream(),
            days: days.into_iter().map(|(day, lines)| (date(day), lines)).collect(),
        }
    }

    /// Hashes whose events these are, which they are, and their bytes. The bytes alone would not do: two rows of an
    /// audit log may be equal and still be two.
    pub(super) fn content_hash(&self, scope: &str) -> Hash {
        let mut hasher = Hasher::new();
        hash_text(&mut hasher, scope.as_bytes());
        for (date, day) in &self.days {
            for text in [date.as_bytes(), &day.identities, &day.ndjson] {
                hash_text(&mut hasher, text);
            }
        }
        hasher.finalize()
    }
}

/// With its length in front, so that no two sequences of texts hash alike.
fn hash_text(hasher: &mut Hasher, text: &[u8]) {
    hasher.update(&(text.len() as u64).to_le_bytes()).update(text);
}
