//! Sources: what is collected from one tenant, and by which settings.

use std::collections::BTreeMap;

use incydr_core::health::{SourceState, StateRecord};
use incydr_core::secret::Secret;
use incydr_core::timestamp::Timestamp;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::audit_log::{self, Author, Change};
use crate::columns::{instant, number};
use crate::error::Failure;
use crate::source_states::{keep, state_of};
use crate::store::{Interruption, Refusal, Store, StoreError};
use crate::vault::{SealedSecret, Vault, VaultError};
use crate::{backfills, health_events, place_removal};

/// A source of a hosted collector.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Source {
    /// Its number, never given out twice.
    pub id: u64,
    /// The collector that it hangs on.
    pub collector_id: u64,
    /// Its name, which no other source of the collector has, save those that are being deleted.
    pub name: String,
    /// Its settings as a JSON object, without the secret.
    pub document: String,
    /// The secret key of its tenant, as it is kept.
    pub secret: SealedSecret,
    /// When it was created.
    pub created: Timestamp,
    /// Its state as last recorded.
    pub state: StateRecord,
    /// Whether it is being deleted.
    pub stopping: bool,
}

impl Source {
    /// The secret key, which `vault` has sealed.
    pub fn open_secret(&self, vault: &Vault) -> Result<Secret, VaultError> {
        vault.open(&secret_of(self.id), &self.secret)
    }

    /// How the audit log names it.
    pub fn resource(&self) -> String {
        format!("source {} of collector {}", self.id, self.collector_id)
    }
}

/// A source that is to be created.
#[derive(Clone, Debug)]
pub struct NewSource<'a> {
    /// The collector that it will hang on.
    pub collector_id: u64,
    /// Its name.
    pub name: &'a str,
    /// Its settings as a JSON object, without the secret.
    pub document: &'a str,
    /// The secret key of its tenant.
    pub secret: &'a Secret,
}

/// What a sealed secret belongs to: the secret of another source does not open in its place.
pub(crate) fn secret_of(source_id: u64) -> String {
    format!("source {source_id} secretKey")
}

impl Store {
    /// Creates a source in the state `Pending`. Refused when there is no such collector, when the name is taken, or
    /// when the collector has `limit` sources already; those being deleted do not count.
    pub async fn create_source(
        &self,
        vault: &Vault,
        source: &NewSource<'_>,
        limit: u64,
        by: Author<'_>,
    ) -> Result<Source, StoreError> {
        self.write("creating a source", async |connection| {
            refuse_absent_collector(connection, source.collector_id).await?;
            refuse_one_too_many(connection, source.collector_id, limit).await?;
            refuse_taken_name(connection, source.collector_id, source.name, 0).await?;
            let state = StateRecord::well(SourceState::Pending, by.at);
            let id = insert(connection, source, &state).await?;
            keep(connection, id, &state).await?;
            seal_into(connection, vault, id, source.secret).await?;
            let created = find(connection, id).await?.ok_or(Refusal::NotFound)?;
            let resource = created.resource();
            let change = Change { after: Some(&created.document), ..Change::of("SourceCreated", &resource) };
            audit_log::append(connection, by, &change).await?;
            Ok(created)
        })
        .await
    }

    /// Replaces the name and the settings of a source, and its secret where there is a new one. Refused when it is
    /// being deleted, or the name is taken.
    pub async fn update_source(
        &self,
        vault: &Vault,
        id: u64,
        name: &str,
        document: &str,
        secret: Option<&Secret>,
        by: Author<'_>,
    ) -> Result<Source, StoreError> {
        self.write("updating a source", async |connection| {
            let current = find(connection, id).await?.filter(|source| !source.stopping);
            let current = current.ok_or(Refusal::NotFound)?;
            refuse_taken_name(connection, current.collector_id, name, id).await?;
            sqlx::query("UPDATE sources SET name = ?, document = ? WHERE id = ?")
                .bind(name)
                .bind(document)
                .bind(id.cast_signed())
                .execute(&mut *connection)
                .await?;
            if let Some(secret) = secret {
                seal_into(connection, vault, id, secret).await?;
            }
            let (before, after) = (Some(current.document.as_str()), Some(document));
            let resource = current.resource();
            let change = Change { before, after, ..Change::of("SourceUpdated", &resource) };
            audit_log::append(connection, by, &change).await?;
            Ok(find(connection, id).await?.ok_or(Refusal::NotFound)?)
        })
        .await
    }

