//! The embedded ledger: one SQLite file, one process.
//!
//! Place on the path: hops 2 and 8. Every operation is one transaction on the one connection that writes.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use incydr_core::checkpoint::Checkpoint;
use incydr_core::destination::Receipt;
use incydr_core::ledger::{AcknowledgedBatch, Commit, Counts, Lease, Ledger, LedgerError, LedgerFault};
use incydr_core::stream::Place;
use incydr_core::timestamp::Timestamp;

use crate::database::Database;
use crate::durability::Durability;
use crate::error::Failure;
use crate::lock::StateLock;
use crate::state_file::{StateFile, lacks_space, make_folder};
use crate::{acknowledged, budget, dead_letters, place, receipts};

/// How often a waiting ledger looks whether the state file is free.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// The durable memory in one SQLite file, which this value alone may write.
///
/// All methods are safe to cancel: what was under way then either holds as a whole or not at all, and the same
/// commit tried again is not counted twice.
#[derive(Debug)]
pub struct SqliteLedger {
    path: PathBuf,
    // Dropped before the lock, so that nobody else is let in earlier.
    database: Database,
    _lock: StateLock,
}

impl SqliteLedger {
    /// Opens the state file at `path`, or makes a new one where there is none (in a new folder, if need be); both
    /// are for their owner alone. `holder` tells others who has it.
    ///
    /// [`LedgerFault::HeldBy`] when somebody else has it; [`LedgerFault::Corrupt`] and [`LedgerFault::Newer`] when
    /// its content cannot be trusted or known, which leaves it as it is; [`LedgerFault::ReadOnly`] when it cannot be
    /// written.
    pub async fn open(path: &Path, holder: &str) -> Result<Self, LedgerError> {
        let outcome = Self::try_open(path, holder).await;
        outcome.map_err(|failure| explain(path, "opening the ledger".to_owned(), failure))
    }

    /// Like [`SqliteLedger::open`], but waits as long as somebody else has the file. Cancel safe.
    pub async fn open_waiting(path: &Path, holder: &str) -> Result<Self, LedgerError> {
        let mut told = false;
        loop {
            match Self::open(path, holder).await {
                Err(LedgerError { fault: LedgerFault::HeldBy(other), .. }) => {
                    if !told {
                        tracing::info!(path = %path.display(), held_by = other, "waiting for the state file");
                        told = true;
                    }
                    tokio::time::sleep(LOOK_EVERY).await;
                }
                outcome => return outcome,
            }
        }
    }

    /// Closes the file and lets others have it. Without this, dropping the ledger does the same in the background.
    pub async fn close(self) -> Result<(), LedgerError> {
        let outcome = self.database.close().await;
        outcome.map_err(|failure| explain(&self.path, "closing the ledger".to_owned(), failure))
    }

    async fn try_open(path: &Path, holder: &str) -> Result<Self, Failure> {
        make_folder(path)?;
        let lock = StateLock::take(path, holder)?;
        let database = Database::open(StateFile::at(path).await?).await?;
        Ok(Self { path: path.to_owned(), database, _lock: lock })
    }

    /// Where the file is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The file's one connection that writes.
    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    /// The error of an attempt that failed in this file.
    pub(crate) fn explain_attempt(&self, attempt: String, failure: Failure) -> LedgerError {
        explain(&self.path, attempt, failure)
    }

    fn explain(&self, attempt: &str, of: &dyn fmt::Display, failure: Failure) -> LedgerError {
        self.explain_attempt(format!("{attempt} {of}"), failure)
    }

    async fn try_acquire(&self, place: &Place, holder: &str) -> Result<Lease, Failure> {
        let mut transaction = self.database.begin(Durability::Ordered).await?;
        let lease = place::acquire(transaction.connection(), place, holder).await?;
        transaction.commit().await?;
        Ok(lease)
    }

    async fn try_load(&self, lease: &Lease) -> Result<Checkpoint, Failure> {
        let (transaction, place) = self.database.begin_under(lease, Durability::Ordered).await?;
        transaction.commit().await?;
        Ok(place.checkpoint)
    }

