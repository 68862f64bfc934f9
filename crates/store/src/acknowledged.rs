//! The ids of events that need never be delivered again, as long as they may be met again.
//!
//! A batch is one row, and all its ids are one value: what a commit writes is in proportion to what is new. A batch
//! is forgotten as a whole, once its newest event is too old.

use incydr_core::event::EventId;
use incydr_core::ledger::AcknowledgedBatch;
use incydr_core::timestamp::Timestamp;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::error::Failure;

/// Bytes of one packed id: the key, the version, the time, each with its lowest byte first.
const PACKED: usize = 32;

/// Remembers the ids of `batch`; there is nothing to remember of an empty one.
pub(crate) async fn remember(
    connection: &mut SqliteConnection,
    place_id: i64,
    batch: &AcknowledgedBatch,
) -> Result<(), Failure> {
    let times = || batch.ids.iter().map(|(_, time)| *time);
    let (Some(oldest), Some(newest)) = (times().min(), times().max()) else { return Ok(()) };
    sqlx::query(
        "INSERT INTO acknowledged (place_id, window_number, range_number, page, oldest_nanos, newest_nanos, ids)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(place_id)
    .bind(batch.window.cast_signed())
    .bind(i64::from(batch.range))
    .bind(batch.page.cast_signed())
    .bind(oldest.as_nanos())
    .bind(newest.as_nanos())
    .bind(pack(&batch.ids))
    .execute(connection)
    .await?;
    Ok(())
}

/// The batches that are still remembered and have an id with a time from `from` to `to`, oldest commit first.
pub(crate) async fn read(
    connection: &mut SqliteConnection,
    place_id: i64,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<AcknowledgedBatch>, Failure> {
    let rows = sqlx::query(
        "SELECT window_number, range_number, page, ids FROM acknowledged
         WHERE place_id = ? AND newest_nanos >= ? AND oldest_nanos <= ? ORDER BY id",
    )
    .bind(place_id)
    .bind(from.as_nanos())
    .bind(to.as_nanos())
    .fetch_all(connection)
    .await?;
    let mut batches = rows.iter().map(batch_of).collect::<Result<Vec<_>, _>>()?;
    // The query knows only the two ends of a batch, which may reach over the whole span without an id inside.
    batches.retain(|batch| batch.ids.iter().any(|(_, time)| (from..=to).contains(time)));
    Ok(batches)
}

/// Forgets all batches that lie wholly before `forget_before`.
pub(crate) async fn forget(
    connection: &mut SqliteConnection,
    place_id: i64,
    forget_before: Timestamp,
) -> Result<(), Failure> {
    sqlx::query("DELETE FROM acknowledged WHERE place_id = ? AND newest_nanos < ?")
        .bind(place_id)
        .bind(forget_before.as_nanos())
        .execute(connection)
        .await?;
    Ok(())
}

/// Forgets all ids with a time of `from` or later.
pub(crate) async fn forget_from(
    connection: &mut SqliteConnection,
    place_id: i64,
    from: Timestamp,
) -> Result<(), Failure> {
    let rows: Vec<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT id, ids FROM acknowledged WHERE place_id = ? AND newest_nanos >= ?")
            .bind(place_id)
            .bind(from.as_nanos())
            .fetch_all(&mut *connection)
            .await?;
    for (row_id, packed) in rows {
        let mut ids = unpack(&packed).ok_or_else(cut_off)?;
        ids.retain(|(_, time)| *time < from);
        keep_only(connection, row_id, &ids).await?;
    }
    Ok(())
}

/// Puts `ids` in the place of all ids of a batch, and deletes the batch when there are none.
async fn keep_only(
    connection: &mut SqliteConnection,
    row_id: i64,
    ids: &[(EventId, Timestamp)],
) -> Result<(), Failure> {
    match ids.iter().map(|(_, time)| time.as_nanos()).max() {
        None => sqlx::query("DELETE FROM acknowledged WHERE id = ?").bind(row_id),
        Some(newest) => sqlx::query("UPDATE acknowledged SET newest_nanos = ?, ids = ? WHERE id = ?")
            .bind(newest)
            .bind(pack(ids))
            .bind(row_id),
    }
    .execute(connection)
    .await?;
    Ok(())
}

fn cut_off() -> Failure {
    Failure::corrupt("the ids of a batch are cut off")
}

fn batch_of(row: &SqliteRow) -> Result<AcknowledgedBatch, Failure> {
    let packed: &[u8] = row.try_get("ids")?;
    Ok(AcknowledgedBatch {
        window: row.try_get::<i64, _>("window_number")?.cast_unsigned(),
        range: row.try_get("range_number")?,
        page: row.try_get::<i64, _>("page")?.cast_unsigned(),
        ids: unpack(packed).ok_or_else(cut_off)?,
        receipts: Vec::new(),
    })
}

fn pack(ids: &[(EventId, Timestamp)]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(ids.len() * PACKED);
    for (id, time) in ids {
        packed.extend_from_slice(&id.key.to_le_bytes());
        packed.extend_from_slice(&id.version.to_le_bytes());
        packed.extend_from_slice(&time.as_nanos().to_le_bytes());
    }
    packed
}

/// `None` when `packed` is not made of whole ids.
fn unpack(packed: &[u8]) -> Option<Vec<(EventId, Timestamp)>> {
    let (ids, []) = packed.as_chunks::<PACKED>() else { return None };
    ids.iter().map(unpack_one).collect()
}

fn unpack_one(packed: &[u8; PACKED]) -> Option<(EventId, Timestamp)> {
    let (key, rest) = packed.split_first_chunk()?;
    let (version, time) = rest.split_first_chunk()?;
    let id = EventId { key: u128::from_le_bytes(*key), version: u64::from_le_bytes(*version) };
    Some((id, Timestamp::from_nanos(i64::from_le_bytes(*time.first_chunk()?))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_packed_unpacks_the_same_and_a_cut_is_noticed(
            ids in prop::collection::vec((any::<u128>(), any::<u64>(), any::<i64>()), 0..20),
            cut in 1..PACKED,
        ) {
            let ids: Vec<_> = ids
                .into_iter()
                .map(|(key, version, nanos)| (EventId { key, version }, Timestamp::from_nanos(nanos)))
                .collect();
            let packed = pack(&ids);
            prop_assert_eq!(unpack(&packed[..packed.len().saturating_sub(cut)]).is_some(), ids.is_empty());
            prop_assert_eq!(unpack(&packed), Some(ids));
        }
    }
}
