//! The second seam: the durable memory.
//!
//! Place on the path: hops 2 and 8. A commit is one transaction: acknowledgements, dead letters, counts and the step
//! of the checkpoint become durable together or not at all (I1), and only under a fencing token that is still the
//! newest (I4). Durable means that the storage said so; nothing is answered before. A commit that vouches for nothing
//! may be taken back by a power failure, but only together with everything after it ([`Commit::vouches`]).

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use thiserror::Error;

use crate::checkpoint::{Checkpoint, WalkRange};
use crate::destination::Receipt;
use crate::event::EventId;
use crate::stream::Place;
use crate::timestamp::Timestamp;

/// The durable memory of all places. Implemented by the embedded database and by the ledgers of the tests.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// Takes the exclusive right to move `place` and fences off every earlier holder.
    async fn acquire(&self, place: &Place, holder: &str) -> Result<Lease, LedgerError>;

    /// The checkpoint as last committed; the empty one for a new place.
    async fn load(&self, lease: &Lease) -> Result<Checkpoint, LedgerError>;

    /// The acknowledged batches that are still remembered and have at least one id with a time from `from` to `to`
    /// (both inclusive), oldest commit first. Their receipts are left out.
    async fn seen(
        &self,
        lease: &Lease,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<AcknowledgedBatch>, LedgerError>;

    /// Makes `commit` durable and returns the checkpoint that now holds. It outlives this process, and a power
    /// failure too if it [vouches](Commit::vouches); then everything committed earlier, at any place, does as well.
    ///
    /// After [`LedgerFault::Fenced`] the holder stops for good. After any other error nothing of the commit holds,
    /// and the whole of it may be tried again.
    async fn commit(&self, lease: &Lease, commit: &Commit) -> Result<Checkpoint, LedgerError>;

    /// Receipts that were committed but not yet reported as published.
    async fn unpublished(&self, lease: &Lease) -> Result<Vec<Receipt>, LedgerError>;

    /// The totals of all commits of this place.
    async fn totals(&self, lease: &Lease) -> Result<Counts, LedgerError>;

    /// Takes one request out of the budget that all streams, processes and restarts share: at most `per_minute`
    /// in any 60 seconds for `tenant`. Returns zero when it was taken and recorded for every later process; otherwise
    /// how long to wait before asking again. A power failure may forget the last ones.
    async fn reserve_request(
        &self,
        tenant: &str,
        per_minute: u32,
        now: Timestamp,
    ) -> Result<Duration, LedgerError>;
}

/// The right to move one place, until somebody else acquires it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lease {
    /// Which place.
    pub place: Place,
    /// Grows with every acquisition of the place; the ledger refuses all but the newest.
    pub token: u64,
}

/// What becomes durable in one transaction.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Commit {
    /// Batches that every destination acknowledged.
    pub acknowledged: Vec<AcknowledgedBatch>,
    /// Events that cannot be delivered, with their raw bytes.
    pub dead_letters: Vec<DeadLetter>,
    /// Receipts of earlier commits that have been published since.
    pub published: Vec<Receipt>,
    /// What this commit adds to the totals.
    pub counts: Counts,
    /// How the checkpoint moves; `None` leaves it where it is.
    pub step: Option<Step>,
}

impl Commit {
    /// Whether something outside relies on this commit from its answer on: nobody will send these events again.
    ///
    /// All other commits only move the checkpoint or drop what is done with. Without the last of them a restart finds
    /// an earlier state of this ledger, as after a crash at that moment, and reads again.
    pub fn vouches(&self) -> bool {
        !self.acknowledged.is_empty() || !self.dead_letters.is_empty()
    }
}

/// The ids of one load that need never be judged again (acknowledged, excluded, or kept as dead letters), and where
/// they were met.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AcknowledgedBatch {
    /// The window in which they were met.
    pub window: u64,
    /// The range of that window.
    pub range: u32,
    /// The page of that range: the number of pages committed before it.
    pub page: u64,
    /// Each event's identity and time.
    pub ids: Vec<(EventId, Timestamp)>,
    /// What the destinations need to publish the batch; empty for most.
    pub receipts: Vec<Receipt>,
}

