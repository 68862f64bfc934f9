//! The bodies that go to the vendor, and its small answers.
//!
//! Place on the path: hop 4. Pages are not here: they are decoded as they arrive and never become structs.

use incydr_core::source::{SourceError, SourceFault};
use incydr_core::timestamp::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::failed_in_200;
use crate::transport::Answer;

/// A small answer is longer than this only by mistake.
const LARGEST_SMALL_ANSWER: usize = 1 << 20;

/// Answer of `/v1/oauth`.
#[derive(Deserialize)]
pub(crate) struct Granted {
    pub(crate) access_token: String,
    /// Seconds; lenient, because a token is good even if its lifetime is nonsense.
    #[serde(default, deserialize_with = "number_or_nothing")]
    pub(crate) expires_in: Option<f64>,
}

/// Answer of `/v1/customer`.
#[derive(Deserialize)]
pub(crate) struct Customer {
    #[serde(rename = "tenantId")]
    pub(crate) tenant_id: String,
}

/// What we read of an alert to ask for its details.
#[derive(Deserialize)]
pub(crate) struct AlertSummary {
    pub(crate) id: String,
}

/// Body of `/v2/file-events`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FileEventQuery<'a> {
    pub(crate) groups: [Group; 1],
    pub(crate) group_clause: &'static str,
    pub(crate) pg_num: u32,
    pub(crate) pg_size: u32,
    /// `Some("")` walks by token from the start; `None` means page numbers, which end after 10,000 events.
    pub(crate) pg_token: Option<&'a str>,
    pub(crate) srt_dir: &'static str,
    pub(crate) srt_key: &'static str,
}

/// Body of `/v1/alerts/query-alerts`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AlertQuery<'a> {
    pub(crate) tenant_id: &'a str,
    pub(crate) groups: [Group; 1],
    pub(crate) group_clause: &'static str,
    pub(crate) pg_num: u32,
    pub(crate) pg_size: u32,
    pub(crate) srt_key: &'static str,
    pub(crate) srt_direction: &'static str,
}

/// Body of `/v1/alerts/query-details`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AlertDetailsQuery<'a> {
    pub(crate) alert_ids: &'a [String],
}

/// Body of `/v1/audit/search-audit-log`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuditQuery {
    pub(crate) page: u32,
    pub(crate) page_size: u32,
    pub(crate) date_range: DateRange,
}

/// How many rows a search of the audit log finds.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuditCount {
    pub(crate) total_result_count: u64,
}

/// Both ends inclusive, in seconds since the epoch, with a fraction.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DateRange {
    pub(crate) start_time: f64,
    pub(crate) end_time: f64,
}

/// Filters that must all hold.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Group {
    filter_clause: &'static str,
    filters: [Filter; 2],
}

#[derive(Serialize)]
struct Filter {
    term: &'static str,
    operator: &'static str,
    value: String,
}

impl Group {
    /// Everything whose `term` lies from `from` to `to`, both inclusive, as whole milliseconds.
    pub(crate) fn between(term: &'static str, from: Timestamp, to: Timestamp) -> Self {
        let filters = [
            Filter { term, operator: "ON_OR_AFTER", value: from.to_string() },
            Filter { term, operator: "ON_OR_BEFORE", value: to.to_string() },
        ];
        Self { filter_clause: "AND", filters }
    }
}

/// Reads a small answer as a whole. Its content never enters the error: it may be a token.
pub(crate) async fn read<T: DeserializeOwned>(mut answer: Answer) -> Result<T, SourceError> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > LARGEST_SMALL_ANSWER {
            return Err(failed_in_200(&answer.attempt, SourceFault::BadPayload, "the answer exceeds 1 MiB"));
        }
    }
    serde_json::from_slice(&body).map_err(|error| {
        let (fault, info) = match error.classify() {
            serde_json::error::Category::Eof if !body.is_empty() => {
                (SourceFault::BadPayload, "the answer ends early")
            }
            serde_json::error::Category::Eof => (SourceFault::ErrorIn200, "the answer is empty"),
            serde_json::error::Category::Syntax => (SourceFault::ErrorIn200, "the answer is no JSON"),
            serde_json::error::Category::Data => {
                (SourceFault::ErrorIn200, "the answer lacks what was asked for")
            }
            serde_json::error::Category::Io => (SourceFault::BadPayload, "the answer cannot be read"),
        };
        failed_in_200(&answer.attempt, fault, info)
    })
}

fn number_or_nothing<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Option<f64>, D::Error> {
    let value = serde_json::Value::deserialize(value)?;
    Ok(value.as_f64().or_else(|| value.as_str()?.parse().ok()))
}
