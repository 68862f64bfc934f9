//! Sign-ins in browsers. They outlive a restart of the process.

use incydr_core::timestamp::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::audit_log::{self, Author, Change};
use crate::columns::instant;
use crate::error::Failure;
use crate::store::{Store, StoreError};

/// A sign-in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    /// A digest of what the browser holds.
    pub digest: [u8; 32],
    /// The access key that was signed in with.
    pub access_id: String,
    /// When.
    pub created: Timestamp,
    /// When somebody last did something in it, as far as that was recorded.
    pub last_used: Timestamp,
}

impl Store {
    /// Keeps a new session, and forgets those that began before `created_after` or rest since `used_after`.
    pub async fn create_session(
        &self,
        session: &Session,
        created_after: Timestamp,
        used_after: Timestamp,
        by: Author<'_>,
    ) -> Result<(), StoreError> {
        self.write("keeping a sign-in", async |connection| {
            sqlx::query("DELETE FROM sessions WHERE created_nanos < ? OR last_used_nanos < ?")
                .bind(created_after.as_nanos())
                .bind(used_after.as_nanos())
                .execute(&mut *connection)
                .await?;
            sqlx::query(
                "INSERT INTO sessions (digest, access_id, created_nanos, last_used_nanos) VALUES (?, ?, ?, ?)",
            )
            .bind(&session.digest[..])
            .bind(&session.access_id)
            .bind(session.created.as_nanos())
            .bind(session.last_used.as_nanos())
            .execute(&mut *connection)
            .await?;
            let resource = resource_of(&session.access_id);
            let change = Change::of("SignedIn", &resource);
            Ok(audit_log::append(connection, by, &change).await?)
        })
        .await
    }

    /// The session with this digest, also when it is too old.
    pub async fn session(&self, digest: &[u8; 32]) -> Result<Option<Session>, StoreError> {
        self.read("reading a sign-in", async |connection| {
            let row = sqlx::query("SELECT * FROM sessions WHERE digest = ?")
                .bind(&digest[..])
                .fetch_optional(connection)
                .await?;
            Ok(row.map(|row| session_of(&row, *digest)).transpose()?)
        })
        .await
    }

    /// Records that somebody did something in a session. Each call is a write: the caller decides how often it is
    /// worth one.
    pub async fn touch_session(&self, digest: &[u8; 32], now: Timestamp) -> Result<(), StoreError> {
        self.note("recording the use of a sign-in", async |connection| {
            sqlx::query("UPDATE sessions SET last_used_nanos = ? WHERE digest = ?")
                .bind(now.as_nanos())
                .bind(&digest[..])
                .execute(connection)
                .await?;
            Ok(())
        })
        .await
    }

    /// Ends all sessions of an access key.
    pub async fn end_sessions(&self, access_id: &str, by: Author<'_>) -> Result<(), StoreError> {
        self.write("ending the sign-ins of an access key", async |connection| {
            sqlx::query("DELETE FROM sessions WHERE access_id = ?")
                .bind(access_id)
                .execute(&mut *connection)
                .await?;
            let resource = resource_of(access_id);
            let change = Change::of("SignedOut", &resource);
            Ok(audit_log::append(connection, by, &change).await?)
        })
        .await
    }
}

/// How the audit log names the sessions of an access key.
fn resource_of(access_id: &str) -> String {
    format!("sessions of {access_id}")
}

fn session_of(row: &SqliteRow, digest: [u8; 32]) -> Result<Session, Failure> {
    Ok(Session {
        digest,
        access_id: row.try_get("access_id")?,
        created: instant(row, "created_nanos")?,
        last_used: instant(row, "last_used_nanos")?,
    })
}
