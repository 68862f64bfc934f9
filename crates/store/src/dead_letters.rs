//! Events that cannot be delivered, kept whole.

use incydr_core::event::EventId;
use incydr_core::ledger::DeadLetter;
use incydr_core::stream::{Place, Stream};
use incydr_core::timestamp::Timestamp;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::audit_log::{self, Author, Change};
use crate::columns::{instant, number};
use crate::error::Failure;
use crate::inspection::{KeptDeadLetter, kept_dead_letter_of, place_of};
use crate::page::{Page, PageToken, one_more_than};
use crate::store::{Store, StoreError};

/// A dead letter without its bytes, which may be many.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeadLetterSummary {
    /// Its number; later ones have higher numbers.
    pub number: u64,
    /// The place that it belongs to.
    pub place: Place,
    /// When it was kept, UTC, by the database's clock, as `2025-01-28 01:24:24`.
    pub recorded_at: String,
    /// The time of the event, or the end of the range where it has none.
    pub time: Timestamp,
    /// What is wrong with it, for people.
    pub reason: String,
    /// How many bytes the event has.
    pub bytes: u64,
}

impl Store {
    /// The dead letters of a source, of all its tenants and backfills, oldest first: at most `limit` from where the
    /// page before ended; only those of `stream`, if one is named.
    pub async fn dead_letters_of(
        &self,
        source_id: u64,
        stream: Option<Stream>,
        from: Option<PageToken>,
        limit: u32,
    ) -> Result<Page<DeadLetterSummary>, StoreError> {
        self.read("listing dead letters", async |connection| {
            let rows = sqlx::query(
                "SELECT letter.id, recorded_at, time_nanos, reason, LENGTH(raw) AS bytes, source, stream
                 FROM dead_letters AS letter JOIN places ON places.id = letter.place_id
                 WHERE source > 'source ' || ?1 || ' at ' AND source < 'source ' || ?1 || ' at!'
                   AND (?2 IS NULL OR stream = ?2) AND letter.id > ?3 ORDER BY letter.id LIMIT ?4",
            )
            .bind(source_id.cast_signed())
            .bind(stream.map(Stream::as_str))
            .bind(from.map_or(0, PageToken::row))
            .bind(one_more_than(limit))
            .fetch_all(connection)
            .await?;
            let letters = rows.iter().map(summary_of).collect::<Result<_, _>>()?;
            Ok(Page::of(letters, limit, |letter: &DeadLetterSummary| letter.number))
        })
        .await
    }

    /// The dead letter of a source with this number, whole, and the place that it belongs to.
    pub async fn dead_letter_of(
        &self,
        source_id: u64,
        number: u64,
    ) -> Result<Option<(Place, KeptDeadLetter)>, StoreError> {
        self.read("reading a dead letter", async |connection| {
            let row = sqlx::query(
                "SELECT letter.*, source, stream
                 FROM dead_letters AS letter JOIN places ON places.id = letter.place_id
                 WHERE source > 'source ' || ?1 || ' at ' AND source < 'source ' || ?1 || ' at!'
                   AND letter.id = ?2",
            )
            .bind(source_id.cast_signed())
            .bind(number.cast_signed())
            .fetch_optional(connection)
            .await?;
            let Some(row) = row else { return Ok(None) };
            Ok(Some((place_of(&row)?, kept_dead_letter_of(&row)?)))
        })
        .await
    }

    /// Deletes a dead letter of `place`, which stays counted as one. `false` when it was not there.
    pub async fn discard_dead_letter(
        &self,
        place: &Place,
        number: u64,
        by: Author<'_>,
    ) -> Result<bool, StoreError> {
        self.write_at("discarding a dead letter", place, async |connection, place_id| {
            let was_there = delete(connection, place_id, number).await?;
            if was_there {
                let resource = resource_of(place, number);
                audit_log::append(connection, by, &Change::of("DeadLetterDiscarded", &resource)).await?;
            }
            Ok(was_there)
        })
        .await
    }

    /// Deletes a dead letter of `place` that was delivered after all, and counts its event as acknowledged instead.
    /// `false` when it was not there; then nothing is counted.
    pub async fn dead_letter_redelivered(
        &self,
        place: &Place,
        number: u64,
        by: Author<'_>,
    ) -> Result<bool, StoreError> {
        self.write_at("recording the delivery of a dead letter", place, async |connection, place_id| {
            let was_there = delete(connection, place_id, number).await?;
            if was_there {
                // One sum of all outcomes before and after (I8).
                sqlx::query(
                    "UPDATE places SET dead = dead - 1, acknowledged = acknowledged + 1 WHERE id = ? AND dead > 0",
                )
                .bind(place_id)
                .execute(&mut *connection)
                .await?;
                let resource = resource_of(place, number);
                audit_log::append(connection, by, &Change::of("DeadLetterRedelivered", &resource)).await?;
            }
            Ok(was_there)
        })
        .await
    }
}

/// Keeps `letter`; the same event again is ignored.
pub(crate) async fn keep(
    connection: &mut SqliteConnection,
    place_id: i64,
    letter: &DeadLetter,
) -> Result<(), Failure> {
    sqlx::query(
        "INSERT INTO dead_letters (place_id, event_key, event_version, time_nanos, reason, raw)
         VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    )
    .bind(place_id)
    .bind(&letter.id.key.to_le_bytes()[..])
    .bind(letter.id.version.cast_signed())
    .bind(letter.time.as_nanos())
    .bind(&letter.reason)
    .bind(&letter.raw)
    .execute(connection)
    .await?;
    Ok(())
}

/// The dead letter that a row with all columns holds.
pub(crate) fn letter_of(row: &SqliteRow) -> Result<DeadLetter, Failure> {
    let key: &[u8] = row.try_get("event_key")?;
    let key = key.try_into().map_err(|_| Failure::corrupt("the key of a dead letter is cut off"))?;
    let version = row.try_get::<i64, _>("event_version")?.cast_unsigned();
    Ok(DeadLetter {
        id: EventId { key: u128::from_le_bytes(key), version },
        time: Timestamp::from_nanos(row.try_get("time_nanos")?),
        reason: row.try_get("reason")?,
        raw: row.try_get("raw")?,
    })
}

/// How the audit log names a dead letter.
fn resource_of(place: &Place, number: u64) -> String {
    format!("dead letter {number} of {place}")
}

/// Whether the letter was there.
async fn delete(connection: &mut SqliteConnection, place_id: i64, number: u64) -> Result<bool, Failure> {
    let deleted = sqlx::query("DELETE FROM dead_letters WHERE place_id = ? AND id = ?")
        .bind(place_id)
        .bind(number.cast_signed())
        .execute(connection)
        .await?;
    Ok(deleted.rows_affected() > 0)
}

fn summary_of(row: &SqliteRow) -> Result<DeadLetterSummary, Failure> {
    Ok(DeadLetterSummary {
        number: number(row, "id")?,
        place: place_of(row)?,
        recorded_at: row.try_get("recorded_at")?,
        time: instant(row, "time_nanos")?,
        reason: row.try_get("reason")?,
        bytes: number(row, "bytes")?,
    })
}
