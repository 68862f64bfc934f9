//! Backfills: ranges of the past that were asked for besides the streams' own course.

use incydr_core::stream::Stream;
use incydr_core::timestamp::Timestamp;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::audit_log::{self, Author, Change};
use crate::columns::{instant, number, optional_instant, word};
use crate::error::Failure;
use crate::sources;
use crate::store::{Refusal, Store, StoreError};

/// A backfill of one stream of a source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Backfill {
    /// Its number, never given out twice.
    pub id: u64,
    /// The source whose past is read.
    pub source_id: u64,
    /// Which of its streams.
    pub stream: Stream,
    /// The first instant.
    pub from: Timestamp,
    /// The last instant.
    pub to: Timestamp,
    /// How far it is.
    pub state: BackfillState,
    /// Why it failed.
    pub detail: Option<String>,
    /// When it was asked for.
    pub created: Timestamp,
    /// When it ended; `None` while it runs.
    pub ended: Option<Timestamp>,
}

impl Backfill {
    /// How the audit log names it.
    fn resource(&self) -> String {
        format!("backfill {} of source {}", self.id, self.source_id)
    }
}

/// How far a backfill is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BackfillState {
    /// Under way, or waiting for its turn.
    Running,
    /// All of it was delivered.
    Completed,
    /// Ended by a client.
    Cancelled,
    /// It cannot go on; the detail says why.
    Failed,
}

impl BackfillState {
    /// The word of the API and of the state file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "Running",
            Self::Completed => "Completed",
            Self::Cancelled => "Cancelled",
            Self::Failed => "Failed",
        }
    }

    /// Reads the word of the API.
    pub fn parse(word: &str) -> Option<Self> {
        let all = [Self::Running, Self::Completed, Self::Cancelled, Self::Failed];
        all.into_iter().find(|state| state.as_str() == word)
    }
}

impl Store {
    /// Keeps a new backfill from `from` to `to`, both inclusive. Refused when there is no such source, or when it is
    /// being deleted.
    pub async fn create_backfill(
        &self,
        source_id: u64,
        stream: Stream,
        from: Timestamp,
        to: Timestamp,
        by: Author<'_>,
    ) -> Result<Backfill, StoreError> {
        self.write("creating a backfill", async |connection| {
            let source = sources::find(connection, source_id).await?;
            source.filter(|source| !source.stopping).ok_or(Refusal::NotFound)?;
            let row = sqlx::query(
                "INSERT INTO backfills (source_id, stream, from_nanos, to_nanos, state, created_nanos)
                 VALUES (?, ?, ?, ?, 'Running', ?) RETURNING *",
            )
            .bind(source_id.cast_signed())
            .bind(stream.as_str())
            .bind(from.as_nanos())
            .bind(to.as_nanos())
            .bind(by.at.as_nanos())
            .fetch_one(&mut *connection)
            .await?;
            let created = backfill_of(&row)?;
            let after = format!("{{\"stream\":\"{stream}\",\"from\":\"{from}\",\"to\":\"{to}\"}}");
            let resource = created.resource();
            let change = Change { after: Some(&after), ..Change::of("BackfillCreated", &resource) };
            audit_log::append(connection, by, &change).await?;
            Ok(created)
        })
        .await
    }

    /// The backfill with this number.
    pub async fn backfill(&self, id: u64) -> Result<Option<Backfill>, StoreError> {
        self.read("reading a backfill", async |connection| {
            let row = sqlx::query("SELECT * FROM backfills WHERE id = ?")
                .bind(id.cast_signed())
                .fetch_optional(connection)
                .await?;
            Ok(row.as_ref().map(backfill_of).transpose()?)
        })
        .await
    }

    /// All backfills of a source, newest first.
    pub async fn backfills_of(&self, source_id: u64) -> Result<Vec<Backfill>, StoreError> {
        self.read("listing the backfills of a source", async |connection| {
            let rows = sqlx::query("SELECT * FROM backfills WHERE source_id = ? ORDER BY id DESC")
                .bind(source_id.cast_signed())
                .fetch_all(connection)
                .await?;
            Ok(rows.iter().map(backfill_of).collect::<Result<_, _>>()?)
        })
        .await
    }

    /// All backfills that run, oldest first.
    pub async fn running_backfills(&self) -> Result<Vec<Backfill>, StoreError> {
        self.read("listing the running backfills", async |connection| {
            let rows = sqlx::query("SELECT * FROM backfills WHERE state = 'Running' ORDER BY id")
                .fetch_all(connection)
                .await?;
            Ok(rows.iter().map(backfill_of).collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Records how a backfill that runs has ended. `None` when it does not run (any more).
    pub async fn end_backfill(
        &self,
        id: u64,
        state: BackfillState,
        detail: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<Backfill>, StoreError> {
        self.write("ending a backfill", async |connection| Ok(end(connection, id, state, detail, now).await?))
            .await
    }

    /// Ends a backfill that runs, because somebody wants that. `None` when it does not run (any more).
    pub async fn cancel_backfill(&self, id: u64, by: Author<'_>) -> Result<Option<Backfill>, StoreError> {
        self.write("cancelling a backfill", async |connection| {
            let cancelled = end(connection, id, BackfillState::Cancelled, None, by.at).await?;
            if let Some(backfill) = &cancelled {
                let resource = backfill.resource();
                audit_log::append(connection, by, &Change::of("BackfillCancelled", &resource)).await?;
            }
            Ok(cancelled)
        })
        .await
    }
}

/// The backfill as it ended; `None` when it did not run.
async fn end(
    connection: &mut SqliteConnection,
    id: u64,
    state: BackfillState,
    detail: Option<&str>,
    now: Timestamp,
) -> Result<Option<Backfill>, Failure> {
    let row = sqlx::query(
        "UPDATE backfills SET state = ?, detail = ?, ended_nanos = ?
         WHERE id = ? AND state = 'Running' RETURNING *",
    )
    .bind(state.as_str())
    .bind(detail)
    .bind(now.as_nanos())
    .bind(id.cast_signed())
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(backfill_of).transpose()
}

/// Removes all backfills of a source.
pub(crate) async fn remove_of_source(
    connection: &mut SqliteConnection,
    source_id: u64,
) -> Result<(), Failure> {
    sqlx::query("DELETE FROM backfills WHERE source_id = ?")
        .bind(source_id.cast_signed())
        .execute(connection)
        .await?;
    Ok(())
}

fn backfill_of(row: &SqliteRow) -> Result<Backfill, Failure> {
    Ok(Backfill {
        id: number(row, "id")?,
        source_id: number(row, "source_id")?,
        stream: word(row, "stream", Stream::parse)?,
        from: instant(row, "from_nanos")?,
        to: instant(row, "to_nanos")?,
        state: word(row, "state", BackfillState::parse)?,
        detail: row.try_get("detail")?,
        created: instant(row, "created_nanos")?,
        ended: optional_instant(row, "ended_nanos")?,
    })
}
