//! The places of hosted sources, for those who look after them: how far each has come, and the audited reset.
//!
//! A place of a hosted source is named `source <id> at <origin>`: another tenant is another place of the source.

use std::collections::BTreeMap;

use incydr_core::ledger::Counts;
use incydr_core::stream::Place;
use incydr_core::timestamp::Timestamp;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::audit_log::{self, Author, Change};
use crate::columns::{json_array, number, optional_instant};
use crate::error::Failure;
use crate::inspection::{PlaceStatus, place_of, status_of};
use crate::place::{self, PlaceRecord, totals_of};
use crate::store::{Store, StoreError};
use crate::{acknowledged, ranges};

/// How far a place has come, in few words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlaceProgress {
    /// Which place.
    pub place: Place,
    /// Everything up to here was delivered; `None` before the first window was closed.
    pub watermark: Option<Timestamp>,
    /// The totals of all commits.
    pub totals: Counts,
    /// How many dead letters are kept.
    pub dead_letters: u64,
}

/// A reset of a checkpoint.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CheckpointReset<'a> {
    /// Where the watermark goes, back or forth.
    pub to: Timestamp,
    /// Who takes the place for it, as in a lease.
    pub holder: &'a str,
    /// Who orders it, for the audit log.
    pub by: Author<'a>,
}

impl Store {
    /// The places of a source, of all its tenants, in the order in which they were first acquired.
    pub async fn places_of(&self, source_id: u64) -> Result<Vec<PlaceStatus>, StoreError> {
        self.read("reading the places of a source", async |connection| {
            // One snapshot for the places and their ranges.
            sqlx::query("BEGIN").execute(&mut *connection).await?;
            let rows = sqlx::query(
                "SELECT * FROM places
                 WHERE source > 'source ' || ?1 || ' at ' AND source < 'source ' || ?1 || ' at!' ORDER BY id",
            )
            .bind(source_id.cast_signed())
            .fetch_all(&mut *connection)
            .await?;
            let mut places = Vec::with_capacity(rows.len());
            for row in &rows {
                places.push(status_of(connection, row).await?);
            }
            sqlx::query("COMMIT").execute(connection).await?;
            Ok(places)
        })
        .await
    }

    /// How far the places of each of these sources have come, by the number of the source; a source without places
    /// is left out.
    pub async fn progress_of(
        &self,
        source_ids: &[u64],
    ) -> Result<BTreeMap<u64, Vec<PlaceProgress>>, StoreError> {
        self.read("reading the progress of sources", async |connection| {
            let rows = sqlx::query(
                "SELECT wanted.value AS source_id, places.*,
                        (SELECT COUNT(*) FROM dead_letters WHERE place_id = places.id) AS dead_letters
                 FROM json_each(?) AS wanted CROSS JOIN places
                 WHERE source > 'source ' || wanted.value || ' at ' AND source < 'source ' || wanted.value || ' at!'
                 ORDER BY places.id",
            )
            .bind(json_array(source_ids))
            .fetch_all(connection)
            .await?;
            let mut progress = BTreeMap::<_, Vec<_>>::new();
            for row in &rows {
                progress.entry(number(row, "source_id")?).or_default().push(progress_of(row)?);
            }
            Ok(progress)
        })
        .await
    }

    /// Moves the watermark of `place`, and writes so into the audit log in the same transaction: the one way in which
    /// a watermark may fall (I2).
    ///
    /// Whoever holds the place is fenced off (I4). An open window is given up, and ids of events with a time of
    /// `to` or later are forgotten, so that they are delivered again. Events up to a look-back (after a second pass:
    /// 30 hours) before `to` are delivered again too, if their ids are too old to be remembered. The totals stay.
    pub async fn reset_checkpoint(
        &self,
        place: &Place,
        reset: &CheckpointReset<'_>,
    ) -> Result<PlaceStatus, StoreError> {
        self.write_at("resetting a checkpoint", place, async |connection, place_id| {
            place::acquire(connection, place, reset.holder).await?;
            let row = row_of(connection, place_id).await?;
            let record = PlaceRecord::read(connection, place, &row).await?;
            let after = record.reset(place, reset.to);
            ranges::replace(connection, place_id, &[]).await?;
            acknowledged::forget_from(connection, place_id, reset.to).await?;
            after.write_reset(connection).await?;
            audit(connection, place, &record, reset).await?;
            let row = row_of(connection, place_id).await?;
            Ok(status_of(connection, &row).await?)
        })
        .await
    }
}

async fn row_of(connection: &mut SqliteConnection, place_id: i64) -> Result<SqliteRow, Failure> {
    Ok(sqlx::query("SELECT * FROM places WHERE id = ?").bind(place_id).fetch_one(connection).await?)
}

async fn audit(
    connection: &mut SqliteConnection,
    place: &Place,
    before: &PlaceRecord,
    reset: &CheckpointReset<'_>,
) -> Result<(), Failure> {
    let watermark = |watermark: Option<Timestamp>| {
        let written = watermark.map_or("null".to_owned(), |watermark| format!("\"{watermark}\""));
        format!("{{\"watermark\":{written}}}")
    };
    let change = Change {
        action: "CheckpointReset",
        resource: &place.to_string(),
        before: Some(&watermark(before.checkpoint.watermark)),
        after: Some(&watermark(Some(reset.to))),
    };
    audit_log::append(connection, reset.by, &change).await
}

fn progress_of(row: &SqliteRow) -> Result<PlaceProgress, Failure> {
    Ok(PlaceProgress {
        place: place_of(row)?,
        watermark: optional_instant(row, "watermark_nanos")?,
        totals: totals_of(row)?,
        dead_letters: number(row, "dead_letters")?,
    })
}
