//! Values of the API's JSON as the cells of a table.

use std::time::Duration;

use incydr_core::timestamp::Timestamp;
use serde_json::Value;

use super::table::NOTHING;
use crate::figures;
use crate::span::show_span;

/// A text or a number as it is.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::Null => NOTHING.to_owned(),
        Value::String(text) if text.is_empty() => NOTHING.to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A whole number with its digits grouped.
pub(super) fn count(value: &Value) -> String {
    value.as_u64().map_or_else(|| plain(value), figures::grouped)
}

/// A number of bytes.
pub(super) fn bytes(value: &Value) -> String {
    value.as_u64().map_or_else(|| plain(value), figures::bytes)
}

/// An instant as the time that has passed since, or that is left until it.
pub(super) fn moment(value: &Value, now: Timestamp) -> String {
    let Some(instant) = value.as_str().and_then(|text| Timestamp::parse(text.as_bytes())) else {
        return plain(value);
    };
    match instant > now {
        true => format!("in {}", show_span(instant.since(now))),
        false => format!("{} ago", show_span(now.since(instant))),
    }
}

/// A number of seconds as a span.
pub(super) fn span(value: &Value) -> String {
    let seconds = value.as_f64().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.map_or_else(|| plain(value), show_span)
}

/// The pairs of an object, as in `team=ir`.
pub(super) fn pairs(value: &Value) -> String {
    let pairs = value.as_object().into_iter().flatten();
    let shown: Vec<_> = pairs.map(|(name, value)| format!("{name}={}", plain(value))).collect();
    if shown.is_empty() { NOTHING.to_owned() } else { shown.join(" ") }
}

/// The elements of a list.
pub(super) fn items<'a>(body: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    body[key].as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn instants_are_told_by_their_distance() {
        let now = Timestamp::parse(b"2025-01-28T12:00:00Z").expect("instant");
        assert_eq!(moment(&json!("2025-01-28T11:57:00Z"), now), "3m 0s ago");
        assert_eq!(moment(&json!("2025-01-28T12:00:20Z"), now), "in 20s");
        assert_eq!(moment(&json!(null), now), "-");
    }

    #[test]
    fn numbers_have_units() {
        assert_eq!(count(&json!(1_234_567)), "1,234,567");
        assert_eq!(bytes(&json!(1_500)), "1.5 kB");
        assert_eq!(span(&json!(75.4)), "1m 15s");
        assert_eq!(pairs(&json!({ "team": "ir", "on": true })), "team=ir on=true");
        assert_eq!(pairs(&json!({})), "-");
    }
}
