//! What was met on one page, counted.

use super::reader::Load;
use crate::admission::Verdict;
use crate::event::{EventBlock, EventId};
use crate::ledger::Counts;
use crate::timestamp::Timestamp;

/// What was met on one page.
#[derive(Default)]
pub(super) struct Tally {
    /// Events and undecodable elements.
    pub(super) elements: u64,
    /// Bytes of the events.
    pub(super) bytes: u64,
    /// Those met for the first time in this pass.
    pub(super) unique: u64,
    /// Loads handed on.
    pub(super) loads: usize,
    /// Fresh events that a rule excludes.
    pub(super) excluded: Vec<(EventId, Timestamp)>,
    /// Outcomes that are certain without delivery.
    pub(super) counts: Counts,
    /// The latest time on the page.
    pub(super) latest: Option<Timestamp>,
}

impl Tally {
    /// Adds a block whose own events got these verdicts; the other events are the neighbor's.
    pub(super) fn add(&mut self, block: &EventBlock, verdicts: &[Verdict]) {
        let count = |verdicts: usize| u64::try_from(verdicts).unwrap_or(u64::MAX);
        let neighbors = count(block.events.len() - verdicts.len());
        let fresh = count(verdicts.iter().filter(|verdict| **verdict == Verdict::Fresh).count());
        let first_met = count(verdicts.iter().filter(|verdict| verdict.is_first_meeting()).count());
        let duplicate = count(block.events.len()) - fresh;
        self.elements += count(block.events.len());
        self.bytes += count(block.bytes.len());
        self.unique += first_met + neighbors;
        self.counts.fetched += duplicate;
        self.counts.duplicate += duplicate;
        self.latest = self.latest.max(block.events.iter().map(|event| event.time).max());
    }

    /// What was excluded on the page, as one load: a page that is excluded as a whole costs one row in the ledger.
    pub(super) fn excluded_load(&mut self, page: u64) -> Option<Load> {
        let ids = std::mem::take(&mut self.excluded);
        (!ids.is_empty()).then_some(Load::Excluded { page, ids })
    }
}