    /// Begins the deletion of a source: its name is free, and it is `Stopping`. Doing so again changes nothing.
    pub async fn mark_source_stopping(&self, id: u64, by: Author<'_>) -> Result<Source, StoreError> {
        self.write("beginning the deletion of a source", async |connection| {
            let source = find(connection, id).await?.ok_or(Refusal::NotFound)?;
            if source.stopping {
                return Ok(source);
            }
            sqlx::query("UPDATE sources SET stopping = TRUE WHERE id = ?")
                .bind(id.cast_signed())
                .execute(&mut *connection)
                .await?;
            let state = StateRecord::well(SourceState::Stopping, by.at);
            keep(connection, id, &state).await?;
            let resource = source.resource();
            let change = Change { before: Some(&source.document), ..Change::of("SourceDeleted", &resource) };
            audit_log::append(connection, by, &change).await?;
            Ok(Source { state, stopping: true, ..source })
        })
        .await
    }

    /// Removes a source with its states and its backfills. Its health events are closed and stay. Refused as long as
    /// it has a place.
    pub async fn remove_source(&self, id: u64, now: Timestamp) -> Result<(), StoreError> {
        self.write("removing a source", async |connection| {
            if place_removal::has_places(connection, id).await? {
                return Err(Refusal::InUse("its places".to_owned()).into());
            }
            health_events::close_all(connection, id, now).await?;
            backfills::remove_of_source(connection, id).await?;
            sqlx::query("DELETE FROM source_states WHERE source_id = ?")
                .bind(id.cast_signed())
                .execute(&mut *connection)
                .await?;
            let removed = sqlx::query("DELETE FROM sources WHERE id = ?")
                .bind(id.cast_signed())
                .execute(connection)
                .await?;
            if removed.rows_affected() == 0 { Err(Refusal::NotFound.into()) } else { Ok(()) }
        })
        .await
    }

    /// The source with this number.
    pub async fn source(&self, id: u64) -> Result<Option<Source>, StoreError> {
        self.read("reading a source", async |connection| Ok(find(connection, id).await?)).await
    }

    /// At most `limit` sources of a collector in the order of their numbers, without the first `offset`.
    pub async fn sources_of(
        &self,
        collector_id: u64,
        limit: u32,
        offset: u32,
    ) -> Result<Vec<Source>, StoreError> {
        self.read("listing the sources of a collector", async |connection| {
            let rows =
                sqlx::query("SELECT * FROM sources WHERE collector_id = ? ORDER BY id LIMIT ? OFFSET ?")
                    .bind(collector_id.cast_signed())
                    .bind(i64::from(limit))
                    .bind(i64::from(offset))
                    .fetch_all(connection)
                    .await?;
            Ok(rows.iter().map(source_of).collect::<Result<_, _>>()?)
        })
        .await
    }

    /// At most `limit` sources of all collectors with numbers after `after`, in the order of their numbers.
    pub async fn sources_after(&self, after: u64, limit: u32) -> Result<Vec<Source>, StoreError> {
        self.read("listing all sources", async |connection| {
            let rows = sqlx::query("SELECT * FROM sources WHERE id > ? ORDER BY id LIMIT ?")
                .bind(after.cast_signed())
                .bind(i64::from(limit))
                .fetch_all(connection)
                .await?;
            Ok(rows.iter().map(source_of).collect::<Result<_, _>>()?)
        })
        .await
    }

