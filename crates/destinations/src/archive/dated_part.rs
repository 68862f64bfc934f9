//! A part as the archive keeps it: its lines by the UTC day on which each event happened.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use blake3::{Hash, Hasher};
use incydr_core::batch::{BatchPart, SharedNdjson};
use incydr_core::stream::Stream;
use incydr_core::timestamp::Timestamp;

const MILLIS_PER_DAY: i64 = 86_400_000;

/// The events of a part, sorted by day, for the place where blocking is allowed.
#[derive(Debug)]
pub(super) struct DatedPart {
    pub(super) stream: Stream,
    ndjson: SharedNdjson,
    /// By day, as `YYYY-MM-DD`; events keep their order.
    days: BTreeMap<String, Day>,
}

/// The events of one day.
#[derive(Debug, Default)]
struct Day {
    /// Where their lines are. Neighbors count as one, so that most days have a single extent.
    extents: Vec<Range<usize>>,
    /// Which events these are.
    identities: Vec<u8>,
}

impl DatedPart {
    pub(super) fn new(part: &BatchPart<'_>) -> Self {
        let mut days: BTreeMap<i64, Day> = BTreeMap::new();
        let mut start = 0;
        for (entry, payload) in part.events() {
            let day = days.entry(entry.time.as_millis().div_euclid(MILLIS_PER_DAY)).or_default();
            let end = start + payload.len() + 1;
            day.add_line(start..end);
            day.identities.extend_from_slice(&entry.id.key.to_le_bytes());
            day.identities.extend_from_slice(&entry.id.version.to_le_bytes());
            start = end;
        }
        let date = |day: i64| Timestamp::from_millis(day.saturating_mul(MILLIS_PER_DAY)).date();
        Self {
            stream: part.stream(),
            ndjson: part.shared_ndjson(),
            days: days.into_iter().map(|(day, lines)| (date(day), lines)).collect(),
        }
    }

    /// The days, oldest first.
    pub(super) fn dates(&self) -> impl Iterator<Item = &String> {
        self.days.keys()
    }

    /// The lines of each day, in the order of [`DatedPart::dates`]; copied only where they do not stand together.
    pub(super) fn lines_by_day(&self) -> impl Iterator<Item = Cow<'_, [u8]>> {
        self.days.values().map(|day| match day.extents.as_slice() {
            [extent] => Cow::Borrowed(&self.ndjson.as_ref()[extent.clone()]),
            _ => Cow::Owned(self.pieces(day).collect::<Vec<_>>().concat()),
        })
    }

    /// Hashes whose events these are, which they are, and their bytes. The bytes alone would not do: two rows of an
    /// audit log may be equal and still be two.
    pub(super) fn content_hash(&self, scope: &str) -> Hash {
        let mut hasher = Hasher::new();
        hash_text(&mut hasher, &[scope.as_bytes()]);
        for (date, day) in &self.days {
            hash_text(&mut hasher, &[date.as_bytes()]);
            hash_text(&mut hasher, &[&day.identities]);
            hash_text(&mut hasher, &self.pieces(day).collect::<Vec<_>>());
        }
        hasher.finalize()
    }

    fn pieces<'a>(&'a self, day: &'a Day) -> impl Iterator<Item = &'a [u8]> {
        day.extents.iter().map(|extent| &self.ndjson.as_ref()[extent.clone()])
    }
}

impl Day {
    fn add_line(&mut self, line: Range<usize>) {
        match self.extents.last_mut() {
            Some(last) if last.end == line.start => last.end = line.end,
            Some(_) | None => self.extents.push(line),
        }
    }
}

/// With its length in front, so that no two sequences of texts hash alike.
fn hash_text(hasher: &mut Hasher, pieces: &[&[u8]]) {
    let length: usize = pieces.iter().map(|piece| piece.len()).sum();
    hasher.update(&(length as u64).to_le_bytes());
    for piece in pieces {
        hasher.update(piece);
    }
}
