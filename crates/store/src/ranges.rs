//! The ranges of the open window of a place.

use incydr_core::checkpoint::{Cursor, WalkRange};
use incydr_core::timestamp::Timestamp;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::error::Failure;

/// All ranges of a place, in their order.
pub(crate) async fn read(
    connection: &mut SqliteConnection,
    place_id: i64,
) -> Result<Vec<WalkRange>, Failure> {
    sqlx::query(
        "SELECT number, from_nanos, to_nanos, owns_end, cursor_token, cursor_nanos, position_nanos, page,
                unique_events, expected, rescans, closed
         FROM ranges WHERE place_id = ? ORDER BY id",
    )
    .bind(place_id)
    .fetch_all(connection)
    .await?
    .iter()
    .map(range_of)
    .collect()
}

/// Puts `ranges` in the place of all that are there.
pub(crate) async fn replace(
    connection: &mut SqliteConnection,
    place_id: i64,
    ranges: &[WalkRange],
) -> Result<(), Failure> {
    sqlx::query("DELETE FROM ranges WHERE place_id = ?").bind(place_id).execute(&mut *connection).await?;
    for range in ranges {
        let (token, instant) = cursor_columns(&range.cursor);
        sqlx::query(
            "INSERT INTO ranges (from_nanos, to_nanos, owns_end, cursor_token, cursor_nanos, position_nanos, page,
                                 unique_events, expected, rescans, closed, place_id, number)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(range.from.as_nanos())
        .bind(range.to.as_nanos())
        .bind(range.owns_end)
        .bind(token)
        .bind(instant)
        .bind(range.position.as_nanos())
        .bind(range.page.cast_signed())
        .bind(range.unique.cast_signed())
        .bind(range.expected.map(u64::cast_signed))
        .bind(i64::from(range.rescans))
        .bind(range.closed)
        .bind(place_id)
        .bind(i64::from(range.number))
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Puts `range` in the place of the one of the same number; does nothing where there is none.
pub(crate) async fn update(
    connection: &mut SqliteConnection,
    place_id: i64,
    range: &WalkRange,
) -> Result<(), Failure> {
    let (token, instant) = cursor_columns(&range.cursor);
    sqlx::query(
        "UPDATE ranges SET from_nanos = ?, to_nanos = ?, owns_end = ?, cursor_token = ?, cursor_nanos = ?,
                position_nanos = ?, page = ?, unique_events = ?, expected = ?, rescans = ?, closed = ?
         WHERE place_id = ? AND number = ?",
    )
    .bind(range.from.as_nanos())
    .bind(range.to.as_nanos())
    .bind(range.owns_end)
    .bind(token)
    .bind(instant)
    .bind(range.position.as_nanos())
    .bind(range.page.cast_signed())
    .bind(range.unique.cast_signed())
    .bind(range.expected.map(u64::cast_signed))
    .bind(i64::from(range.rescans))
    .bind(range.closed)
    .bind(place_id)
    .bind(i64::from(range.number))
    .execute(connection)
    .await?;
    Ok(())
}

fn cursor_columns(cursor: &Cursor) -> (Option<&str>, Option<i64>) {
    match cursor {
        Cursor::Start => (None, None),
        Cursor::Token(token) => (Some(token), None),
        Cursor::At(instant) => (None, Some(instant.as_nanos())),
    }
}

fn range_of(row: &SqliteRow) -> Result<WalkRange, Failure> {
    let instant = |column: &str| row.try_get::<i64, _>(column).map(Timestamp::from_nanos);
    let count = |column: &str| row.try_get::<i64, _>(column).map(i64::cast_unsigned);
    let token: Option<String> = row.try_get("cursor_token")?;
    let at: Option<i64> = row.try_get("cursor_nanos")?;
    Ok(WalkRange {
        number: row.try_get("number")?,
        from: instant("from_nanos")?,
        to: instant("to_nanos")?,
        owns_end: row.try_get("owns_end")?,
        cursor: match (token, at) {
            (None, None) => Cursor::Start,
            (Some(token), None) => Cursor::Token(token),
            (None, Some(nanos)) => Cursor::At(Timestamp::from_nanos(nanos)),
            (Some(_), Some(_)) => return Err(Failure::corrupt("a range has two cursors")),
        },
        position: instant("position_nanos")?,
        page: count("page")?,
        unique: count("unique_events")?,
        expected: row.try_get::<Option<i64>, _>("expected")?.map(i64::cast_unsigned),
        rescans: row.try_get("rescans")?,
        closed: row.try_get("closed")?,
    })
}