    /// How many sources each collector has, by its number; a collector without any is left out.
    pub async fn source_counts(&self) -> Result<BTreeMap<u64, u64>, StoreError> {
        self.read("counting the sources of all collectors", async |connection| {
            let counts: Vec<(i64, i64)> =
                sqlx::query_as("SELECT collector_id, COUNT(*) FROM sources GROUP BY collector_id")
                    .fetch_all(connection)
                    .await?;
            let unsigned = |(id, count): (i64, i64)| (id.cast_unsigned(), count.cast_unsigned());
            Ok(counts.into_iter().map(unsigned).collect())
        })
        .await
    }
}

/// The source with this number.
pub(crate) async fn find(connection: &mut SqliteConnection, id: u64) -> Result<Option<Source>, Failure> {
    let row = sqlx::query("SELECT * FROM sources WHERE id = ?")
        .bind(id.cast_signed())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(source_of).transpose()
}

/// Seals `secret` for the source and keeps it.
pub(crate) async fn seal_into(
    connection: &mut SqliteConnection,
    vault: &Vault,
    id: u64,
    secret: &Secret,
) -> Result<(), Interruption> {
    let sealed = vault.seal(&secret_of(id), secret)?;
    sqlx::query("UPDATE sources SET sealed_secret = ?, vault_key = ? WHERE id = ?")
        .bind(sealed.bytes)
        .bind(sealed.vault_key)
        .bind(id.cast_signed())
        .execute(connection)
        .await?;
    Ok(())
}

/// The number of a new source, whose secret is sealed once the number is known.
async fn insert(
    connection: &mut SqliteConnection,
    source: &NewSource<'_>,
    state: &StateRecord,
) -> Result<u64, Failure> {
    let id: i64 = sqlx::query_scalar(
        "INSERT INTO sources (collector_id, name, document, sealed_secret, vault_key, created_nanos, state,
                              since_nanos, stopping)
         VALUES (?1, ?2, ?3, x'', '', ?4, ?5, ?4, FALSE) RETURNING id",
    )
    .bind(source.collector_id.cast_signed())
    .bind(source.name)
    .bind(source.document)
    .bind(state.since.as_nanos())
    .bind(state.state.as_str())
    .fetch_one(connection)
    .await?;
    Ok(id.cast_unsigned())
}

async fn refuse_absent_collector(connection: &mut SqliteConnection, id: u64) -> Result<(), Interruption> {
    let there: Option<i64> = sqlx::query_scalar("SELECT id FROM collectors WHERE id = ?")
        .bind(id.cast_signed())
        .fetch_optional(connection)
        .await?;
    if there.is_some() { Ok(()) } else { Err(Refusal::NotFound.into()) }
}

async fn refuse_one_too_many(
    connection: &mut SqliteConnection,
    collector_id: u64,
    limit: u64,
) -> Result<(), Interruption> {
    let count: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM sources WHERE collector_id = ? AND NOT stopping")
            .bind(collector_id.cast_signed())
            .fetch_one(connection)
            .await?;
    if count.cast_unsigned() >= limit { Err(Refusal::Full(limit).into()) } else { Ok(()) }
}

/// Refuses `name` when a source of the collector other than `except` has it and is not being deleted.
async fn refuse_taken_name(
    connection: &mut SqliteConnection,
    collector_id: u64,
    name: &str,
    except: u64,
) -> Result<(), Interruption> {
    let other: Option<i64> = sqlx::query_scalar(
        "SELECT id FROM sources WHERE collector_id = ? AND name = ? AND id <> ? AND NOT stopping",
    )
    .bind(collector_id.cast_signed())
    .bind(name)
    .bind(except.cast_signed())
    .fetch_optional(connection)
    .await?;
    if other.is_some() { Err(Refusal::NameTaken.into()) } else { Ok(()) }
}

fn source_of(row: &SqliteRow) -> Result<Source, Failure> {
    Ok(Source {
        id: number(row, "id")?,
        collector_id: number(row, "collector_id")?,
        name: row.try_get("name")?,
        document: row.try_get("document")?,
        secret: SealedSecret { bytes: row.try_get("sealed_secret")?, vault_key: row.try_get("vault_key")? },
        created: instant(row, "created_nanos")?,
        state: state_of(row, "since_nanos")?,
        stopping: row.try_get("stopping")?,
    })
}
