//! The one connection that writes, and the transactions on it.
//!
//! A connection whose transaction did not end cleanly is never used again: an error, a failed sync or a caller that
//! went away all leave the slot empty, and whoever comes next opens and verifies the file anew. So a failed sync can
//! never be taken for success by trying once more.

use std::collections::HashMap;

use incydr_core::ledger::{Commit, Lease, LedgerFault};
use sqlx::sqlite::SqliteConnection;
use tokio::sync::{Mutex, MutexGuard};

use crate::error::Failure;
use crate::place::PlaceRecord;
use crate::state_file::StateFile;

/// The state file and the connection to it.
#[derive(Debug)]
pub(crate) struct Database {
    slot: Mutex<Slot>,
}

#[derive(Debug)]
struct Slot {
    file: StateFile,
    /// Absent while a transaction is under way, and after one that did not end cleanly.
    connection: Option<SqliteConnection>,
    /// By place, the commit of which it is not known whether it holds.
    doubts: HashMap<i64, Doubt>,
}

/// A commit whose answer never came. It may hold; tried again, it must not count twice.
#[derive(Debug)]
struct Doubt {
    /// The number of commits of the place if it holds.
    commits: u64,
    commit: Commit,
}

impl Database {
    /// Opens and verifies `file`.
    pub(crate) async fn open(file: StateFile) -> Result<Self, Failure> {
        let connection = Some(file.open().await?);
        Ok(Self { slot: Mutex::new(Slot { file, connection, doubts: HashMap::new() }) })
    }

    /// Begins a transaction that excludes all others.
    pub(crate) async fn begin(&self) -> Result<Transaction<'_>, Failure> {
        let mut slot = self.slot.lock().await;
        let mut connection = match slot.connection.take() {
            Some(connection) => connection,
            None => slot.file.open().await?,
        };
        match sqlx::query("BEGIN IMMEDIATE").execute(&mut connection).await.map_err(Failure::from) {
            Ok(_) => Ok(Transaction { slot, connection }),
            Err(failure) => {
                if failure.fault == LedgerFault::Busy {
                    // Nothing was begun, so nothing is in doubt.
                    slot.connection = Some(connection);
                }
                Err(failure)
            }
        }
    }

    /// Begins a transaction and reads the place of `lease`; refuses a lease that is not the newest (I4).
    pub(crate) async fn begin_under(&self, lease: &Lease) -> Result<(Transaction<'_>, PlaceRecord), Failure> {
        let mut transaction = self.begin().await?;
        if let Some(place) = PlaceRecord::read(transaction.connection(), lease).await? {
            return Ok((transaction, place));
        }
        transaction.roll_back().await?;
        Err(Failure::fenced())
    }

    /// Closes the connection; a later use would open it again.
    pub(crate) async fn close(&self) -> Result<(), Failure> {
        match self.slot.lock().await.connection.take() {
            Some(connection) => Ok(sqlx::Connection::close(connection).await?),
            None => Ok(()),
        }
    }

    /// From now on the database cannot grow, as on a full disk; or can again.
    #[cfg(test)]
    pub(crate) async fn set_full(&self, full: bool) {
        let mut slot = self.slot.lock().await;
        slot.file.set_full(full);
        slot.connection = None;
    }
}

/// A transaction under way. Dropping it undoes it and gives up the connection.
pub(crate) struct Transaction<'a> {
    slot: MutexGuard<'a, Slot>,
    connection: SqliteConnection,
}

impl Transaction<'_> {
    /// The connection, for the statements of this transaction.
    pub(crate) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }

    /// Whether `commit` is the one whose answer was lost, and holds.
    pub(crate) fn holds_already(&mut self, place: &PlaceRecord, commit: &Commit) -> bool {
        self.slot
            .doubts
            .remove(&place.id)
            .is_some_and(|doubt| doubt.commits == place.commits && doubt.commit == *commit)
    }

    /// Makes the transaction durable; remembers `commit` until it is certain that it is.
    pub(crate) async fn commit_doubtfully(
        mut self,
        place: &PlaceRecord,
        commit: &Commit,
    ) -> Result<(), Failure> {
        let (id, commits) = (place.id, place.commits + 1);
        self.slot.doubts.insert(id, Doubt { commits, commit: commit.clone() });
        let mut slot = self.end("COMMIT").await?;
        slot.doubts.remove(&id);
        Ok(())
    }
}

impl<'a> Transaction<'a> {
    /// Makes the transaction durable.
    pub(crate) async fn commit(self) -> Result<(), Failure> {
        self.end("COMMIT").await.map(drop)
    }

    /// Undoes the transaction.
    pub(crate) async fn roll_back(self) -> Result<(), Failure> {
        self.end("ROLLBACK").await.map(drop)
    }

    async fn end(self, statement: &'static str) -> Result<MutexGuard<'a, Slot>, Failure> {
        let Self { mut slot, mut connection } = self;
        sqlx::query(statement).execute(&mut connection).await?;
        slot.connection = Some(connection);
        Ok(slot)
    }
}
