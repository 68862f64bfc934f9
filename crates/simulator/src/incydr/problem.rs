//! What the file event search answers about a query that it cannot or will not run.

use serde::Serialize;
use serde_json::Value;

/// Kinds of problems, by the names of the vendor's description.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum ProblemType {
    IllegalValue,
    IllegalOperator,
    InvalidPageSize,
    InvalidPageNumber,
    InvalidPageToken,
    MissingValue,
    MissingGroups,
    MissingFilters,
    MaxFiltersExceeded,
    IllegalSort,
    IllegalGroup,
}

/// One problem of a query.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(crate) struct Problem {
    #[serde(rename = "type")]
    kind: ProblemType,
    #[serde(rename = "badFilter")]
    bad_filter: Option<Value>,
    description: String,
}

impl Problem {
    /// A problem of the query as a whole.
    pub(crate) fn plain(kind: ProblemType, description: &str) -> Self {
        Self { kind, bad_filter: None, description: description.to_owned() }
    }

    /// A problem of one filter.
    pub(crate) fn about(filter: &Value, kind: ProblemType, description: &str) -> Self {
        Self { bad_filter: Some(filter.clone()), ..Self::plain(kind, description) }
    }
}
