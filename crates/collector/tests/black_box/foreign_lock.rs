//! Another program that writes to the state file, as a backup tool or a curious person may.

use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};

/// A transaction that keeps everybody else from writing.
pub(crate) struct ForeignLock(SqliteConnection);

impl ForeignLock {
    /// Waits for its turn, and then keeps it.
    pub(crate) async fn take(state: &Path) -> Self {
        let options = SqliteConnectOptions::new().filename(state).create_if_missing(false);
        let mut connection = options.connect().await.expect("the state file is there");
        sqlx::query("BEGIN IMMEDIATE").execute(&mut connection).await.expect("it is free for a moment");
        Self(connection)
    }

    /// Lets the others write again.
    pub(crate) async fn release(mut self) {
        sqlx::query("ROLLBACK").execute(&mut self.0).await.expect("there is a transaction");
        self.0.close().await.expect("an open connection");
    }
}
