//! Health events: what an operator must know, while it lasts and afterwards.

use incydr_core::timestamp::Timestamp;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::columns::{instant, json_array, number, optional_instant};
use crate::error::Failure;
use crate::page::{Page, PageToken, one_more_than};
use crate::store::{Store, StoreError};

/// A health event of a source. It outlives the source, and keeps the names of its time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HealthEvent {
    /// Its number; later ones have higher numbers.
    pub number: u64,
    /// What it is about.
    pub event: NewHealthEvent,
    /// When it was opened.
    pub opened: Timestamp,
    /// When it was closed; `None` while it is open.
    pub closed: Option<Timestamp>,
}

/// What a health event is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewHealthEvent {
    /// Names the event for ever.
    pub event_id: String,
    /// The collector of the source.
    pub collector_id: u64,
    /// The name of that collector.
    pub collector_name: String,
    /// The source that is not well.
    pub source_id: u64,
    /// The name of the source.
    pub source_name: String,
    /// The kind of event, as in `ThirdPartyConfigError`. One of a kind is open at a time.
    pub name: String,
    /// The stable name of the trouble, as in `InvalidClient`.
    pub tracker: String,
    /// The same for people.
    pub title: String,
    /// The whole sentence.
    pub description: String,
    /// The HTTP status of the answer, where there was one.
    pub error_code: Option<u16>,
    /// The answer's own words.
    pub error_info: String,
}

/// Whose health events are wanted: those of these sources, and of all sources of these collectors.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct HealthScope {
    /// Numbers of collectors.
    pub collectors: Vec<u64>,
    /// Numbers of sources.
    pub sources: Vec<u64>,
}

impl Store {
    /// Opens a health event. Where one of its source and name is open already, that one keeps its event id and its
    /// time, takes over the rest, and is returned: so the event is new exactly when the id is the given one.
    pub async fn open_health_event(
        &self,
        event: &NewHealthEvent,
        now: Timestamp,
    ) -> Result<HealthEvent, StoreError> {
        self.note("opening a health event", async |connection| Ok(open(connection, event, now).await?)).await
    }

    /// Closes the health event of this source and name; `None` when none is open.
    pub async fn close_health_event(
        &self,
        source_id: u64,
        name: &str,
        now: Timestamp,
    ) -> Result<Option<HealthEvent>, StoreError> {
        self.note("closing a health event", async |connection| {
            let row = sqlx::query(
                "UPDATE health_events SET closed_nanos = ?
                 WHERE source_id = ? AND name = ? AND closed_nanos IS NULL RETURNING *",
            )
            .bind(now.as_nanos())
            .bind(source_id.cast_signed())
            .bind(name)
            .fetch_optional(connection)
            .await?;
            Ok(row.as_ref().map(event_of).transpose()?)
        })
        .await
    }

    /// Closes all health events of a source, and returns them.
    pub async fn close_health_events(
        &self,
        source_id: u64,
        now: Timestamp,
    ) -> Result<Vec<HealthEvent>, StoreError> {
        self.note("closing the health events of a source", async |connection| {
            Ok(close_all(connection, source_id, now).await?)
        })
        .await
    }

    /// The health events that are open, oldest first: at most `limit` from where the page before ended.
    pub async fn open_health_events(
        &self,
        scope: Option<&HealthScope>,
        from: Option<PageToken>,
        limit: u32,
    ) -> Result<Page<HealthEvent>, StoreError> {
        let after = from.map_or(0, PageToken::row);
        self.read("listing the open health events", async |connection| {
            const QUERY: &str =
                "SELECT * FROM health_events WHERE closed_nanos IS NULL AND id > ?1 ORDER BY id LIMIT ?2";
            const SCOPED: &str = "SELECT * FROM health_events WHERE closed_nanos IS NULL AND id > ?1
                   AND (collector_id IN (SELECT value FROM json_each(?3))
                        OR source_id IN (SELECT value FROM json_each(?4))) ORDER BY id LIMIT ?2";
            Ok(page_of(connection, [QUERY, SCOPED], scope, after, limit).await?)
        })
        .await
    }

