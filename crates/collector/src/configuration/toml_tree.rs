//! TOML as the tree that all documents of this program are read from.

use serde_json::Number;
use toml::{Table, Value};

use crate::document::{ConfigError, Json};
use crate::printable::printable;

/// What errors call the whole text.
pub(super) const DOCUMENT: &str = "the configuration file";

/// Reads `text`; two keys of one name are refused by the syntax.
pub(super) fn parse(text: &str) -> Result<Json, ConfigError> {
    let table: Table = text.parse().map_err(|error: toml::de::Error| {
        let start = error.span().map_or(0, |span| span.start.min(text.len()));
        let line = text.as_bytes()[..start].iter().filter(|&&byte| byte == b'\n').count() + 1;
        let problem = format!("cannot be read at line {line}: {}", printable(error.message()));
        ConfigError::of_whole(DOCUMENT, problem, "correct the TOML there")
    })?;
    Ok(tree_of(table))
}

fn tree_of(table: Table) -> Json {
    Json::Object(table.into_iter().map(|(key, value)| (key, value_of(value))).collect())
}

fn value_of(value: Value) -> Json {
    match value {
        Value::String(text) => Json::Text(text),
        Value::Integer(number) => {
            u64::try_from(number).map_or_else(|_| Json::OtherNumber(number.into()), Json::Whole)
        }
        // JSON has no name for the numbers that TOML calls inf and nan; nothing in a configuration is one.
        Value::Float(number) => Number::from_f64(number).map_or(Json::Null, Json::OtherNumber),
        Value::Boolean(truth) => Json::Truth(truth),
        // Nothing in a configuration is a date; where one stands, a text is missing its quotes.
        Value::Datetime(date) => Json::Text(date.to_string()),
        Value::Array(items) => Json::List(items.into_iter().map(value_of).collect()),
        Value::Table(table) => tree_of(table),
    }
}
