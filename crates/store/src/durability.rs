//! How safe a transaction must be before it is answered.
//!
//! Both kinds outlive the process. The difference shows when the machine loses its power: the write-ahead log then ends
//! somewhere after its last sync, at a whole transaction, because each of its frames carries a checksum over all frames
//! before it. So what is lost is always the newest, and never something in between.

use sqlx::sqlite::SqliteConnection;

use crate::error::Failure;

/// After so many transactions without a sync the next one is synced: that bounds what a power failure takes back, and
/// the write-ahead log, which is copied into the file only after a sync.
const MOST_UNSYNCED: u32 = 256;

/// How safe a transaction must be before it is answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Durability {
    /// On the disk, with everything before it.
    Synced,
    /// In its order. A power failure may take it back, together with everything after it.
    Ordered,
}

impl Durability {
    /// What a transaction gets that asks for this after so many without a sync.
    pub(crate) fn after(self, unsynced: u32) -> Self {
        if unsynced < MOST_UNSYNCED { self } else { Self::Synced }
    }

    /// Sets `connection`, which is in no transaction.
    ///
    /// Only a synced transaction copies the log into the file afterwards. SQLite passes over a failure to sync the log
    /// before that copy; so the log must have been synced, and that answered, by then.
    pub(crate) async fn set(self, connection: &mut SqliteConnection) -> Result<(), Failure> {
        let pragmas = match self {
            Self::Synced => "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1000",
            Self::Ordered => "PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0",
        };
        sqlx::raw_sql(pragmas).execute(connection).await?;
        Ok(())
    }
}
