//! The state file as people see it, also while a collector is writing it.
//!
//! Reads what was committed and never writes, takes no lock and no lease. Not for the path of an event.

use std::path::{Path, PathBuf};

use incydr_core::checkpoint::Checkpoint;
use incydr_core::ledger::{Counts, DeadLetter, LedgerError};
use incydr_core::stream::{Place, Stream};
use incydr_core::timestamp::Timestamp;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::dead_letters::letter_of;
use crate::error::Failure;
use crate::place::PlaceRecord;
use crate::state_file::open_for_reading;

/// Reads the state file at a path. Each question opens the file anew, so that nothing is held in between.
#[derive(Clone, Debug)]
pub struct Inspection {
    path: PathBuf,
}

/// One place as last committed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlaceStatus {
    /// Which place.
    pub place: Place,
    /// Who acquired it last.
    pub holder: String,
    /// The fencing token of that lease.
    pub token: u64,
    /// How far it has come.
    pub checkpoint: Checkpoint,
    /// The totals of all commits.
    pub totals: Counts,
}

/// A dead letter as the ledger keeps it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptDeadLetter {
    /// Its number; later ones have higher numbers.
    pub number: u64,
    /// When it was kept, UTC, by the database's clock, as `2025-01-28 01:24:24`.
    pub recorded_at: String,
    /// The event and what is wrong with it.
    pub letter: DeadLetter,
}

/// What proved a closed range complete.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proof {
    /// The window's number.
    pub window: u64,
    /// The range's number inside the window.
    pub range: u32,
    /// Its first instant.
    pub from: Timestamp,
    /// Its last instant.
    pub to: Timestamp,
    /// What the vendor counted, if it counts.
    pub expected: Option<u64>,
    /// The different events that were met.
    pub unique: u64,
    /// How often the range was walked again because the two counts differed.
    pub rescans: u32,
}

impl Inspection {
    /// Looks at the state file at `path`; whether it is there shows with the first question.
    pub fn of(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// All places, in the order in which they were first acquired.
    pub async fn places(&self) -> Result<Vec<PlaceStatus>, LedgerError> {
        self.try_places().await.map_err(|failure| self.explain("reading the places", failure))
    }

    /// At most `limit` dead letters of `place` with numbers after `after`, oldest first.
    pub async fn dead_letters(
        &self,
        place: &Place,
        after: u64,
        limit: u32,
    ) -> Result<Vec<KeptDeadLetter>, LedgerError> {
        self.try_dead_letters(place, after, limit)
            .await
            .map_err(|failure| self.explain(&format!("reading the dead letters of {place}"), failure))
    }

    /// The proofs of the last 1,000 closed ranges of `place`, newest first.
    pub async fn proofs(&self, place: &Place) -> Result<Vec<Proof>, LedgerError> {
        self.try_proofs(place)
            .await
            .map_err(|failure| self.explain(&format!("reading the proofs of {place}"), failure))
    }

    fn explain(&self, attempt: &str, failure: Failure) -> LedgerError {
        failure.while_attempting(format!("{attempt} in {}", self.path.display()))
    }

    async fn try_places(&self) -> Result<Vec<PlaceStatus>, Failure> {
        let mut connection = open_for_reading(&self.path).await?;
        // One snapshot for the places and their ranges; it ends with the connection.
        sqlx::query("BEGIN").execute(&mut connection).await?;
        let rows = sqlx::query(
            "SELECT id, source, stream, token, holder, watermark_nanos, window_number, second_pass_nanos,
                    commits, seal, fetched, acknowledged, duplicate, excluded, dead
             FROM places ORDER BY id",
        )
        .fetch_all(&mut connection)
        .await?;
        let mut places = Vec::with_capacity(rows.len());
        for row in &rows {
            places.push(status_of(&mut connection, row).await?);
        }
        Ok(places)
    }

    async fn try_dead_letters(
        &self,
        place: &Place,
        after: u64,
        limit: u32,
    ) -> Result<Vec<KeptDeadLetter>, Failure> {
        let rows = sqlx::query(
            "SELECT letter.id, recorded_at, event_key, event_version, time_nanos, reason, raw
             FROM dead_letters AS letter JOIN places ON places.id = letter.place_id
             WHERE source = ? AND stream = ? AND letter.id > ? ORDER BY letter.id LIMIT ?",
        )
        .bind(&place.source)
        .bind(place.stream.as_str())
        .bind(after.cast_signed())
        .bind(i64::from(limit))
        .fetch_all(&mut open_for_reading(&self.path).await?)
        .await?;
        rows.iter().map(kept_dead_letter_of).collect()
    }

    async fn try_proofs(&self, place: &Place) -> Result<Vec<Proof>, Failure> {
        let rows = sqlx::query(
            "SELECT proofs.window_number, range_number, from_nanos, to_nanos, expected, unique_events, rescans
             FROM proofs JOIN places ON places.id = proofs.place_id
             WHERE source = ? AND stream = ? ORDER BY proofs.id DESC",
        )
        .bind(&place.source)
        .bind(place.stream.as_str())
        .fetch_all(&mut open_for_reading(&self.path).await?)
        .await?;
        rows.iter().map(proof_of).collect()
    }
}

/// The place of a row with all columns, as last committed.
pub(crate) async fn status_of(
    connection: &mut SqliteConnection,
    row: &SqliteRow,
) -> Result<PlaceStatus, Failure> {
    let place = place_of(row)?;
    let record = PlaceRecord::read(connection, &place, row).await?;
    Ok(PlaceStatus {
        place,
        holder: row.try_get("holder")?,
        token: row.try_get::<i64, _>("token")?.cast_unsigned(),
        checkpoint: record.checkpoint,
        totals: record.totals,
    })
}

/// The name of a place.
pub(crate) fn place_of(row: &SqliteRow) -> Result<Place, Failure> {
    let stream = Stream::parse(row.try_get("stream")?)
        .ok_or_else(|| Failure::corrupt("a place has a stream that does not exist"))?;
    Ok(Place { source: row.try_get("source")?, stream })
}

/// The dead letter of a row with all columns.
pub(crate) fn kept_dead_letter_of(row: &SqliteRow) -> Result<KeptDeadLetter, Failure> {
    Ok(KeptDeadLetter {
        number: row.try_get::<i64, _>("id")?.cast_unsigned(),
        recorded_at: row.try_get("recorded_at")?,
        letter: letter_of(row)?,
    })
}

fn proof_of(row: &SqliteRow) -> Result<Proof, Failure> {
    Ok(Proof {
        window: row.try_get::<i64, _>("window_number")?.cast_unsigned(),
        range: row.try_get("range_number")?,
        from: Timestamp::from_nanos(row.try_get("from_nanos")?),
        to: Timestamp::from_nanos(row.try_get("to_nanos")?),
        expected: row.try_get::<Option<i64>, _>("expected")?.map(i64::cast_unsigned),
        unique: row.try_get::<i64, _>("unique_events")?.cast_unsigned(),
        rescans: row.try_get("rescans")?,
    })
}
