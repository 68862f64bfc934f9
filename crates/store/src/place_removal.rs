//! The end of a place: what is kept of it goes, a bounded part at a time, so that no stream waits long for a commit.
//!
//! What stays is an entry of the audit log with how far the place had come and what became of its events.

use incydr_core::stream::Place;
use sqlx::Row;
use sqlx::sqlite::SqliteConnection;

use crate::audit_log::{self, Author, Change};
use crate::error::Failure;
use crate::inspection::place_of;
use crate::store::{Store, StoreError};

/// So many rows go in one transaction; each may have tens of kilobytes.
const PORTION: u64 = 100;

/// What a place may have many or large rows of.
const BULK: [&str; 3] = [
    "DELETE FROM acknowledged WHERE id IN (SELECT id FROM acknowledged WHERE place_id = ? LIMIT ?)",
    "DELETE FROM dead_letters WHERE id IN (SELECT id FROM dead_letters WHERE place_id = ? LIMIT ?)",
    "DELETE FROM proofs WHERE id IN (SELECT id FROM proofs WHERE place_id = ? LIMIT ?)",
];

/// The rest of it, and the place last.
const REST: [&str; 3] = [
    "DELETE FROM ranges WHERE place_id = ?",
    "DELETE FROM receipts WHERE place_id = ?",
    "DELETE FROM places WHERE id = ?",
];

impl Store {
    /// The names of the places of a source, of all its tenants and backfills.
    pub async fn place_names_of(&self, source_id: u64) -> Result<Vec<Place>, StoreError> {
        self.read("listing the places of a source", async |connection| {
            let rows = sqlx::query(
                "SELECT source, stream FROM places
                 WHERE source > 'source ' || ?1 || ' at ' AND source < 'source ' || ?1 || ' at!' ORDER BY id",
            )
            .bind(source_id.cast_signed())
            .fetch_all(connection)
            .await?;
            Ok(rows.iter().map(place_of).collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Removes a part of what is kept of `place`, at most 100 rows; `true` when the place itself is gone. Refused when
    /// there is none.
    ///
    /// Nothing may run there any more, and what its destinations have staged must be published: nobody would do so
    /// afterwards. Ids, dead letters and proofs are gone for good.
    pub async fn remove_part_of_place(&self, place: &Place, by: Author<'_>) -> Result<bool, StoreError> {
        self.write_at("removing a place", place, async |connection, place_id| {
            for statement in BULK {
                let removed = sqlx::query(statement)
                    .bind(place_id)
                    .bind(PORTION.cast_signed())
                    .execute(&mut *connection)
                    .await?;
                if removed.rows_affected() == PORTION {
                    return Ok(false);
                }
            }
            let last = figures_of(connection, place_id).await?;
            let resource = place.to_string();
            let change = Change { before: Some(&last), ..Change::of("PlaceRemoved", &resource) };
            audit_log::append(connection, by, &change).await?;
            for statement in REST {
                sqlx::query(statement).bind(place_id).execute(&mut *connection).await?;
            }
            Ok(true)
        })
        .await
    }
}

/// Whether a source has a place of any tenant or backfill.
pub(crate) async fn has_places(connection: &mut SqliteConnection, source_id: u64) -> Result<bool, Failure> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM places
             WHERE source > 'source ' || ?1 || ' at ' AND source < 'source ' || ?1 || ' at!')",
    )
    .bind(source_id.cast_signed())
    .fetch_one(connection)
    .await?)
}

/// How far a place has come and what became of its events, as JSON.
async fn figures_of(connection: &mut SqliteConnection, place_id: i64) -> Result<String, Failure> {
    let row = sqlx::query(
        "SELECT json_object(
             'watermark', strftime('%Y-%m-%dT%H:%M:%fZ', watermark_nanos / 1000000 / 1000.0, 'unixepoch'),
             'fetched', fetched, 'acknowledged', acknowledged, 'duplicate', duplicate, 'excluded', excluded,
             'dead', dead,
             'unpublished', (SELECT COUNT(*) FROM receipts WHERE place_id = places.id)) AS figures
         FROM places WHERE id = ?",
    )
    .bind(place_id)
    .fetch_one(connection)
    .await?;
    Ok(row.try_get("figures")?)
}
