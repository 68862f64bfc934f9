//! The record of a place: its checkpoint, its totals, and the token of its newest lease.

use incydr_core::checkpoint::Checkpoint;
use incydr_core::ledger::{Commit, Counts, Lease, Step};
use incydr_core::stream::Place;
use incydr_core::timestamp::Timestamp;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::error::Failure;
use crate::seal::{Seal, seal};
use crate::{acknowledged, proofs, ranges};

/// A place as committed.
#[derive(Clone, Debug)]
pub(crate) struct PlaceRecord {
    pub(crate) id: i64,
    /// How many commits there have been.
    pub(crate) commits: u64,
    pub(crate) checkpoint: Checkpoint,
    seal: Seal,
    pub(crate) totals: Counts,
}

impl PlaceRecord {
    /// Completes `row` of `place` with its ranges, and compares the whole with its seal.
    pub(crate) async fn read(
        connection: &mut SqliteConnection,
        place: &Place,
        row: &SqliteRow,
    ) -> Result<Self, Failure> {
        let optional_instant = |column: &str| {
            row.try_get::<Option<i64>, _>(column).map(|nanos| nanos.map(Timestamp::from_nanos))
        };
        let id = id_of(row)?;
        let checkpoint = Checkpoint {
            watermark: optional_instant("watermark_nanos")?,
            window: row.try_get::<i64, _>("window_number")?.cast_unsigned(),
            second_pass: optional_instant("second_pass_nanos")?,
            ranges: ranges::read(connection, id).await?,
        };
        let seal = seal(place, &checkpoint);
        if row.try_get::<&[u8], _>("seal")? != seal {
            return Err(Failure::corrupt("the checkpoint does not match its seal"));
        }
        Ok(Self { id, commits: commits_of(row)?, checkpoint, seal, totals: totals_of(row)? })
    }

    /// Whether `row` still holds this record, so that its ranges need not be read again.
    pub(crate) fn stands_in(&self, row: &SqliteRow) -> Result<bool, Failure> {
        Ok(self.commits == commits_of(row)? && row.try_get::<&[u8], _>("seal")? == self.seal)
    }

    /// The record after `commit`. Follows [`Checkpoint::after`], which never lets the watermark fall (I2).
    pub(crate) fn after(&self, place: &Place, commit: &Commit) -> Self {
        let checkpoint = commit.step.iter().fold(self.checkpoint.clone(), Checkpoint::after);
        Self {
            id: self.id,
            commits: self.commits + 1,
            seal: seal(place, &checkpoint),
            checkpoint,
            totals: self.totals.plus(commit.counts),
        }
    }

    /// Writes what `step` changes besides the record itself.
    pub(crate) async fn write_step(
        &self,
        connection: &mut SqliteConnection,
        step: &Step,
    ) -> Result<(), Failure> {
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

    /// The record with its watermark at `to`, and without an open window.
    ///
    /// A second pass beyond `to` did not happen for what is walked again.
    pub(crate) fn reset(&self, place: &Place, to: Timestamp) -> Self {
        let checkpoint = Checkpoint {
            watermark: Some(to),
            window: self.checkpoint.window,
            second_pass: Some(self.checkpoint.second_pass.map_or(to, |last| last.min(to))),
            ranges: Vec::new(),
        };
        // By two, because the commit whose answer was lost may be the next one: it must not be taken for this.
        let commits = self.commits + 2;
        Self { id: self.id, commits, seal: seal(place, &checkpoint), checkpoint, totals: self.totals }
    }

    /// Writes what a reset changes.
    pub(crate) async fn write_reset(&self, connection: &mut SqliteConnection) -> Result<(), Failure> {
        let Self { id, commits, checkpoint, seal, totals: _ } = self;
        sqlx::query(
            "UPDATE places SET watermark_nanos = ?, second_pass_nanos = ?, commits = ?, seal = ? WHERE id = ?",
        )
        .bind(checkpoint.watermark.map(Timestamp::as_nanos))
        .bind(checkpoint.second_pass.map(Timestamp::as_nanos))
        .bind(commits.cast_signed())
        .bind(&seal[..])
        .bind(id)
        .execute(connection)
        .await?;
        Ok(())
    }

    /// Writes the record and commits the transaction, in one trip to the connection's thread.
    pub(crate) async fn write_and_commit(&self, connection: &mut SqliteConnection) -> Result<(), Failure> {
        let Self { id, commits, checkpoint, seal, totals } = self;
        sqlx::query(
            "UPDATE places SET watermark_nanos = ?, window_number = ?, second_pass_nanos = ?, commits = ?, seal = ?,
                    fetched = ?, acknowledged = ?, duplicate = ?, excluded = ?, dead = ?
             WHERE id = ?;
             COMMIT",
        )
        .bind(checkpoint.watermark.map(Timestamp::as_nanos))
        .bind(checkpoint.window.cast_signed())
        .bind(checkpoint.second_pass.map(Timestamp::as_nanos))
        .bind(commits.cast_signed())
        .bind(&seal[..])
        .bind(totals.fetched.cast_signed())
        .bind(totals.acknowledged.cast_signed())
        .bind(totals.duplicate.cast_signed())
        .bind(totals.excluded.cast_signed())
        .bind(totals.dead.cast_signed())
        .bind(id)
        .execute(connection)
        .await?;
        Ok(())
    }
}

/// Begins a transaction that excludes all others, and reads the row of the place of `lease`, in one trip to the
/// connection's thread. `None` when the lease is not the newest, or of no place that we know (I4).
pub(crate) async fn begin_and_find(
    connection: &mut SqliteConnection,
    lease: &Lease,
) -> Result<Option<SqliteRow>, Failure> {
    let row = sqlx::query(
        "BEGIN IMMEDIATE;
         SELECT id, watermark_nanos, window_number, second_pass_nanos, commits, seal,
                fetched, acknowledged, duplicate, excluded, dead
         FROM places WHERE source = ? AND stream = ? AND token = ?",
    )
    .bind(&lease.place.source)
    .bind(lease.place.stream.as_str())
    .bind(lease.token.cast_signed())
    .fetch_optional(connection)
    .await?;
    Ok(row)
}

/// The row id of `place`.
pub(crate) async fn find(connection: &mut SqliteConnection, place: &Place) -> Result<Option<i64>, Failure> {
    Ok(sqlx::query_scalar("SELECT id FROM places WHERE source = ? AND stream = ?")
        .bind(&place.source)
        .bind(place.stream.as_str())
        .fetch_optional(connection)
        .await?)
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

/// The id of the place whose row this is.
pub(crate) fn id_of(row: &SqliteRow) -> Result<i64, Failure> {
    Ok(row.try_get("id")?)
}

fn commits_of(row: &SqliteRow) -> Result<u64, Failure> {
    Ok(row.try_get::<i64, _>("commits")?.cast_unsigned())
}

/// The totals in a row.
pub(crate) fn totals_of(row: &SqliteRow) -> Result<Counts, Failure> {
    let count = |column: &str| row.try_get::<i64, _>(column).map(i64::cast_unsigned);
    Ok(Counts {
        fetched: count("fetched")?,
        acknowledged: count("acknowledged")?,
        duplicate: count("duplicate")?,
        excluded: count("excluded")?,
        dead: count("dead")?,
    })
}