    /// The health events that are and were open, newest first: at most `limit` from where the page before ended.
    pub async fn health_history(
        &self,
        scope: Option<&HealthScope>,
        from: Option<PageToken>,
        limit: u32,
    ) -> Result<Page<HealthEvent>, StoreError> {
        let before = from.map_or(i64::MAX, PageToken::row);
        self.read("listing the past health events", async |connection| {
            const QUERY: &str = "SELECT * FROM health_events WHERE id < ?1 ORDER BY id DESC LIMIT ?2";
            const SCOPED: &str = "SELECT * FROM health_events WHERE id < ?1
                   AND (collector_id IN (SELECT value FROM json_each(?3))
                        OR source_id IN (SELECT value FROM json_each(?4))) ORDER BY id DESC LIMIT ?2";
            Ok(page_of(connection, [QUERY, SCOPED], scope, before, limit).await?)
        })
        .await
    }

    /// Deletes the health events that were closed before `limit`, and says how many.
    pub async fn prune_health_events(&self, limit: Timestamp) -> Result<u64, StoreError> {
        self.note("deleting old health events", async |connection| {
            let deleted = sqlx::query("DELETE FROM health_events WHERE closed_nanos < ?")
                .bind(limit.as_nanos())
                .execute(connection)
                .await?;
            Ok(deleted.rows_affected())
        })
        .await
    }
}

/// Closes all health events of a source.
pub(crate) async fn close_all(
    connection: &mut SqliteConnection,
    source_id: u64,
    now: Timestamp,
) -> Result<Vec<HealthEvent>, Failure> {
    let rows = sqlx::query(
        "UPDATE health_events SET closed_nanos = ? WHERE source_id = ? AND closed_nanos IS NULL RETURNING *",
    )
    .bind(now.as_nanos())
    .bind(source_id.cast_signed())
    .fetch_all(connection)
    .await?;
    rows.iter().map(event_of).collect()
}

async fn open(
    connection: &mut SqliteConnection,
    event: &NewHealthEvent,
    now: Timestamp,
) -> Result<HealthEvent, Failure> {
    let row = sqlx::query(
        "INSERT INTO health_events (event_id, collector_id, collector_name, source_id, source_name, name, tracker,
                                    title, description, error_code, error_info, opened_nanos)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (source_id, name) WHERE closed_nanos IS NULL DO UPDATE SET
             collector_name = excluded.collector_name, source_name = excluded.source_name,
             tracker = excluded.tracker, title = excluded.title, description = excluded.description,
             error_code = excluded.error_code, error_info = excluded.error_info
         RETURNING *",
    )
    .bind(&event.event_id)
    .bind(event.collector_id.cast_signed())
    .bind(&event.collector_name)
    .bind(event.source_id.cast_signed())
    .bind(&event.source_name)
    .bind(&event.name)
    .bind(&event.tracker)
    .bind(&event.title)
    .bind(&event.description)
    .bind(event.error_code)
    .bind(&event.error_info)
    .bind(now.as_nanos())
    .fetch_one(connection)
    .await?;
    event_of(&row)
}

/// The page from `edge` on: by the first query without a scope, by the second with one.
async fn page_of(
    connection: &mut SqliteConnection,
    [query, scoped]: [&'static str; 2],
    scope: Option<&HealthScope>,
    edge: i64,
    limit: u32,
) -> Result<Page<HealthEvent>, Failure> {
    let rows = match scope {
        None => sqlx::query(query).bind(edge).bind(one_more_than(limit)).fetch_all(connection).await?,
        Some(scope) => {
            sqlx::query(scoped)
                .bind(edge)
                .bind(one_more_than(limit))
                .bind(json_array(&scope.collectors))
                .bind(json_array(&scope.sources))
                .fetch_all(connection)
                .await?
        }
    };
    let events = rows.iter().map(event_of).collect::<Result<_, _>>()?;
    Ok(Page::of(events, limit, |event: &HealthEvent| event.number))
}

pub(crate) fn event_of(row: &SqliteRow) -> Result<HealthEvent, Failure> {
    Ok(HealthEvent {
        number: number(row, "id")?,
        event: NewHealthEvent {
            event_id: row.try_get("event_id")?,
            collector_id: number(row, "collector_id")?,
            collector_name: row.try_get("collector_name")?,
            source_id: number(row, "source_id")?,
            source_name: row.try_get("source_name")?,
            name: row.try_get("name")?,
            tracker: row.try_get("tracker")?,
            title: row.try_get("title")?,
            description: row.try_get("description")?,
            error_code: row.try_get("error_code")?,
            error_info: row.try_get("error_info")?,
        },
        opened: instant(row, "opened_nanos")?,
        closed: optional_instant(row, "closed_nanos")?,
    })
}
