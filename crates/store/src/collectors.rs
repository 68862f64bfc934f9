//! Hosted collectors: what the sources hang on.

use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

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
            .fetch_one(connection)
            .await?;
            Ok(collector_of(&row)?)
        })
        .await
    }

    /// Replaces the name and the document of a collector.
    pub async fn update_collector(
        &self,
        id: u64,
        name: &str,
        document: &str,
    ) -> Result<Collector, StoreError> {
        self.write("updating a collector", async |connection| {
            refuse_taken_name(connection, name, id).await?;
            let row = sqlx::query(
                "UPDATE collectors SET name = ?, document = ? WHERE id = ? AND NOT stopping RETURNING *",
            )
            .bind(name)
            .bind(document)
            .bind(id.cast_signed())
            .fetch_optional(connection)
            .await?;
            Ok(collector_of(&row.ok_or(Refusal::NotFound)?)?)
        })
        .await
    }

    /// Begins the deletion of a collector: nobody sees it any more, and its name is free.
    pub async fn mark_collector_stopping(&self, id: u64) -> Result<(), StoreError> {
        self.write("beginning the deletion of a collector", async |connection| {
            let marked = sqlx::query("UPDATE collectors SET stopping = TRUE WHERE id = ? AND NOT stopping")
                .bind(id.cast_signed())
                .execute(connection)
                .await?;
            if marked.rows_affected() == 0 { Err(Refusal::NotFound.into()) } else { Ok(()) }
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
        self.read("reading a collector", async |connection| {
            let row = sqlx::query("SELECT * FROM collectors WHERE id = ? AND NOT stopping")
                .bind(id.cast_signed())
                .fetch_optional(connection)
                .await?;
            Ok(row.as_ref().map(collector_of).transpose()?)
        })
        .await
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

fn collector_of(row: &SqliteRow) -> Result<Collector, Failure> {
    Ok(Collector {
        id: row.try_get::<i64, _>("id")?.cast_unsigned(),
        name: row.try_get("name")?,
        document: row.try_get("document")?,
    })
}
