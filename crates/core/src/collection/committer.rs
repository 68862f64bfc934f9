//! The committer: outcomes become durable (hop 8).
//!
//! Whatever has settled by now goes into one commit, so that a slow disk makes larger commits instead of a queue. One
//! range of the stream commits at a time, and the others gather meanwhile: commits that wait for each other's sync would
//! stay as small as the first ones were. The range moves behind a page only in a commit that follows, or carries, all
//! outcomes of that page, and pages move it in order (I1).

use std::collections::{BTreeMap, VecDeque};
use std::pin::pin;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, SemaphorePermit, mpsc};

use super::courier::{Outcome, Settled};
use super::reader::PageOutcome;
use super::{Collection, CollectionError, receipts_of};
use crate::checkpoint::Checkpoint;
use crate::destination::Receipt;
use crate::health::Trouble;
use crate::ledger::{AcknowledgedBatch, Commit, Counts, Lease, LedgerFault, Step};
use crate::notice::Notice;
use crate::retry::Backoff;
use crate::timestamp::Timestamp;

/// Waits between attempts to commit or to publish stay short: everything else stands still meanwhile.
const MAX_STORAGE_WAIT: Duration = Duration::from_secs(4);

impl Collection {
    /// Commits outcomes of one range until no more come.
    pub(super) async fn commit_outcomes(
        &self,
        lease: &Lease,
        window: u64,
        range: u32,
        mut outcomes: mpsc::Receiver<Outcome>,
    ) -> Result<(), CollectionError> {
        let mut pages = PagesInOrder::default();
        let mut published = Vec::new();
        while let Some(outcome) = outcomes.recv().await {
            let mut group = Group::new(window, range, published);
            pages.note(outcome, &mut group);
            let turn = self.gather(&mut outcomes, &mut pages, &mut group).await;
            while let Some(page) = pages.next_complete() {
                group.advance(page);
            }
            self.commit(lease, &group.commit).await?;
            drop(turn);
            group.turns.clear();
            let receipts = group.receipts();
            self.publish(&receipts).await?;
            self.tell_commit(&group);
            published = receipts;
        }
        Ok(())
    }

    /// Adds to `group` what has settled by now, and what settles while another range commits.
    async fn gather(
        &self,
        outcomes: &mut mpsc::Receiver<Outcome>,
        pages: &mut PagesInOrder,
        group: &mut Group,
    ) -> Option<SemaphorePermit<'_>> {
        let mut turn = pin!(self.pace.commits.acquire());
        let mut room = self.pace.max_in_flight;
        loop {
            tokio::select! {
                biased;
                Some(outcome) = outcomes.recv(), if room > 0 => {
                    pages.note(outcome, group);
                    room -= 1;
                }
                turn = &mut turn => return turn.ok(),
            }
        }
    }

    /// Commits, again and again until it holds; only a stale lease and the stop end the attempts.
    pub(super) async fn commit(&self, lease: &Lease, commit: &Commit) -> Result<Checkpoint, CollectionError> {
        let mut backoff = Backoff::new(Duration::from_millis(200), MAX_STORAGE_WAIT, b"commit");
        let mut failing = false;
        loop {
            let error = match self.ledger.commit(lease, commit).await {
                Ok(checkpoint) => {
                    if failing {
                        (self.notify)(Notice::Recovered);
                    }
                    return Ok(checkpoint);
                }
                Err(error) => error,
            };
            (self.notify)(Notice::Trouble(Trouble::from(&error)));
            if error.fault == LedgerFault::Fenced || self.stop.is_requested() {
                return Err(error.into());
            }
            failing = true;
            self.clock.sleep(backoff.next_wait()).await;
        }
    }

    /// Publishes what has just been committed. The ledger remembers it until then, so that giving up here on the
    /// stop loses nothing.
    async fn publish(&self, receipts: &[Receipt]) -> Result<(), CollectionError> {
        let mut backoff = Backoff::new(Duration::from_millis(200), MAX_STORAGE_WAIT, b"publish");
        for outlet in &self.outlets {
            let destination = outlet.destination();
            let own = receipts_of(destination, receipts);
            while let (false, Err(error)) = (own.is_empty(), destination.publish(&own).await) {
                (self.notify)(Notice::Trouble(Trouble::from(&error)));
                if self.stop.is_requested() {
                    return Err(error.into());
                }
                self.clock.sleep(backoff.next_wait()).await;
            }
        }
        Ok(())
    }

    fn tell_commit(&self, group: &Group) {
        for letter in &group.commit.dead_letters {
            (self.notify)(Notice::DeadLettered { reason: letter.reason.clone() });
        }
        let Counts { acknowledged: events, excluded, .. } = group.commit.counts;
        if excluded > 0 {
            (self.notify)(Notice::Excluded { events: excluded });
        }
        if let (true, Some(newest)) = (events > 0, group.newest) {
            let (bytes, sent_bytes) = (group.bytes, group.sent_bytes);
            (self.notify)(Notice::Acknowledged { events, bytes, sent_bytes, newest });
        }
    }
}

