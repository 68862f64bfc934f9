//! What proved each closed range complete: the vendor's count beside the events that were met.

use incydr_core::checkpoint::Checkpoint;
use incydr_core::timestamp::Timestamp;
use sqlx::sqlite::SqliteConnection;

use crate::error::Failure;

/// So many proofs of a place are kept, the newest ones.
const KEPT: i64 = 1_000;

/// Keeps the proof of each range of the window that is being closed, and drops the oldest beyond what is kept.
pub(crate) async fn keep(
    connection: &mut SqliteConnection,
    place_id: i64,
    closing: &Checkpoint,
) -> Result<(), Failure> {
    for range in &closing.ranges {
        sqlx::query(
            "INSERT INTO proofs (place_id, window_number, range_number, from_nanos, to_nanos,
                                 expected, unique_events, rescans)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(place_id)
        .bind(closing.window.cast_signed())
        .bind(i64::from(range.number))
        .bind(Timestamp::as_nanos(range.from))
        .bind(Timestamp::as_nanos(range.to))
        .bind(range.expected.map(u64::cast_signed))
        .bind(range.unique.cast_signed())
        .bind(i64::from(range.rescans))
        .execute(&mut *connection)
        .await?;
    }
    sqlx::query(
        "DELETE FROM proofs WHERE place_id = ?1 AND id <=
             (SELECT id FROM proofs WHERE place_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
    )
    .bind(place_id)
    .bind(KEPT)
    .execute(connection)
    .await?;
    Ok(())
}
