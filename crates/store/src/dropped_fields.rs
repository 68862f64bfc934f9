//! Fields that events would have had, were they in the schema and enabled.

use incydr_core::timestamp::Timestamp;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::columns::{instant, number};
use crate::error::Failure;
use crate::store::{Store, StoreError};

/// A field that was dropped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DroppedField {
    /// Its name, as it was when it was dropped first.
    pub name: String,
    /// How many events lost it.
    pub events: u64,
    /// When the last one did.
    pub last: Timestamp,
}

impl Store {
    /// Counts the events that lost each of these fields.
    pub async fn count_dropped_fields(
        &self,
        counts: &[(String, u64)],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.note("counting dropped fields", async |connection| {
            for (name, events) in counts {
                sqlx::query(
                    "INSERT INTO dropped_fields (name, events, last_nanos) VALUES (?, ?, ?)
                     ON CONFLICT (name) DO UPDATE SET
                         events = events + excluded.events, last_nanos = MAX(last_nanos, excluded.last_nanos)",
                )
                .bind(name)
                .bind(events.cast_signed())
                .bind(now.as_nanos())
                .execute(&mut *connection)
                .await?;
            }
            Ok(())
        })
        .await
    }

    /// All dropped fields, in the order of their names.
    pub async fn dropped_fields(&self) -> Result<Vec<DroppedField>, StoreError> {
        self.read("listing the dropped fields", async |connection| {
            let rows =
                sqlx::query("SELECT * FROM dropped_fields ORDER BY name").fetch_all(connection).await?;
            Ok(rows.iter().map(dropped_field_of).collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Forgets that a field was dropped, because a schema kept elsewhere has it now.
    pub async fn forget_dropped_field(&self, name: &str) -> Result<(), StoreError> {
        self.write("forgetting a dropped field", async |connection| Ok(forget(connection, name).await?)).await
    }
}

/// Forgets that a field was dropped; does nothing where it was not.
pub(crate) async fn forget(connection: &mut SqliteConnection, name: &str) -> Result<(), Failure> {
    sqlx::query("DELETE FROM dropped_fields WHERE name = ?").bind(name).execute(connection).await?;
    Ok(())
}

fn dropped_field_of(row: &SqliteRow) -> Result<DroppedField, Failure> {
    Ok(DroppedField {
        name: row.try_get("name")?,
        events: number(row, "events")?,
        last: instant(row, "last_nanos")?,
    })
}
