//! The JSON of backfills: what a client sends, and what is shown.

use incydr_core::timestamp::Timestamp;
use serde::Serialize;

use super::{BackfillView, Considered, Estimate};
use crate::document::{self, Object};
use crate::resources::streams::ShownStream;
use crate::web::call::BODY;
use crate::web::problem::Problem;

/// A backfill as a client wants it.
pub(super) struct Order {
    /// As the client named it.
    pub(super) stream: String,
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    pub(super) is_dry_run: bool,
}

impl Order {
    /// Judges the JSON of a client.
    pub(super) fn read(body: &[u8], now: Timestamp) -> Result<Self, Problem> {
        let tree = document::parse(body, BODY)?;
        let root = Object::root(&tree, BODY, "a backfill")?;
        root.allow_only(&["backfill", "dryRun"])?;
        let wanted = root.required_object("backfill", "put `stream`, `from` and `to` into it")?;
        wanted.allow_only(&["stream", "from", "to"])?;
        let stream = wanted.required_text("stream", "name a stream of the source, as in \"fileEvents\"")?;
        let (from, to) = (wanted.required_instant("from")?, wanted.required_instant("to")?);
        if from >= to {
            return Err(wanted.refuse("from", "is not before `to`", "write an earlier instant").into());
        }
        if to > now {
            return Err(wanted.refuse("to", "lies in the future", "write an instant of the past").into());
        }
        Ok(Self { stream: stream.to_owned(), from, to, is_dry_run: root.truth("dryRun")? })
    }
}

/// A backfill as it is shown.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ShownBackfill {
    id: u64,
    stream: &'static str,
    from: String,
    to: String,
    state: &'static str,
    detail: Option<String>,
    created: String,
    ended: Option<String>,
    progress: Option<ShownStream>,
}

/// What a stretch of history would take, as it is shown.
#[derive(Serialize)]
pub(crate) struct ShownEstimate {
    events: Option<u64>,
    requests: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

/// A backfill that was considered, as it is shown.
#[derive(Serialize)]
pub(super) struct ShownConsidered {
    stream: &'static str,
    from: String,
    to: String,
    #[serde(flatten)]
    estimate: ShownEstimate,
}

impl From<&BackfillView> for ShownBackfill {
    fn from(view: &BackfillView) -> Self {
        let kept = &view.kept;
        Self {
            id: kept.id,
            stream: kept.stream.as_str(),
            from: kept.from.to_string(),
            to: kept.to.to_string(),
            state: kept.state.as_str(),
            detail: kept.detail.clone(),
            created: kept.created.to_string(),
            ended: kept.ended.map(|ended| ended.to_string()),
            progress: view.progress.as_ref().map(ShownStream::from),
        }
    }
}

impl From<&Estimate> for ShownEstimate {
    fn from(estimate: &Estimate) -> Self {
        let Estimate { events, requests, note } = estimate;
        Self { events: *events, requests: *requests, note: note.clone() }
    }
}

impl From<&Considered> for ShownConsidered {
    fn from(considered: &Considered) -> Self {
        Self {
            stream: considered.stream.as_str(),
            from: considered.from.to_string(),
            to: considered.to.to_string(),
            estimate: ShownEstimate::from(&considered.estimate),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Order, String> {
        let now = Timestamp::from_millis(1_768_000_000_000);
        Order::read(body.as_bytes(), now).map_err(|problem| problem.message)
    }

    #[test]
    fn a_backfill_names_a_stream_and_a_past_that_does_not_run_backwards() {
        let whole = r#"{"backfill":{"stream":"alerts","from":"2025-06-01T00:00:00Z","to":"2025-06-02T02:00:00+02:00"}}"#;
        let order = read(whole).expect("good");
        assert_eq!((order.stream.as_str(), order.is_dry_run), ("alerts", false));
        assert_eq!(order.to.to_string(), "2025-06-02T00:00:00.000Z");
        for (good, bad, word) in [
            ("2025-06-01T", "2025-06-03T", "`backfill.from` is not before"),
            ("2025-06-02T", "2027-06-02T", "`backfill.to` lies in the future"),
            ("2025-06-01T00:00:00Z", "yesterday", "is not an instant"),
            ("\"to\"", "\"until\"", "`backfill.until`"),
            ("{\"backfill\"", "{\"dryRun\":1,\"backfill\"", "`dryRun`"),
        ] {
            let message = read(&whole.replace(good, bad)).err().expect(bad);
            assert!(message.contains(word), "{message}");
        }
    }
}
