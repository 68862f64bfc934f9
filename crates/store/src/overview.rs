//! All collectors with their sources as one list, for whoever looks at everything at once.
//!
//! The list is in the order of names, and a page of it is cheap: the index `sources_at_a_glance` holds whatever decides
//! which rows are on it, so that nothing else is read but of the rows of the page. The database would choose another
//! index, and read ten times as long; so the queries name this one.

use incydr_core::health::{ErrorType, StateRecord};
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::columns::{json_array_of_texts, number, optional_number};
use crate::error::Failure;
use crate::source_states::state_of;
use crate::store::{Store, StoreError};

/// So many words of a search are looked at.
const MOST_WORDS: usize = 16;

/// Which rows are wanted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OverviewFilter {
    /// This collector alone; all of them for `None`.
    pub collector: Option<u64>,
    /// Words, each of which must occur in the name or the category of a source or of its collector. ASCII letters of
    /// either case are the same, and `*` stands for anything. The first 16 words count.
    pub text: String,
    /// Sources in this condition alone, and the collectors that have some.
    pub condition: Option<SourceCondition>,
    /// Collectors without their sources.
    pub collapsed: bool,
}

/// How a source does, as far as everybody must know.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SourceCondition {
    /// It collects, or is on the way to it.
    Running,
    /// Something is wrong.
    Error,
    /// It is being deleted.
    Stopping,
}

/// A page of the list, and what there is besides.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Overview {
    /// Collectors by name, each followed by its sources by name. A page may begin amid the sources of a collector.
    pub rows: Vec<OverviewRow>,
    /// How many rows the whole list has.
    pub total: u64,
    /// All sources of the collectors that may be seen, whatever else was asked for.
    pub sources: ConditionCounts,
}

/// One row of the list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OverviewRow {
    /// A collector.
    Collector(CollectorRow),
    /// One of its sources.
    Source(SourceRow),
}

/// A collector at a glance.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CollectorRow {
    /// Its number.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// The source category for sources without one of their own.
    pub category: Option<String>,
    /// How many sources it has, also those that are not on the list.
    pub sources: u64,
    /// With how many of them something is wrong.
    pub in_error: u64,
}

/// A source at a glance.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SourceRow {
    /// Its number.
    pub id: u64,
    /// The collector that it hangs on.
    pub collector_id: u64,
    /// The name of that collector.
    pub collector_name: String,
    /// Its name.
    pub name: String,
    /// Its own source category.
    pub category: Option<String>,
    /// Its state as last recorded.
    pub state: StateRecord,
    /// Whether it is being deleted.
    pub stopping: bool,
    /// The types of its open health events, of each type at most one; the worst first.
    pub open_events: Vec<ErrorType>,
}

/// How many sources there are in each condition.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ConditionCounts {
    /// Those that collect, or are on the way to it.
    pub running: u64,
    /// Those with which something is wrong.
    pub error: u64,
    /// Those that are being deleted.
    pub stopping: u64,
}

impl SourceCondition {
    /// All conditions.
    pub const ALL: [Self; 3] = [Self::Running, Self::Error, Self::Stopping];

    /// Reads what [`SourceCondition::as_str`] says.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|condition| condition.as_str() == word)
    }

    /// One word for it, in lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Error => "error",
            Self::Stopping => "stopping",
        }
    }
}

impl ConditionCounts {
    /// How many there are in all.
    pub const fn total(&self) -> u64 {
        self.running + self.error + self.stopping
    }
}

impl Store {
    /// At most `limit` rows of the collectors and their sources, without the first `offset`. Collectors that are being
    /// deleted are not there any more.
    pub async fn overview(
        &self,
        filter: &OverviewFilter,
        limit: u32,
        offset: u32,
    ) -> Result<Overview, StoreError> {
        self.read("listing collectors with their sources", async |connection| {
            let sources = count(connection, filter.collector).await?;
            let page = page(connection, filter, limit, offset).await?;
            let total = page.first().map_or(Ok(0), |row| number(row, "total"))?;
            let rows = page.iter().filter_map(|row| row_of(row).transpose());
            Ok(Overview { rows: rows.collect::<Result<_, _>>()?, total, sources })
        })
        .await
    }
}

async fn count(
    connection: &mut SqliteConnection,
    collector: Option<u64>,
) -> Result<ConditionCounts, Failure> {
    let row = sqlx::query(
        "SELECT COUNT(*) FILTER (WHERE condition = 'running') AS running,
                COUNT(*) FILTER (WHERE condition = 'error') AS error,
                COUNT(*) FILTER (WHERE condition = 'stopping') AS stopping
         FROM collectors
         JOIN sources INDEXED BY sources_at_a_glance ON sources.collector_id = collectors.id
         WHERE NOT collectors.stopping AND (?1 IS NULL OR collectors.id = ?1)",
    )
    .bind(collector.map(u64::cast_signed))
    .fetch_one(connection)
    .await?;
    Ok(ConditionCounts {
        running: number(&row, "running")?,
        error: number(&row, "error")?,
        stopping: number(&row, "stopping")?,
    })
}

