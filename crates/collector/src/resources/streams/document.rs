//! The JSON of streams.

use incydr_core::timestamp::Timestamp;
use incydr_store::Proof;
use serde::Serialize;

use super::Reset;
use crate::hosting::{BudgetStatus, StreamError, StreamStatus};
use crate::resources::backfills::ShownEstimate;
use crate::resources::sources::api_word;

/// The figures of a stream as they are shown.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ShownStream {
    stream: &'static str,
    watermark: Option<String>,
    lag_seconds: Option<f64>,
    last_success: Option<String>,
    last_error: Option<ShownError>,
    fetched: u64,
    acknowledged: u64,
    duplicates: u64,
    excluded: u64,
    dead_letters: u64,
    bytes: u64,
    sent_bytes: u64,
    events_per_minute: Vec<u32>,
    next_poll: Option<String>,
    polling: bool,
    walked_permille: Option<u16>,
    backlog: Option<u64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownError {
    at: String,
    error_type: &'static str,
    tracker: &'static str,
    error_code: Option<u16>,
    error_info: String,
    message: String,
}

/// The budget of the source's tenant as it is shown.
#[derive(Serialize)]
pub(super) struct ShownBudget {
    allowed: u32,
    used: u32,
}

/// A proof of completeness as it is shown.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ShownProof {
    window: u64,
    range: u32,
    from: String,
    to: String,
    /// What the vendor counted; nothing where it does not count.
    expected: Option<u64>,
    /// Different events that were met.
    unique: u64,
    rescans: u32,
}

/// A reset as it is shown.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ShownReset {
    stream: &'static str,
    before: Option<String>,
    to: String,
    dry_run: bool,
    #[serde(flatten)]
    estimate: Option<ShownEstimate>,
}

impl From<&StreamStatus> for ShownStream {
    fn from(status: &StreamStatus) -> Self {
        let counts = status.totals.counts;
        Self {
            stream: status.stream.as_str(),
            watermark: text(status.watermark),
            lag_seconds: status.lag.map(|lag| lag.as_secs_f64()),
            last_success: text(status.last_success),
            last_error: status.last_error.as_ref().map(ShownError::from),
            fetched: counts.fetched,
            acknowledged: counts.acknowledged,
            duplicates: counts.duplicate,
            excluded: counts.excluded,
            dead_letters: counts.dead,
            bytes: status.totals.bytes,
            sent_bytes: status.totals.sent_bytes,
            events_per_minute: status.events_per_minute.clone(),
            next_poll: text(status.next_poll),
            polling: status.is_polling,
            walked_permille: status.walked_permille,
            backlog: status.backlog,
        }
    }
}

impl From<&StreamError> for ShownError {
    fn from(error: &StreamError) -> Self {
        let trouble = &error.trouble;
        Self {
            at: error.at.to_string(),
            error_type: api_word(trouble.error_type),
            tracker: trouble.tracker,
            error_code: trouble.error_code,
            error_info: trouble.error_info.clone(),
            message: trouble.message.clone(),
        }
    }
}

impl From<BudgetStatus> for ShownBudget {
    fn from(budget: BudgetStatus) -> Self {
        Self { allowed: budget.allowed, used: budget.used }
    }
}

impl From<&Proof> for ShownProof {
    fn from(proof: &Proof) -> Self {
        Self {
            window: proof.window,
            range: proof.range,
            from: proof.from.to_string(),
            to: proof.to.to_string(),
            expected: proof.expected,
            unique: proof.unique,
            rescans: proof.rescans,
        }
    }
}

impl From<&Reset> for ShownReset {
    fn from(reset: &Reset) -> Self {
        Self {
            stream: reset.stream.as_str(),
            before: text(reset.before),
            to: reset.to.to_string(),
            dry_run: reset.estimate.is_some(),
            estimate: reset.estimate.as_ref().map(ShownEstimate::from),
        }
    }
}

fn text(instant: Option<Timestamp>) -> Option<String> {
    instant.map(|instant| instant.to_string())
}
