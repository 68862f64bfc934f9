//! The state of each source, and how it came there.

use incydr_core::health::{ErrorType, SourceState, StateRecord};
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::columns::{instant, optional_word, word};
use crate::error::Failure;
use crate::store::{Refusal, Store, StoreError};

/// So many states of a source are kept, the newest ones.
const KEPT: i64 = 100;

impl Store {
    /// Records the state of a source. `false` when it says nothing new, whatever its time; then nothing changes.
    pub async fn record_state(&self, source_id: u64, state: &StateRecord) -> Result<bool, StoreError> {
        self.note("recording the state of a source", async |connection| {
            Ok(record(connection, source_id, state).await?.ok_or(Refusal::NotFound)?)
        })
        .await
    }

    /// Records the states of many sources in one transaction, in their order, and leaves out sources that are gone.
    pub async fn record_states(&self, states: &[(u64, StateRecord)]) -> Result<(), StoreError> {
        self.note("recording the states of sources", async |connection| {
            for (source_id, state) in states {
                record(connection, *source_id, state).await?;
            }
            Ok(())
        })
        .await
    }

    /// The last 100 states of a source, newest first.
    pub async fn state_history(&self, source_id: u64) -> Result<Vec<StateRecord>, StoreError> {
        self.read("reading the states of a source", async |connection| {
            let rows = sqlx::query("SELECT * FROM source_states WHERE source_id = ? ORDER BY id DESC")
                .bind(source_id.cast_signed())
                .fetch_all(connection)
                .await?;
            Ok(rows.iter().map(|row| state_of(row, "at_nanos")).collect::<Result<_, _>>()?)
        })
        .await
    }
}

/// Makes `state` the current one of the source, and the newest of its history.
pub(crate) async fn keep(
    connection: &mut SqliteConnection,
    source_id: u64,
    state: &StateRecord,
) -> Result<(), Failure> {
    for statement in [
        "UPDATE sources SET state = ?, error_type = ?, error_code = ?, error_info = ?, since_nanos = ?
         WHERE id = ?",
        "INSERT INTO source_states (state, error_type, error_code, error_info, at_nanos, source_id)
         VALUES (?, ?, ?, ?, ?, ?)",
    ] {
        sqlx::query(statement)
            .bind(state.state.as_str())
            .bind(state.error_type.map(ErrorType::as_str))
            .bind(state.error_code)
            .bind(&state.error_info)
            .bind(state.since.as_nanos())
            .bind(source_id.cast_signed())
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query(
        "DELETE FROM source_states WHERE source_id = ?1 AND id <=
             (SELECT id FROM source_states WHERE source_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
    )
    .bind(source_id.cast_signed())
    .bind(KEPT)
    .execute(connection)
    .await?;
    Ok(())
}

/// The state in a row, whose time stands in `time_column`.
pub(crate) fn state_of(row: &SqliteRow, time_column: &str) -> Result<StateRecord, Failure> {
    Ok(StateRecord {
        state: word(row, "state", SourceState::parse)?,
        error_type: optional_word(row, "error_type", ErrorType::parse)?,
        error_code: row.try_get("error_code")?,
        error_info: row.try_get("error_info")?,
        since: instant(row, time_column)?,
    })
}

/// Whether `state` was new; `None` when there is no such source.
async fn record(
    connection: &mut SqliteConnection,
    source_id: u64,
    state: &StateRecord,
) -> Result<Option<bool>, Failure> {
    let row = sqlx::query(
        "SELECT state, error_type, error_code, error_info, since_nanos FROM sources WHERE id = ?",
    )
    .bind(source_id.cast_signed())
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let is_new = !state_of(&row, "since_nanos")?.says_the_same_as(state);
    if is_new {
        keep(connection, source_id, state).await?;
    }
    Ok(Some(is_new))
}