/// Outcomes of one range that are committed together.
struct Group {
    window: u64,
    range: u32,
    commit: Commit,
    bytes: u64,
    sent_bytes: u64,
    newest: Option<Timestamp>,
    turns: Vec<OwnedSemaphorePermit>,
}

impl Group {
    fn new(window: u64, range: u32, published: Vec<Receipt>) -> Self {
        let commit = Commit { published, ..Commit::default() };
        Self { window, range, commit, bytes: 0, sent_bytes: 0, newest: None, turns: Vec::new() }
    }

    fn settle(&mut self, page: u64, settled: Settled) {
        let events = u64::try_from(settled.ids.len()).unwrap_or(u64::MAX);
        let dead = u64::try_from(settled.dead_letters.len()).unwrap_or(u64::MAX);
        self.bytes += settled.bytes;
        self.sent_bytes += settled.sent_bytes;
        self.turns.extend(settled.turn);
        let counts = match settled.is_excluded {
            true => Counts { fetched: events, excluded: events, ..Counts::default() },
            false => Counts { fetched: events, acknowledged: events - dead, dead, ..Counts::default() },
        };
        if !settled.is_excluded {
            self.newest = self.newest.max(settled.ids.iter().map(|(_, time)| *time).max());
        }
        self.commit.counts = self.commit.counts.plus(counts);
        self.commit.dead_letters.extend(settled.dead_letters);
        let Self { window, range, .. } = *self;
        let Settled { ids, receipts, .. } = settled;
        self.commit.acknowledged.push(AcknowledgedBatch { window, range, page, ids, receipts });
    }

    fn advance(&mut self, page: PageOutcome) {
        self.commit.counts = self.commit.counts.plus(page.counts);
        self.commit.step = Some(Step::Advance(page.range));
    }

    fn receipts(&self) -> Vec<Receipt> {
        self.commit.acknowledged.iter().flat_map(|batch| batch.receipts.iter().cloned()).collect()
    }
}

/// Pages that are not behind us yet: which have ended, and how much of each has settled.
#[derive(Default)]
struct PagesInOrder {
    settled: BTreeMap<u64, usize>,
    ended: VecDeque<PageOutcome>,
}

impl PagesInOrder {
    /// The oldest page, if it has ended and all its loads have settled.
    fn next_complete(&mut self) -> Option<PageOutcome> {
        let oldest = self.ended.front()?;
        if self.settled.get(&oldest.page).copied().unwrap_or(0) < oldest.loads {
            return None;
        }
        self.settled.remove(&oldest.page);
        self.ended.pop_front()
    }

    /// Notes an outcome; what it settles goes into `group`.
    fn note(&mut self, outcome: Outcome, group: &mut Group) {
        match outcome {
            Outcome::PageEnd(page) => self.ended.push_back(page),
            Outcome::Settled { page, settled } => {
                *self.settled.entry(page).or_default() += 1;
                group.settle(page, settled);
            }
        }
    }
}
