//! The record of a place: its checkpoint, its totals, and the token of its newest lease.

use incydr_core::checkpoint::Checkpoint;
use incydr_core::ledger::{Counts, Lease, Step};
use incydr_core::stream::Place;
use incydr_core::timestamp::Timestamp;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::error::Failure;
use crate::seal::seal;
use crate::{acknowledged, proofs, ranges};

/// A place as last committed.
#[derive(Debug)]
pub(crate) struct PlaceRecord {
    pub(crate) id: i64,
    /// How many commits there have been.
    pub(crate) commits: u64,
    pub(crate) checkpoint: Checkpoint,
    pub(crate) totals: Counts,
}

impl PlaceRecord {
    /// The place of `lease`; `None` when the lease is not the newest, or of no place that we know.
    pub(crate) async fn read(
        connection: &mut SqliteConnection,
        lease: &Lease,
    ) -> Result<Option<Self>, Failure> {
        let row = sqlx::query(
            "SELECT id, watermark_nanos, window_number, second_pass_nanos, commits, seal,
                    fetched, acknowledged, duplicate, excluded, dead
             FROM places WHERE source = ? AND stream = ? AND token = ?",
        )
        .bind(&lease.place.source)
        .bind(lease.place.stream.as_str())
        .bind(lease.token.cast_signed())
        .fetch_optional(&mut *connection)
        .await?;
        match row {
            Some(row) => Self::from_row(connection, &lease.place, &row).await.map(Some),
            None => Ok(None),
        }
    }

    /// Completes the record of `place` with its ranges, and compares the whole with its seal.
    pub(crate) async fn from_row(
        connection: &mut SqliteConnection,
        place: &Place,
        row: &SqliteRow,
    ) -> Result<Self, Failure> {
        let id = row.try_get("id")?;
        let optional_instant = |column: &str| {
            row.try_get::<Option<i64>, _>(column).map(|nanos| nanos.map(Timestamp::from_nanos))
        };
        let checkpoint = Checkpoint {
            watermark: optional_instant("watermark_nanos")?,
            window: row.try_get::<i64, _>("window_number")?.cast_unsigned(),
            second_pass: optional_instant("second_pass_nanos")?,
            ranges: ranges::read(connection, id).await?,
        };
        if row.try_get::<&[u8], _>("seal")? != seal(place, &checkpoint) {
            return Err(Failure::corrupt("the checkpoint does not match its seal"));
        }
        let commits = row.try_get::<i64, _>("commits")?.cast_unsigned();
        Ok(Self { id, commits, checkpoint, totals: totals_of(row)? })
    }

    /// Moves the checkpoint by `step` and adds `counts`. Follows [`Checkpoint::after`], which never lets the
    /// watermark fall (I2). Returns the checkpoint that will hold.
    pub(crate) async fn advance(
        &self,
        connection: &mut SqliteConnection,
        place: &Place,
        step: Option<&Step>,
        counts: Counts,
    ) -> Result<Checkpoint, Failure> {
        let mut checkpoint = self.checkpoint.clone();
        if let Some(step) = step {
            checkpoint = checkpoint.after(step);
            self.write_ranges(connection, step).await?;
        }
        let totals = self.totals.plus(counts);
        sqlx::query(
            "UPDATE places SET watermark_nanos = ?, window_number = ?, second_pass_nanos = ?, commits = ?, seal = ?,
                    fetched = ?, acknowledged = ?, duplicate = ?, excluded = ?, dead = ?
             WHERE id = ?",
        )
        .bind(checkpoint.watermark.map(Timestamp::as_nanos))
        .bind(checkpoint.window.cast_signed())
        .bind(checkpoint.second_pass.map(Timestamp::as_nanos))
        .bind((self.commits + 1).cast_signed())
        .bind(&seal(place, &checkpoint)[..])
        .bind(totals.fetched.cast_signed())
        .bind(totals.acknowledged.cast_signed())
        .bind(totals.duplicate.cast_signed())
        .bind(totals.excluded.cast_signed())
        .bind(totals.dead.cast_signed())
        .bind(self.id)
        .execute(connection)
        .await?;
        Ok(checkpoint)
    }

    /// What a step changes besides the place itself.
    async fn write_ranges(&self, connection: &mut SqliteConnection, step: &Step) -> Result<(), Failure> {
        match step {
            Step::OpenWindow(ranges) => ranges::replace(connection, self.id, ranges).await,
            Step::Advance(range) => ranges::update(connection, self.id, range).await,
            Step::CloseWindow { forget_before, .. } => {
                proofs::keep(connection, self.id, &self.checkpoint).await?;
                ranges::replace(connection, self.id, &[]).await?;
                acknowledged::forget(connection, self.id, *forget_before).await
            }
        }
    }
}

/// Makes the record of `place` where there is none, and gives out its next fencing token.
pub(crate) async fn acquire(
    connection: &mut SqliteConnection,
    place: &Place,
    holder: &str,
) -> Result<Lease, Failure> {
    let token: i64 = sqlx::query_scalar(
        "INSERT INTO places (source, stream, token, holder, window_number, commits, seal,
                             fetched, acknowledged, duplicate, excluded, dead)
         VALUES (?, ?, 1, ?, 0, 0, ?, 0, 0, 0, 0, 0)
         ON CONFLICT (source, stream) DO UPDATE SET token = places.token + 1, holder = excluded.holder
         RETURNING token",
    )
    .bind(&place.source)
    .bind(place.stream.as_str())
    .bind(holder)
    .bind(&seal(place, &Checkpoint::default())[..])
    .fetch_one(connection)
    .await?;
    Ok(Lease { place: place.clone(), token: token.cast_unsigned() })
}

fn totals_of(row: &SqliteRow) -> Result<Counts, sqlx::Error> {
    let count = |column: &str| row.try_get::<i64, _>(column).map(i64::cast_unsigned);
    Ok(Counts {
        fetched: count("fetched")?,
        acknowledged: count("acknowledged")?,
        duplicate: count("duplicate")?,
        excluded: count("excluded")?,
        dead: count("dead")?,
    })
}
