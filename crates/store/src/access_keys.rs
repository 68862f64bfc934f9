//! Who may use the API. The keys themselves are not here, but hashes from which they cannot be found.

use incydr_core::secret::Secret;
use incydr_core::timestamp::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::audit_log::{self, Author, Change};
use crate::columns::{instant, optional_instant, optional_number, word};
use crate::error::Failure;
use crate::store::{Refusal, Store, StoreError};

/// An access key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccessKey {
    /// What a client calls itself by.
    pub access_id: String,
    /// An argon2id hash of the key. Not shown, because a weak key could be guessed from it.
    pub hash: Secret,
    /// What its holder may do.
    pub role: Role,
    /// What it is for, for people.
    pub label: String,
    /// The one collector that it may see; `None` for all.
    pub collector_id: Option<u64>,
    /// When it was created.
    pub created: Timestamp,
    /// From when on it is worth nothing; `None` for never.
    pub expires: Option<Timestamp>,
    /// When it was last used, as far as that was recorded.
    pub last_used: Option<Timestamp>,
}

impl AccessKey {
    /// Whether it is worth anything at `now`.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.expires.is_none_or(|end| now < end)
    }
}

/// What the holder of a key may do.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Role {
    /// See and change everything.
    Manage,
    /// See everything.
    View,
}

impl Role {
    /// The word of the API and of the state file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Manage => "manage",
            Self::View => "view",
        }
    }

    /// Reads the word of the API.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Manage, Self::View].into_iter().find(|role| role.as_str() == word)
    }
}

impl Store {
    /// Keeps a new access key. Refused when its access id is taken.
    pub async fn create_access_key(&self, key: &AccessKey, by: Author<'_>) -> Result<(), StoreError> {
        self.write("creating an access key", async |connection| {
            let inserted = sqlx::query(
                "INSERT INTO access_keys (access_id, hash, role, label, collector_id, created_nanos, expires_nanos,
                                          last_used_nanos)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            )
            .bind(&key.access_id)
            .bind(key.hash.reveal())
            .bind(key.role.as_str())
            .bind(&key.label)
            .bind(key.collector_id.map(u64::cast_signed))
            .bind(key.created.as_nanos())
            .bind(key.expires.map(Timestamp::as_nanos))
            .bind(key.last_used.map(Timestamp::as_nanos))
            .execute(&mut *connection)
            .await?;
            if inserted.rows_affected() == 0 {
                return Err(Refusal::NameTaken.into());
            }
            let (resource, role) = (resource_of(&key.access_id), key.role.as_str());
            let after = format!("{{\"role\":\"{role}\"}}");
            let change = Change { after: Some(&after), ..Change::of("AccessKeyCreated", &resource) };
            Ok(audit_log::append(connection, by, &change).await?)
        })
        .await
    }

    /// All access keys, oldest first.
    pub async fn access_keys(&self) -> Result<Vec<AccessKey>, StoreError> {
        self.read("listing the access keys", async |connection| {
            let rows = sqlx::query("SELECT * FROM access_keys ORDER BY created_nanos, access_id")
                .fetch_all(connection)
                .await?;
            Ok(rows.iter().map(key_of).collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The access key with this id, also when it has expired.
    pub async fn access_key(&self, access_id: &str) -> Result<Option<AccessKey>, StoreError> {
        self.read("reading an access key", async |connection| {
            let row = sqlx::query("SELECT * FROM access_keys WHERE access_id = ?")
                .bind(access_id)
                .fetch_optional(connection)
                .await?;
            Ok(row.as_ref().map(key_of).transpose()?)
        })
        .await
    }

    /// Revokes an access key: it is gone.
    pub async fn revoke_access_key(&self, access_id: &str, by: Author<'_>) -> Result<(), StoreError> {
        self.write("revoking an access key", async |connection| {
            let revoked = sqlx::query("DELETE FROM access_keys WHERE access_id = ?")
                .bind(access_id)
                .execute(&mut *connection)
                .await?;
            if revoked.rows_affected() == 0 {
                return Err(Refusal::NotFound.into());
            }
            let resource = resource_of(access_id);
            Ok(audit_log::append(connection, by, &Change::of("AccessKeyRevoked", &resource)).await?)
        })
        .await
    }

    /// Records that an access key was used. Each call is a write: the caller decides how often it is worth one.
    pub async fn touch_access_key(&self, access_id: &str, now: Timestamp) -> Result<(), StoreError> {
        self.note("recording the use of an access key", async |connection| {
            sqlx::query("UPDATE access_keys SET last_used_nanos = ? WHERE access_id = ?")
                .bind(now.as_nanos())
                .bind(access_id)
                .execute(connection)
                .await?;
            Ok(())
        })
        .await
    }
}

/// How the audit log names an access key.
fn resource_of(access_id: &str) -> String {
    format!("access key {access_id}")
}

fn key_of(row: &SqliteRow) -> Result<AccessKey, Failure> {
    Ok(AccessKey {
        access_id: row.try_get("access_id")?,
        hash: Secret::new(row.try_get::<String, _>("hash")?),
        role: word(row, "role", Role::parse)?,
        label: row.try_get("label")?,
        collector_id: optional_number(row, "collector_id")?,
        created: instant(row, "created_nanos")?,
        expires: optional_instant(row, "expires_nanos")?,
        last_used: optional_instant(row, "last_used_nanos")?,
    })
}
