//! Events that cannot be delivered, kept whole.

use incydr_core::event::EventId;
use incydr_core::ledger::DeadLetter;
use incydr_core::timestamp::Timestamp;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::error::Failure;

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
