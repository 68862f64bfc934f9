//! Looking for health events by what people know of them.

use sqlx::sqlite::{Sqlite, SqliteConnection};
use sqlx::{QueryBuilder, Row};

use crate::error::Failure;
use crate::health_events::{HealthEvent, event_of};
use crate::store::{Store, StoreError};

/// Further hits are not counted.
const COUNTED_AT_MOST: u32 = 10_000;
/// Where [`HealthSearch::text`] is looked for.
const COLUMNS: [&str; 8] =
    ["event_id", "source_name", "collector_name", "name", "tracker", "title", "description", "error_info"];

/// Which health events are wanted, and in which order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct HealthSearch {
    /// Whether they are open.
    pub state: HealthState,
    /// Of all sources of this collector only.
    pub collector: Option<u64>,
    /// Of this source only.
    pub source: Option<u64>,
    /// Of this kind only, as in `ThirdPartyConfigError`.
    pub name: Option<String>,
    /// With this somewhere in their words, without regard to the case of ASCII letters; empty for all.
    pub text: String,
    /// What they are sorted by. Among equals the newest is the first.
    pub order: HealthOrder,
    /// Whether the greatest comes first: the newest, the last of the alphabet.
    pub descending: bool,
}

/// Whether a health event is open.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum HealthState {
    /// It is open.
    #[default]
    Open,
    /// It was closed.
    Resolved,
    /// Either.
    All,
}

/// What health events are sorted by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum HealthOrder {
    /// When they were opened.
    #[default]
    Opened,
    /// The name of the source.
    Resource,
    /// Their own name.
    Name,
}

/// What was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HealthFinds {
    /// At most as many as were asked for.
    pub events: Vec<HealthEvent>,
    /// How many there are in all; `None` when they are more than 10,000.
    pub total: Option<u64>,
}

impl Store {
    /// At most `limit` of the health events that `search` wants, without the first `offset`.
    pub async fn find_health_events(
        &self,
        search: &HealthSearch,
        limit: u32,
        offset: u32,
    ) -> Result<HealthFinds, StoreError> {
        self.read("looking for health events", async |connection| {
            let events = events(connection, search, limit, offset).await?;
            let total = total(connection, search).await?;
            Ok(HealthFinds { events, total })
        })
        .await
    }

    /// The health event of this id.
    pub async fn health_event(&self, event_id: &str) -> Result<Option<HealthEvent>, StoreError> {
        self.read("reading a health event", async |connection| {
            let query = sqlx::query("SELECT * FROM health_events WHERE event_id = ?").bind(event_id);
            let row = query.fetch_optional(connection).await?;
            Ok(row.as_ref().map(event_of).transpose()?)
        })
        .await
    }
}

async fn events(
    connection: &mut SqliteConnection,
    search: &HealthSearch,
    limit: u32,
    offset: u32,
) -> Result<Vec<HealthEvent>, Failure> {
    let mut query = QueryBuilder::new("SELECT * FROM health_events");
    push_conditions(&mut query, search);
    query.push(match (search.order, search.descending) {
        (HealthOrder::Opened, false) => " ORDER BY id",
        (HealthOrder::Opened, true) => " ORDER BY id DESC",
        (HealthOrder::Resource, false) => " ORDER BY source_name COLLATE NOCASE, id DESC",
        (HealthOrder::Resource, true) => " ORDER BY source_name COLLATE NOCASE DESC, id DESC",
        (HealthOrder::Name, false) => " ORDER BY name, id DESC",
        (HealthOrder::Name, true) => " ORDER BY name DESC, id DESC",
    });
    query.push(" LIMIT ").push_bind(limit).push(" OFFSET ").push_bind(offset);
    let rows = query.build().fetch_all(connection).await?;
    rows.iter().map(event_of).collect()
}

async fn total(connection: &mut SqliteConnection, search: &HealthSearch) -> Result<Option<u64>, Failure> {
    let mut query = QueryBuilder::new("SELECT count(*) FROM (SELECT 1 FROM health_events");
    push_conditions(&mut query, search);
    query.push(" LIMIT ").push_bind(COUNTED_AT_MOST + 1).push(")");
    let counted: u32 = query.build().fetch_one(connection).await?.try_get(0)?;
    Ok((counted <= COUNTED_AT_MOST).then_some(counted.into()))
}

fn push_conditions(query: &mut QueryBuilder<Sqlite>, search: &HealthSearch) {
    query.push(match search.state {
        HealthState::Open => " WHERE closed_nanos IS NULL",
        HealthState::Resolved => " WHERE closed_nanos IS NOT NULL",
        HealthState::All => " WHERE TRUE",
    });
    if let Some(collector) = search.collector {
        query.push(" AND collector_id = ").push_bind(collector.cast_signed());
    }
    if let Some(source) = search.source {
        query.push(" AND source_id = ").push_bind(source.cast_signed());
    }
    if let Some(name) = &search.name {
        query.push(" AND name = ").push_bind(name.clone());
    }
    if !search.text.is_empty() {
        let pattern = pattern_of(&search.text);
        for (index, column) in COLUMNS.into_iter().enumerate() {
            query.push(if index == 0 { " AND (" } else { " OR " });
            query.push(column).push(" LIKE ").push_bind(pattern.clone()).push(r" ESCAPE '\'");
        }
        query.push(")");
    }
}

/// A pattern that `text` stands for itself in, wherever it is.
fn pattern_of(text: &str) -> String {
    let escaped = text.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_");
    format!("%{escaped}%")
}
