//! A ledger in memory whose disk outlives the process.

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

/// What is durable.
#[derive(Clone, Default)]
pub struct Disk {
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
    view: Mutex<Disk>,
    mutant: Option<Mutant>,
}

impl MemoryLedger {
    pub fn open(disk: &Arc<Mutex<Disk>>, mutant: Option<Mutant>) -> Self {
        let view = Mutex::new(disk.lock().expect("no panic under the lock").clone());
        Self { disk: disk.clone(), view, mutant }
    }

    fn reading<T>(&self, lease: &Lease, read: impl FnOnce(&mut Disk) -> T) -> Result<T, LedgerError> {
        let mut view = self.view.lock().expect("no panic under the lock");
        let newest = self.disk.lock().expect("no panic under the lock").token;
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
        disk.token += 1;
        *self.view.lock().expect("no panic under the lock") = disk.clone();
        Ok(Lease { place: place.clone(), token: disk.token })
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
        let token = self.disk.lock().expect("no panic under the lock").token;
        let durable = if volatile { before } else { after.clone() };
        *self.disk.lock().expect("no panic under the lock") = Disk { token, ..durable };
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

impl Disk {
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