    async fn try_seen(
        &self,
        lease: &Lease,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<AcknowledgedBatch>, Failure> {
        let (mut transaction, place) = self.database.begin_under(lease, Durability::Ordered).await?;
        let batches = acknowledged::read(transaction.connection(), place.id, from, to).await?;
        transaction.commit().await?;
        Ok(batches)
    }

    async fn try_commit(&self, lease: &Lease, commit: &Commit) -> Result<Checkpoint, Failure> {
        let durability = if commit.vouches() { Durability::Synced } else { Durability::Ordered };
        let (mut transaction, place) = self.database.begin_under(lease, durability).await?;
        if transaction.holds_already(&place, commit) {
            transaction.commit_nothing_more(&place).await?;
            return Ok(place.checkpoint);
        }
        let connection = transaction.connection();
        for receipt in &commit.published {
            receipts::drop_published(connection, place.id, receipt).await?;
        }
        for batch in &commit.acknowledged {
            acknowledged::remember(connection, place.id, batch).await?;
            for receipt in &batch.receipts {
                receipts::keep(connection, place.id, receipt).await?;
            }
        }
        for letter in &commit.dead_letters {
            dead_letters::keep(connection, place.id, letter).await?;
        }
        if let Some(step) = &commit.step {
            place.write_step(connection, step).await?;
        }
        let after = place.after(&lease.place, commit);
        let checkpoint = after.checkpoint.clone();
        transaction.commit_place(after, commit).await?;
        Ok(checkpoint)
    }

    async fn try_unpublished(&self, lease: &Lease) -> Result<Vec<Receipt>, Failure> {
        let (mut transaction, place) = self.database.begin_under(lease, Durability::Ordered).await?;
        let unpublished = receipts::read(transaction.connection(), place.id).await?;
        transaction.commit().await?;
        Ok(unpublished)
    }

    async fn try_totals(&self, lease: &Lease) -> Result<Counts, Failure> {
        let (transaction, place) = self.database.begin_under(lease, Durability::Ordered).await?;
        transaction.commit().await?;
        Ok(place.totals)
    }

    async fn try_reserve(&self, tenant: &str, per_minute: u32, now: Timestamp) -> Result<Duration, Failure> {
        let mut transaction = self.database.begin(Durability::Ordered).await?;
        let wait = budget::reserve(transaction.connection(), tenant, per_minute, now).await?;
        transaction.commit().await?;
        Ok(wait)
    }

    /// From now on the database cannot grow, as on a full disk; or can again.
    #[cfg(test)]
    async fn set_full(&self, full: bool) {
        self.database.set_full(full).await;
    }

    /// Whether the last transaction was synced.
    #[cfg(test)]
    async fn is_synced(&self) -> bool {
        self.database.is_synced().await
    }
}

/// The error for the caller: what was attempted, in which file, and whether it was for want of space.
fn explain(path: &Path, attempt: String, mut failure: Failure) -> LedgerError {
    if failure.fault == LedgerFault::Io && lacks_space(path) {
        failure.fault = LedgerFault::Full;
    }
    failure.while_attempting(format!("{attempt} in {}", path.display()))
}

#[async_trait]
impl Ledger for SqliteLedger {
    async fn acquire(&self, place: &Place, holder: &str) -> Result<Lease, LedgerError> {
        let outcome = self.try_acquire(place, holder).await;
        outcome.map_err(|failure| self.explain("acquiring", place, failure))
    }

    async fn load(&self, lease: &Lease) -> Result<Checkpoint, LedgerError> {
        let outcome = self.try_load(lease).await;
        outcome.map_err(|failure| self.explain("loading the checkpoint of", &lease.place, failure))
    }

    async fn seen(
        &self,
        lease: &Lease,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<AcknowledgedBatch>, LedgerError> {
        let outcome = self.try_seen(lease, from, to).await;
        outcome.map_err(|failure| self.explain("reading the acknowledged ids of", &lease.place, failure))
    }

    async fn commit(&self, lease: &Lease, commit: &Commit) -> Result<Checkpoint, LedgerError> {
        let outcome = self.try_commit(lease, commit).await;
        outcome.map_err(|failure| self.explain("committing", &lease.place, failure))
    }

    async fn unpublished(&self, lease: &Lease) -> Result<Vec<Receipt>, LedgerError> {
        let outcome = self.try_unpublished(lease).await;
        outcome.map_err(|failure| self.explain("reading the receipts of", &lease.place, failure))
    }

    async fn totals(&self, lease: &Lease) -> Result<Counts, LedgerError> {
        let outcome = self.try_totals(lease).await;
        outcome.map_err(|failure| self.explain("reading the totals of", &lease.place, failure))
    }

    async fn reserve_request(
        &self,
        tenant: &str,
        per_minute: u32,
        now: Timestamp,
    ) -> Result<Duration, LedgerError> {
        let outcome = self.try_reserve(tenant, per_minute, now).await;
        outcome.map_err(|failure| self.explain("reserving a request for", &tenant, failure))
    }
}

#[cfg(test)]
mod tests;
