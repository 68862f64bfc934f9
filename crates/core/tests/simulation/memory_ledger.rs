//! A ledger in memory whose disk outlives the process, and the power too as far as was asked for.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use incydr_core::checkpoint::Checkpoint;
use incydr_core::destination::Receipt;
use incydr_core::ledger::{
    AcknowledgedBatch, Commit, Counts, DeadLetter, Lease, Ledger, LedgerError, LedgerFault, Step,
};
use incydr_core::stream::Place;
use incydr_core::timestamp::Timestamp;

use super::mutant::Mutant;

/// What outlives the process.
#[derive(Default)]
pub struct Disk {
    written: State,
    /// Everything written since the disk itself had it last, each as it stood before; oldest first.
    unsynced: Vec<State>,
}

impl Disk {
    /// The power fails: of what was written since the last sync only some is there, in its order. `lot` says how much.
    pub fn lose_power(&mut self, lot: u64) {
        let kinds = u64::try_from(self.unsynced.len()).expect("small") + 1;
        let kept = usize::try_from(lot % kinds).expect("small");
        if let Some(state) = self.unsynced.drain(..).nth(kept) {
            self.written = state;
        }
    }

    fn write(&mut self, state: State, synced: bool) {
        let before = std::mem::replace(&mut self.written, state);
        if synced { self.unsynced.clear() } else { self.unsynced.push(before) }
    }
}

#[derive(Clone, Default)]
struct State {
    token: u64,
    checkpoint: Checkpoint,
    seen: Vec<AcknowledgedBatch>,
    receipts: Vec<Receipt>,
    dead_letters: BTreeMap<u128, DeadLetter>,
    counts: Counts,
}

pub struct MemoryLedger {
    disk: Arc<Mutex<Disk>>,
    /// What this process sees; only a mutant lets it differ from the disk.
    view: Mutex<State>,
    mutant: Option<Mutant>,
}

impl MemoryLedger {
    pub fn open(disk: &Arc<Mutex<Disk>>, mutant: Option<Mutant>) -> Self {
        let view = Mutex::new(disk.lock().expect("no panic under the lock").written.clone());
        Self { disk: disk.clone(), view, mutant }
    }

    fn reading<T>(&self, lease: &Lease, read: impl FnOnce(&mut State) -> T) -> Result<T, LedgerError> {
        let mut view = self.view.lock().expect("no panic under the lock");
        let newest = self.disk.lock().expect("no panic under the lock").written.token;
        if newest != lease.token && self.mutant != Some(Mutant::StaleLeaseAccepted) {
            return Err(LedgerError {
                attempt: "using the memory".into(),
                fault: LedgerFault::Fenced,
                info: String::new(),
            });
        }
        Ok(read(&mut view))
    }
}

#[async_trait]
impl Ledger for MemoryLedger {
    async fn acquire(&self, place: &Place, _holder: &str) -> Result<Lease, LedgerError> {
        let mut disk = self.disk.lock().expect("no panic under the lock");
        let leased = State { token: disk.written.token + 1, ..disk.written.clone() };
        disk.write(leased.clone(), false);
        let token = leased.token;
        *self.view.lock().expect("no panic under the lock") = leased;
        Ok(Lease { place: place.clone(), token })
    }

    async fn load(&self, lease: &Lease) -> Result<Checkpoint, LedgerError> {
        self.reading(lease, |disk| disk.checkpoint.clone())
    }

    async fn seen(
        &self,
        lease: &Lease,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<AcknowledgedBatch>, LedgerError> {
        let reaches =
            |batch: &&AcknowledgedBatch| batch.ids.iter().any(|(_, time)| (from..=to).contains(time));
        self.reading(lease, |disk| disk.seen.iter().filter(reaches).cloned().collect())
    }

    async fn commit(&self, lease: &Lease, commit: &Commit) -> Result<Checkpoint, LedgerError> {
        let volatile = self.mutant == Some(Mutant::CommitNotDurable);
        let before = self.reading(lease, |view| {
            let before = view.clone();
            view.apply(commit);
            before
        })?;
        let after = self.reading(lease, |view| view.clone())?;
        let synced = commit.vouches() && self.mutant != Some(Mutant::NoCommitSynced);
        let mut disk = self.disk.lock().expect("no panic under the lock");
        let token = disk.written.token;
        let durable = if volatile { before } else { after.clone() };
        disk.write(State { token, ..durable }, synced);
        Ok(after.checkpoint)
    }

    async fn unpublished(&self, lease: &Lease) -> Result<Vec<Receipt>, LedgerError> {
        self.reading(lease, |disk| disk.receipts.clone())
    }

    async fn totals(&self, lease: &Lease) -> Result<Counts, LedgerError> {
        self.reading(lease, |disk| disk.counts)
    }

    async fn reserve_request(&self, _: &str, _: u32, _: Timestamp) -> Result<Duration, LedgerError> {
        Ok(Duration::ZERO)
    }
}

impl State {
    fn apply(&mut self, commit: &Commit) {
        self.receipts.retain(|receipt| !commit.published.contains(receipt));
        self.receipts.extend(commit.acknowledged.iter().flat_map(|batch| batch.receipts.iter().cloned()));
        self.seen.extend(commit.acknowledged.iter().cloned());
        for letter in &commit.dead_letters {
            self.dead_letters.entry(letter.id.key).or_insert_with(|| letter.clone());
        }
        self.counts = self.counts.plus(commit.counts);
        let Some(step) = &commit.step else { return };
        self.checkpoint = self.checkpoint.clone().after(step);
        if let Step::CloseWindow { forget_before, .. } = step {
            self.seen.retain(|batch| batch.ids.iter().any(|(_, time)| time >= forget_before));
        }
    }
}