/// The rows of a page, each with the total. An empty page is one row that tells nothing else.
async fn page(
    connection: &mut SqliteConnection,
    filter: &OverviewFilter,
    limit: u32,
    offset: u32,
) -> Result<Vec<SqliteRow>, Failure> {
    let rows = sqlx::query(
        "WITH words AS MATERIALIZED (SELECT value AS pattern FROM json_each(?2)),
         visible AS MATERIALIZED (
             SELECT id, name, concat_ws(' ', name, category) AS text FROM collectors
             WHERE NOT stopping AND (?1 IS NULL OR id = ?1)),
         wanted AS MATERIALIZED (
             SELECT source.collector_id, collector.name AS collector_name, source.id, source.name
             FROM visible AS collector
             JOIN sources AS source INDEXED BY sources_at_a_glance ON source.collector_id = collector.id
             WHERE (?3 IS NULL OR source.condition = ?3) AND NOT EXISTS (
                 SELECT 1 FROM words
                 WHERE concat_ws(' ', text, source.name, source.category) NOT LIKE pattern ESCAPE '\\')),
         listed AS MATERIALIZED (
             SELECT collector_id, collector_name, id AS source_id, name AS source_name FROM wanted
             WHERE NOT ?6
             UNION ALL
             SELECT id, name, NULL, NULL FROM visible
             WHERE id IN (SELECT collector_id FROM wanted) OR (?3 IS NULL AND NOT EXISTS (
                 SELECT 1 FROM words WHERE text NOT LIKE pattern ESCAPE '\\')))
         SELECT total, page.*, source.state, source.error_type, source.error_code, source.error_info,
                source.since_nanos, source.stopping, source.category AS source_category,
                (SELECT group_concat(name) FROM health_events
                 WHERE health_events.source_id = page.source_id AND closed_nanos IS NULL) AS open_events,
                collector.category AS collector_category,
                (SELECT COUNT(*) FROM sources WHERE sources.collector_id = collector.id) AS sources,
                (SELECT COUNT(*) FROM sources
                 WHERE sources.collector_id = collector.id AND condition = 'error') AS in_error
         FROM (SELECT COUNT(*) AS total FROM listed)
         LEFT JOIN (SELECT * FROM listed
                    ORDER BY collector_name COLLATE NOCASE, collector_id, source_name COLLATE NOCASE, source_id
                    LIMIT ?4 OFFSET ?5) AS page
         LEFT JOIN sources AS source ON source.id = page.source_id
         LEFT JOIN collectors AS collector ON collector.id = page.collector_id AND page.source_id IS NULL
         ORDER BY collector_name COLLATE NOCASE, page.collector_id, source_name COLLATE NOCASE, source_id",
    )
    .bind(filter.collector.map(u64::cast_signed))
    .bind(json_array_of_texts(filter.text.split_whitespace().take(MOST_WORDS).map(pattern_of)))
    .bind(filter.condition.map(SourceCondition::as_str))
    .bind(i64::from(limit))
    .bind(i64::from(offset))
    .bind(filter.collapsed)
    .fetch_all(connection)
    .await?;
    Ok(rows)
}

/// The `LIKE` pattern of what contains `word`.
fn pattern_of(word: &str) -> String {
    let mut pattern = String::from("%");
    for character in word.chars() {
        match character {
            '*' => pattern.push('%'),
            '%' | '_' | '\\' => pattern.extend(['\\', character]),
            _ => pattern.push(character),
        }
    }
    pattern.push('%');
    pattern
}

/// `None` for the row of an empty page.
fn row_of(row: &SqliteRow) -> Result<Option<OverviewRow>, Failure> {
    let Some(collector_id) = optional_number(row, "collector_id")? else { return Ok(None) };
    let collector_name = row.try_get("collector_name")?;
    let Some(id) = optional_number(row, "source_id")? else {
        return Ok(Some(OverviewRow::Collector(CollectorRow {
            id: collector_id,
            name: collector_name,
            category: row.try_get("collector_category")?,
            sources: number(row, "sources")?,
            in_error: number(row, "in_error")?,
        })));
    };
    Ok(Some(OverviewRow::Source(SourceRow {
        id,
        collector_id,
        collector_name,
        name: row.try_get("source_name")?,
        category: row.try_get("source_category")?,
        state: state_of(row, "since_nanos")?,
        stopping: row.try_get("stopping")?,
        open_events: open_events_of(row.try_get("open_events")?),
    })))
}

fn open_events_of(names: Option<&str>) -> Vec<ErrorType> {
    let is_open = |name: &str| names.is_some_and(|names| names.split(',').any(|open| open == name));
    // They are declared in this order.
    ErrorType::ALL.into_iter().filter(|error_type| is_open(error_type.event_name())).collect()
}