/// An event that could not be delivered, kept whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeadLetter {
    /// Its identity.
    pub id: EventId,
    /// Its time, or the end of the range where it has none.
    pub time: Timestamp,
    /// What is wrong with it, for people.
    pub reason: String,
    /// The bytes as they came, or as they left the processing rules where a destination refused them.
    pub raw: Vec<u8>,
}

/// How a checkpoint moves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    /// Opens the next window with these ranges. The window's number is the checkpoint's plus one.
    OpenWindow(Vec<WalkRange>),
    /// Replaces the range of the same number.
    Advance(WalkRange),
    /// Closes the window: its ranges go, the watermark moves, and all batches whose ids lie wholly before
    /// `forget_before` are forgotten. The proof of completeness of each range is kept.
    CloseWindow {
        /// Everything up to here was delivered. Never less than the watermark before (I2).
        watermark: Timestamp,
        /// No later window can meet an id older than this.
        forget_before: Timestamp,
        /// Whether the window reached back far enough to count as the second pass.
        second_pass: bool,
    },
}

/// Outcomes of fetched events (I8: `fetched` is the sum of the other four).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Events read from complete or incomplete pages that reached an outcome.
    pub fetched: u64,
    /// Events acknowledged by every destination.
    pub acknowledged: u64,
    /// Events that were delivered before, or that belong to the neighboring range.
    pub duplicate: u64,
    /// Events excluded by a processing rule.
    pub excluded: u64,
    /// Events kept as dead letters.
    pub dead: u64,
}

impl Counts {
    /// The sum of two counts.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            fetched: self.fetched + other.fetched,
            acknowledged: self.acknowledged + other.acknowledged,
            duplicate: self.duplicate + other.duplicate,
            excluded: self.excluded + other.excluded,
            dead: self.dead + other.dead,
        }
    }

    /// Whether every fetched event has exactly one outcome.
    pub fn balance(self) -> bool {
        self.fetched == self.acknowledged + self.duplicate + self.excluded + self.dead
    }
}

impl Checkpoint {
    /// The checkpoint after `step`: the one rule that every ledger follows.
    #[must_use]
    pub fn after(mut self, step: &Step) -> Self {
        match step {
            Step::OpenWindow(ranges) => {
                self.window += 1;
                self.ranges.clone_from(ranges);
            }
            Step::Advance(range) => {
                if let Some(current) = self.ranges.iter_mut().find(|current| current.number == range.number) {
                    current.clone_from(range);
                }
            }
            Step::CloseWindow { watermark, second_pass, .. } => {
                self.watermark = self.watermark.max(Some(*watermark));
                if *second_pass {
                    self.second_pass = self.watermark;
                }
                self.ranges.clear();
            }
        }
        self
    }
}

/// Why the ledger could not do it.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{attempt}: {fault}{}{info}", if .info.is_empty() { "" } else { ": " })]
pub struct LedgerError {
    /// What was attempted on what, lower case.
    pub attempt: String,
    /// What the caller does next depends on this alone.
    pub fault: LedgerFault,
    /// The storage's own words.
    pub info: String,
}

/// Kinds of failure of the ledger.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LedgerFault {
    /// A newer lease exists; this holder must stop for good.
    Fenced,
    /// Another process holds the state; its name as it wrote it.
    HeldBy(String),
    /// No space left.
    Full,
    /// Reading or writing failed.
    Io,
    /// Another process locks the database.
    Busy,
    /// The file is damaged; restore it, never start from now.
    Corrupt,
    /// The file or folder may not be written.
    ReadOnly,
    /// The file was written by a newer release.
    Newer,
    /// The database cannot be reached.
    Unreachable,
}

impl fmt::Display for LedgerFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fenced => out.write_str("another collector has taken over this place"),
            Self::HeldBy(holder) => write!(out, "in use by {holder}"),
            Self::Full => out.write_str("no space left"),
            Self::Io => out.write_str("reading or writing failed"),
            Self::Busy => out.write_str("locked by another process"),
            Self::Corrupt => out.write_str("the state file is damaged"),
            Self::ReadOnly => out.write_str("not writable"),
            Self::Newer => out.write_str("written by a newer release"),
            Self::Unreachable => out.write_str("not reachable"),
        }
    }
}
