//! Everything that the collector keeps in its one state file, besides the path of an event.
//!
//! A [`Store`] shares the file with the ledger over it. Each noun has its own file and adds its own operations to the
//! store; each operation is one transaction. Reading has a connection of its own, so that a list never waits for a
//! commit, and a commit never for a list.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use incydr_core::ledger::{Ledger, LedgerError};
use incydr_core::stream::Place;
use sqlx::sqlite::SqliteConnection;
use thiserror::Error;
use tokio::sync::Mutex;

use crate::database::Transaction;
use crate::durability::Durability;
use crate::error::Failure;
use crate::ledger::SqliteLedger;
use crate::place;
use crate::state_file::open_for_reading;
use crate::vault::VaultError;

/// The state file as a whole. Cheap to clone; all clones are the same store.
#[derive(Clone, Debug)]
pub struct Store {
    ledger: Arc<SqliteLedger>,
    /// Absent before the first question, and after one that failed.
    reader: Arc<Mutex<Option<SqliteConnection>>>,
}

/// Why the store did not do what it was asked.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum StoreError {
    /// The storage failed; nothing was changed.
    #[error(transparent)]
    Storage(#[from] LedgerError),
    /// The request does not fit what is there; nothing was changed.
    #[error("{0}")]
    Refused(Refusal),
    /// A secret could not be sealed or opened; nothing was changed.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Why a request does not fit what is there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// There is no such thing.
    NotFound,
    /// Another thing of its kind has that name.
    NameTaken,
    /// No more of them are allowed; so many are.
    Full(u64),
    /// Something else needs it: what that is.
    InUse(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => out.write_str("there is no such thing"),
            Self::NameTaken => out.write_str("the name is taken"),
            Self::Full(limit) => write!(out, "there are {limit} already, which is the limit"),
            Self::InUse(by) => write!(out, "it is used by {by}"),
        }
    }
}

impl Store {
    /// The store in the file of `ledger`.
    pub fn over(ledger: SqliteLedger) -> Self {
        Self { ledger: Arc::new(ledger), reader: Arc::default() }
    }

    /// The ledger in the same file.
    pub fn ledger(&self) -> Arc<dyn Ledger> {
        self.ledger.clone()
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        self.ledger.path()
    }

    /// Runs `work` as one durable transaction, which a refusal or a failure undoes; `attempt` says what for, as in
    /// `creating a collector`.
    pub(crate) async fn write<T>(
        &self,
        attempt: &str,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, Interruption>,
    ) -> Result<T, StoreError> {
        let outcome = self.try_write(Durability::Synced, work).await;
        outcome.map_err(|interruption| self.explain(attempt, interruption))
    }

    /// Like [`Store::write`], for what may be told again after a loss of power: a restart finds it out anew.
    pub(crate) async fn note<T>(
        &self,
        attempt: &str,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, Interruption>,
    ) -> Result<T, StoreError> {
        let outcome = self.try_write(Durability::Ordered, work).await;
        outcome.map_err(|interruption| self.explain(attempt, interruption))
    }

    /// Like [`Store::write`], for work on the row of `place`, whose id it is given; refused when there is none. The
    /// ledger reads the row anew when it commits there next.
    pub(crate) async fn write_at<T>(
        &self,
        attempt: &str,
        place: &Place,
        work: impl AsyncFnOnce(&mut SqliteConnection, i64) -> Result<T, Interruption>,
    ) -> Result<T, StoreError> {
        self.try_write_at(place, work).await.map_err(|interruption| self.explain(attempt, interruption))
    }

    /// Runs `work` on the connection that only reads; `attempt` says what for.
    pub(crate) async fn read<T>(
        &self,
        attempt: &str,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, Interruption>,
    ) -> Result<T, StoreError> {
        self.try_read(work).await.map_err(|interruption| self.explain(attempt, interruption))
    }

    async fn try_write<T>(
        &self,
        durability: Durability,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, Interruption>,
    ) -> Result<T, Interruption> {
        let mut transaction = self.ledger.database().begin(durability).await?;
        let outcome = work(transaction.connection()).await;
        end(transaction, outcome).await
    }

    async fn try_write_at<T>(
        &self,
        place: &Place,
        work: impl AsyncFnOnce(&mut SqliteConnection, i64) -> Result<T, Interruption>,
    ) -> Result<T, Interruption> {
        let mut transaction = self.ledger.database().begin(Durability::Synced).await?;
        let outcome = match place::find(transaction.connection(), place).await? {
            None => Err(Refusal::NotFound.into()),
            Some(id) => {
                transaction.forget(id);
                work(transaction.connection(), id).await
            }
        };
        end(transaction, outcome).await
    }

    /// The connection goes back only after success: whatever failed may have left it in the middle of something.
    async fn try_read<T>(
        &self,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, Interruption>,
    ) -> Result<T, Interruption> {
        let mut slot = self.reader.lock().await;
        let mut connection = match slot.take() {
            Some(connection) => connection,
            None => open_for_reading(self.path()).await?,
        };
        let done = work(&mut connection).await?;
        *slot = Some(connection);
        Ok(done)
    }

    fn explain(&self, attempt: &str, interruption: Interruption) -> StoreError {
        match interruption {
            Interruption::Failed(failure) => {
                StoreError::Storage(self.ledger.explain_attempt(attempt.to_owned(), failure))
            }
            Interruption::Refused(refusal) => StoreError::Refused(refusal),
            Interruption::Sealing(error) => StoreError::Vault(error),
        }
    }
}

/// Makes the transaction durable, or undoes it, as its work went.
async fn end<T>(transaction: Transaction<'_>, outcome: Result<T, Interruption>) -> Result<T, Interruption> {
    match outcome {
        Ok(_) => transaction.commit().await?,
        // What has failed may have left the connection in the middle of something.
        Err(Interruption::Failed(_)) => drop(transaction),
        Err(Interruption::Refused(_) | Interruption::Sealing(_)) => transaction.roll_back().await?,
    }
    outcome
}

/// Why the work of a transaction ends early.
pub(crate) enum Interruption {
    Failed(Failure),
    Refused(Refusal),
    Sealing(VaultError),
}

impl From<VaultError> for Interruption {
    fn from(error: VaultError) -> Self {
        Self::Sealing(error)
    }
}

impl From<Failure> for Interruption {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<sqlx::Error> for Interruption {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Refusal> for Interruption {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
