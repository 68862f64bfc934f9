//! The body of a search, read strictly.

use serde_json::Value;

use crate::incydr::file_events::filter::{Filter, FilterReader};
use crate::incydr::options::{IncydrBehavior, PAGE_NUMBER_REACH};
use crate::incydr::problem::{Problem, ProblemType};
use crate::moment::Moment;

/// Events in one answer.
const MAX_PAGE_SIZE: i64 = 10_000;
/// Criteria in one request.
const MAX_CRITERIA: usize = 1_024;

/// What the simulated search sorts by. Equal keys are sorted by `event.id`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum SortKey {
    Id,
    Inserted,
    Timestamp,
    Score,
}

/// Where the page begins.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Start {
    /// In page-number mode, after so many events.
    Page { skip: usize },
    /// In token mode, after the event with this id; an empty id means at the start.
    After(String),
}

/// A search that was understood.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Query {
    pub(crate) filter: Filter,
    pub(crate) sort_key: SortKey,
    pub(crate) descending: bool,
    pub(crate) page_size: usize,
    pub(crate) start: Start,
}

impl Query {
    /// Reads a request body.
    pub(crate) fn parse(body: &[u8], now: Moment, behavior: &IncydrBehavior) -> Result<Self, Vec<Problem>> {
        let Ok(body) = serde_json::from_slice::<Value>(body) else {
            return Err(vec![Problem::plain(ProblemType::IllegalValue, "the body is not JSON")]);
        };
        let mut problems = Vec::new();
        let filter = read_filter(&body, now, behavior, &mut problems);
        let page_size = body["pgSize"].as_i64().unwrap_or(100);
        if !(1..=MAX_PAGE_SIZE).contains(&page_size) {
            problems
                .push(Problem::plain(ProblemType::InvalidPageSize, "pgSize must lie between 1 and 10000"));
        }
        let start = read_start(&body, page_size, &mut problems);
        let sort_key = match body["srtKey"].as_str() {
            None | Some("event.id") => Some(SortKey::Id),
            Some("event.inserted") => Some(SortKey::Inserted),
            Some("@timestamp") => Some(SortKey::Timestamp),
            Some("risk.score") => Some(SortKey::Score),
            Some(_) => None,
        };
        let descending = match body["srtDir"].as_str() {
            None | Some("desc") => Some(true),
            Some("asc") => Some(false),
            Some(_) => None,
        };
        let (Some(sort_key), Some(descending)) = (sort_key, descending) else {
            problems.push(Problem::plain(ProblemType::IllegalSort, "srtKey or srtDir cannot be sorted by"));
            return Err(problems);
        };
        if !problems.is_empty() {
            return Err(problems);
        }
        let page_size = usize::try_from(page_size).unwrap_or_default();
        Ok(Self { filter, sort_key, descending, page_size, start })
    }
}

fn read_filter(body: &Value, now: Moment, behavior: &IncydrBehavior, problems: &mut Vec<Problem>) -> Filter {
    let mut reader = FilterReader::new(now, behavior.filter_precision);
    let groups = match body["groups"].as_array() {
        Some(groups) => groups.as_slice(),
        None => {
            problems.push(Problem::plain(ProblemType::MissingGroups, "groups is required"));
            &[]
        }
    };
    let filter = reader.read(groups, &body["groupClause"]);
    problems.append(&mut reader.problems);
    if body["groups"].is_array() && reader.filters == 0 {
        problems.push(Problem::plain(ProblemType::MissingFilters, "at least one filter is required"));
    }
    let criteria = if behavior.list_values_are_criteria { reader.values } else { reader.filters };
    if criteria > MAX_CRITERIA {
        problems.push(Problem::plain(ProblemType::MaxFiltersExceeded, "a request takes 1024 criteria"));
    }
    filter
}

/// `null` and `""` are worlds apart here: the one means pages by number, the other the first page by token.
fn read_start(body: &Value, page_size: i64, problems: &mut Vec<Problem>) -> Start {
    if let Some(token) = body["pgToken"].as_str() {
        return Start::After(token.to_owned());
    }
    let number = match &body["pgNum"] {
        Value::Null => Some(1),
        number => number.as_i64(),
    };
    let reach = number.and_then(|number| number.checked_mul(page_size));
    match (number, reach) {
        (Some(number @ 1..), Some(..=PAGE_NUMBER_REACH)) => {
            Start::Page { skip: usize::try_from((number - 1) * page_size).unwrap_or_default() }
        }
        _ => {
            problems.push(Problem::plain(
                ProblemType::InvalidPageNumber,
                "pgNum counts from 1 and reaches 10000 results; use pgToken beyond",
            ));
            Start::Page { skip: 0 }
        }
    }
}
