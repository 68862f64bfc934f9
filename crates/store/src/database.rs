//! The one connection that writes, and the transactions on it.
//!
//! A connection whose transaction did not end cleanly is never used again: an error, a failed sync or a caller that
//! went away all leave the slot empty, and whoever comes next opens and verifies the file anew. So a failed sync can
//! never be taken for success by trying once more.
//!
//! A transaction says how durable it must become. The write-ahead log keeps the order of all of them, so that a
//! synced one makes those before it safe as well.

use std::collections::HashMap;

use incydr_core::ledger::{Commit, Lease, LedgerFault};
use sqlx::sqlite::SqliteConnection;
use tokio::sync::{Mutex, MutexGuard};

use crate::durability::Durability;
use crate::error::Failure;
use crate::place::{self, PlaceRecord};
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
    /// What the connection is set to.
    durability: Durability,
    /// Transactions since the last one that certainly was synced.
    unsynced: u32,
    /// Places as last committed; the row of a place says whether that is still so.
    committed: HashMap<i64, PlaceRecord>,
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
        let (committed, doubts) = (HashMap::new(), HashMap::new());
        let slot = Slot { file, connection, durability: Durability::Synced, unsynced: 0, committed, doubts };
        Ok(Self { slot: Mutex::new(slot) })
    }

    /// Begins a transaction that excludes all others.
    pub(crate) async fn begin(&self, durability: Durability) -> Result<Transaction<'_>, Failure> {
        let (mut slot, mut connection) = self.take_connection(durability).await?;
        match sqlx::query("BEGIN IMMEDIATE").execute(&mut connection).await.map_err(Failure::from) {
            Ok(_) => Ok(Transaction { slot, connection }),
            Err(failure) => {
                slot.take_back_unless_broken(connection, &failure);
                Err(failure)
            }
        }
    }

    /// Begins a transaction and reads the place of `lease`; refuses a lease that is not the newest (I4).
    pub(crate) async fn begin_under(
        &self,
        lease: &Lease,
        durability: Durability,
    ) -> Result<(Transaction<'_>, PlaceRecord), Failure> {
        let (mut slot, mut connection) = self.take_connection(durability).await?;
        let row = match place::begin_and_find(&mut connection, lease).await {
            Ok(row) => row,
            Err(failure) => {
                slot.take_back_unless_broken(connection, &failure);
                return Err(failure);
            }
        };
        let mut transaction = Transaction { slot, connection };
        let Some(row) = row else {
            transaction.roll_back().await?;
            return Err(Failure::fenced());
        };
        let place = match transaction.slot.committed.get(&place::id_of(&row)?) {
            Some(place) if place.stands_in(&row)? => place.clone(),
            Some(_) | None => PlaceRecord::read(&mut transaction.connection, &lease.place, &row).await?,
        };
        Ok((transaction, place))
    }

    /// Closes the connection; a later use would open it again.
    pub(crate) async fn close(&self) -> Result<(), Failure> {
        match self.slot.lock().await.connection.take() {
            Some(connection) => Ok(sqlx::Connection::close(connection).await?),
            None => Ok(()),
        }
    }

    /// Takes the connection, set so that its next transaction becomes as durable as asked.
    async fn take_connection(
        &self,
        durability: Durability,
    ) -> Result<(MutexGuard<'_, Slot>, SqliteConnection), Failure> {
        let mut slot = self.slot.lock().await;
        let mut connection = match slot.connection.take() {
            Some(connection) => connection,
            None => {
                (slot.durability, slot.unsynced) = (Durability::Synced, 0);
                slot.file.open().await?
            }
        };
        let durability = durability.after(slot.unsynced);
        if durability != slot.durability {
            durability.set(&mut connection).await?;
            slot.durability = durability;
        }
        Ok((slot, connection))
    }

    /// From now on the database cannot grow, as on a full disk; or can again.
    #[cfg(test)]
    pub(crate) async fn set_full(&self, full: bool) {
        let mut slot = self.slot.lock().await;
        slot.file.set_full(full);
        slot.connection = None;
    }

    /// Whether the last transaction was synced, as the connection itself says.
    #[cfg(test)]
    pub(crate) async fn is_synced(&self) -> bool {
        let mut slot = self.slot.lock().await;
        let connection = slot.connection.as_mut().expect("no transaction is under way");
        let setting: i64 =
            sqlx::query_scalar("PRAGMA synchronous").fetch_one(connection).await.expect("known");
        setting >= 2
    }
}

impl Slot {
    /// A transaction that could not begin because of another program's lock leaves its connection as it was.
    fn take_back_unless_broken(&mut self, connection: SqliteConnection, failure: &Failure) {
        if failure.fault == LedgerFault::Busy {
            self.connection = Some(connection);
        }
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

    /// What is remembered of a place no longer counts: its row is about to change without a commit of its holder.
    pub(crate) fn forget(&mut self, place_id: i64) {
        self.slot.committed.remove(&place_id);
    }

    /// Whether `commit` is the one whose answer was lost, and holds.
    pub(crate) fn holds_already(&self, place: &PlaceRecord, commit: &Commit) -> bool {
        let doubt = self.slot.doubts.get(&place.id);
        doubt.is_some_and(|doubt| doubt.commits == place.commits && doubt.commit == *commit)
    }

    /// Ends the transaction and the doubt about the last commit of `place`: it held, and now that will be answered.
    pub(crate) async fn commit_nothing_more(mut self, place: &PlaceRecord) -> Result<(), Failure> {
        sqlx::query("COMMIT").execute(&mut self.connection).await?;
        // No await may follow: whoever goes away before the answer leaves the doubt behind.
        self.slot.doubts.remove(&place.id);
        self.give_back();
        Ok(())
    }

    /// Writes `place`, which `commit` led to, and makes the transaction as durable as was asked.
    pub(crate) async fn commit_place(mut self, place: PlaceRecord, commit: &Commit) -> Result<(), Failure> {
        let doubt = Doubt { commits: place.commits, commit: commit.clone() };
        self.slot.doubts.insert(place.id, doubt);
        place.write_and_commit(&mut self.connection).await?;
        // As above, no await may follow.
        self.slot.doubts.remove(&place.id);
        self.slot.committed.insert(place.id, place);
        self.slot.unsynced =
            if self.slot.durability == Durability::Synced { 0 } else { self.slot.unsynced + 1 };
        self.give_back();
        Ok(())
    }

    /// Makes the transaction as durable as was asked.
    pub(crate) async fn commit(mut self) -> Result<(), Failure> {
        sqlx::query("COMMIT").execute(&mut self.connection).await?;
        // It may have had nothing to write, and then nothing was synced.
        self.slot.unsynced += 1;
        self.give_back();
        Ok(())
    }

    /// Undoes the transaction.
    pub(crate) async fn roll_back(mut self) -> Result<(), Failure> {
        sqlx::query("ROLLBACK").execute(&mut self.connection).await?;
        self.give_back();
        Ok(())
    }

    fn give_back(self) {
        let Self { mut slot, connection } = self;
        slot.connection = Some(connection);
    }
}
