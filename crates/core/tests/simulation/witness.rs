//! A ledger that counts its steps and tells the world what became durable.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use incydr_core::checkpoint::Checkpoint;
use incydr_core::destination::Receipt;
use incydr_core::ledger::{AcknowledgedBatch, Commit, Counts, Lease, Ledger, LedgerError};
use incydr_core::stream::Place;
use incydr_core::timestamp::Timestamp;

use super::mutant::Mutant;
use super::world::World;

pub struct Witness {
    pub world: Arc<World>,
    pub ledger: Arc<dyn Ledger>,
    pub mutant: Option<Mutant>,
}

#[async_trait]
impl Ledger for Witness {
    async fn acquire(&self, place: &Place, holder: &str) -> Result<Lease, LedgerError> {
        self.ledger.acquire(place, holder).await
    }

    async fn load(&self, lease: &Lease) -> Result<Checkpoint, LedgerError> {
        self.ledger.load(lease).await
    }

    async fn seen(
        &self,
        lease: &Lease,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<AcknowledgedBatch>, LedgerError> {
        let mut seen = self.ledger.seen(lease, from, to).await?;
        if self.mutant == Some(Mutant::OnlyLastBatchRemembered) {
            seen.drain(..seen.len().saturating_sub(1));
        }
        Ok(seen)
    }

    async fn commit(&self, lease: &Lease, commit: &Commit) -> Result<Checkpoint, LedgerError> {
        let mut kept = commit.clone();
        if self.mutant == Some(Mutant::AcknowledgementsNotCommitted) {
            kept.acknowledged.clear();
        }
        if self.mutant == Some(Mutant::ExcludedNotRemembered) {
            // What was delivered has a receipt of the archive.
            kept.acknowledged.retain(|batch| !batch.receipts.is_empty());
        }
        if self.mutant == Some(Mutant::DeadLettersNotKept) {
            kept.dead_letters.clear();
        }
        self.world.step().await;
        // The process may die while the storage works, and then nobody hears that the commit holds. If it does not,
        // the next process comes here with the same letters.
        kept.dead_letters.iter().for_each(|letter| self.world.bury(&letter.raw));
        let checkpoint = self.ledger.commit(lease, &kept).await?;
        let ids = commit.acknowledged.iter().flat_map(|batch| &batch.ids).map(|(id, _)| *id);
        self.world.acknowledged(ids);
        self.world.step().await;
        Ok(checkpoint)
    }

    async fn unpublished(&self, lease: &Lease) -> Result<Vec<Receipt>, LedgerError> {
        self.ledger.unpublished(lease).await
    }

    async fn totals(&self, lease: &Lease) -> Result<Counts, LedgerError> {
        self.ledger.totals(lease).await
    }

    async fn reserve_request(
        &self,
        tenant: &str,
        per_minute: u32,
        now: Timestamp,
    ) -> Result<Duration, LedgerError> {
        self.ledger.reserve_request(tenant, per_minute, now).await
    }
}
