//! Hosted collectors: what the sources hang on.

use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::audit_log::{self, Author, Change};
use crate::error::Failure;
use crate::store::{Interruption, Refusal, Store, StoreError};

/// A hosted collector.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Collector {
    /// Its number, never given out twice.
    pub id: u64,
    /// Its name, which no other has.
    pub name: String,
    /// What a client may modify, the name included, as a JSON object.
    pub document: String,
}

impl Store {
    /// Creates a collector. Refused when the name is taken, or when there are `limit` already.
    pub async fn create_collector(
        &self,
        name: &str,
        document: &str,
        limit: u64,
        by: Author<'_>,
    ) -> Result<Collector, StoreError> {
        self.write("creating a collector", async |connection| {
            let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM collectors WHERE NOT stopping")
                .fetch_one(&mut *connection)
                .await?;
            if count.cast_unsigned() >= limit {
                return Err(Refusal::Full(limit).into());
            }
            refuse_taken_name(connection, name, 0).await?;
            let row = sqlx::query(
                "INSERT INTO collectors (name, document, stopping) VALUES (?, ?, FALSE) RETURNING *",
            )
            .bind(name)
            .bind(document)
            .fetch_one(&mut *connection)
            .await?;
            let created = collector_of(&row)?;
            let resource = resource_of(created.id);
            let change = Change { after: Some(document), ..Change::of("CollectorCreated", &resource) };
            audit_log::append(connection, by, &change).await?;
            Ok(created)
        })
        .await
    }

    /// Replaces the name and the document of a collector.
    pub async fn update_collector(
        &self,
        id: u64,
        name: &str,
        document: &str,
        by: Author<'_>,
    ) -> Result<Collector, StoreError> {
        self.write("updating a collector", async |connection| {
            let current = find(connection, id).await?.ok_or(Refusal::NotFound)?;
            refuse_taken_name(connection, name, id).await?;
            sqlx::query("UPDATE collectors SET name = ?, document = ? WHERE id = ?")
                .bind(name)
                .bind(document)
                .bind(id.cast_signed())
                .execute(&mut *connection)
                .await?;
            let (before, after) = (Some(current.document.as_str()), Some(document));
            let resource = resource_of(id);
            let change = Change { before, after, ..Change::of("CollectorUpdated", &resource) };
            audit_log::append(connection, by, &change).await?;
            Ok(Collector { id, name: name.to_owned(), document: document.to_owned() })
        })
        .await
    }

    /// Begins the deletion of a collector: nobody sees it any more, and its name is free.
    pub async fn mark_collector_stopping(&self, id: u64, by: Author<'_>) -> Result<(), StoreError> {
        self.write("beginning the deletion of a collector", async |connection| {
            let current = find(connection, id).await?.ok_or(Refusal::NotFound)?;
            sqlx::query("UPDATE collectors SET stopping = TRUE WHERE id = ?")
                .bind(id.cast_signed())
                .execute(&mut *connection)
                .await?;
            let resource = resource_of(id);
            let before = Some(current.document.as_str());
            let change = Change { before, ..Change::of("CollectorDeleted", &resource) };
            Ok(audit_log::append(connection, by, &change).await?)
        })
        .await
    }

    /// Removes a collector. Refused as long as it has a source.
    pub async fn remove_collector(&self, id: u64) -> Result<(), StoreError> {
        self.write("removing a collector", async |connection| {
            let sources: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sources WHERE collector_id = ?")
                .bind(id.cast_signed())
                .fetch_one(&mut *connection)
                .await?;
            if sources > 0 {
                return Err(Refusal::InUse(format!("{sources} sources")).into());
            }
            let removed = sqlx::query("DELETE FROM collectors WHERE id = ?")
                .bind(id.cast_signed())
                .execute(connection)
                .await?;
            if removed.rows_affected() == 0 { Err(Refusal::NotFound.into()) } else { Ok(()) }
        })
        .await
    }

    /// The collector with this number, unless it is being deleted.
    pub async fn collector(&self, id: u64) -> Result<Option<Collector>, StoreError> {
        self.read("reading a collector", async |connection| Ok(find(connection, id).await?)).await
    }

    /// The collector with this name.
    pub async fn collector_named(&self, name: &str) -> Result<Option<Collector>, StoreError> {
        self.read("reading a collector by its name", async |connection| {
            let row = sqlx::query("SELECT * FROM collectors WHERE name = ? AND NOT stopping")
                .bind(name)
                .fetch_optional(connection)
                .await?;
            Ok(row.as_ref().map(collector_of).transpose()?)
        })
        .await
    }

    /// At most `limit` collectors in the order of their numbers, without the first `offset`.
    pub async fn collectors(&self, limit: u32, offset: u32) -> Result<Vec<Collector>, StoreError> {
        self.read("listing collectors", async |connection| {
            let rows =
                sqlx::query("SELECT * FROM collectors WHERE NOT stopping ORDER BY id LIMIT ? OFFSET ?")
                    .bind(i64::from(limit))
                    .bind(i64::from(offset))
                    .fetch_all(connection)
                    .await?;
            Ok(rows.iter().map(collector_of).collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The numbers of the collectors whose deletion has begun.
    pub async fn stopping_collectors(&self) -> Result<Vec<u64>, StoreError> {
        self.read("listing collectors that are being deleted", async |connection| {
            let ids: Vec<i64> = sqlx::query_scalar("SELECT id FROM collectors WHERE stopping ORDER BY id")
                .fetch_all(connection)
                .await?;
            Ok(ids.into_iter().map(i64::cast_unsigned).collect())
        })
        .await
    }
}

/// The collector with this number, unless it is being deleted.
async fn find(connection: &mut SqliteConnection, id: u64) -> Result<Option<Collector>, Failure> {
    let row = sqlx::query("SELECT * FROM collectors WHERE id = ? AND NOT stopping")
        .bind(id.cast_signed())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(collector_of).transpose()
}

/// Refuses `name` when a collector other than `except` has it.
async fn refuse_taken_name(
    connection: &mut SqliteConnection,
    name: &str,
    except: u64,
) -> Result<(), Interruption> {
    let other: Option<i64> =
        sqlx::query_scalar("SELECT id FROM collectors WHERE name = ? AND id <> ? AND NOT stopping")
            .bind(name)
            .bind(except.cast_signed())
            .fetch_optional(connection)
            .await?;
    if other.is_some() { Err(Refusal::NameTaken.into()) } else { Ok(()) }
}

/// How the audit log names a collector.
fn resource_of(id: u64) -> String {
    format!("collector {id}")
}

fn collector_of(row: &SqliteRow) -> Result<Collector, Failure> {
    Ok(Collector {
        id: row.try_get::<i64, _>("id")?.cast_unsigned(),
        name: row.try_get("name")?,
        document: row.try_get("document")?,
    })
}
