//! The routes of streams, and those of a source that are about its streams.

use hyper::header::IF_MATCH;
use incydr_core::timestamp::Timestamp;
use serde::Serialize;
use serde_json::json;

use super::document::{ShownBudget, ShownProof, ShownReset, ShownStream};
use super::{Address, history, poll_now, proofs, reset, show};
use crate::document::Object;
use crate::resources::backfills::{self, ShownBackfill};
use crate::resources::sources::ShownState;
use crate::web::answer::Answer;
use crate::web::call::{BODY, Call};
use crate::web::problem::Problem;
use crate::web::route::Route;

/// All of them.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/api/v1/collectors/{collectorId}/sources/{sourceId}/streams",
            "Show how far the streams of a source have come",
            |call| Box::pin(show_streams(call)),
        )
        .gives(200, Some("Streams")),
        Route::post(
            "/api/v1/collectors/{collectorId}/sources/{sourceId}/action/poll",
            "Poll all streams of a source now",
            |call| Box::pin(poll(call)),
        )
        .gives(200, Some("Done")),
        Route::get(
            "/api/v1/collectors/{collectorId}/sources/{sourceId}/history",
            "Show the last states of a source, newest first",
            |call| Box::pin(show_history(call)),
        )
        .gives(200, Some("StateHistory")),
        Route::get(
            "/api/v1/collectors/{collectorId}/sources/{sourceId}/streams/{stream}/proofs",
            "Show what proves a stream complete, newest first",
            |call| Box::pin(show_proofs(call)),
        )
        .gives(200, Some("Proofs")),
        Route::post(
            "/api/v1/collectors/{collectorId}/sources/{sourceId}/streams/{stream}/action/reset",
            "Send a stream to an instant, back or forth; needs If-Match",
            |call| Box::pin(reset_stream(call)),
        )
        .takes("StreamResetRequest")
        .gives(200, Some("StreamReset")),
    ]
}

async fn show_streams(call: Call) -> Result<Answer, Problem> {
    let (streams, status) = show(&call.api, &call.caller, address(&call)).await?;
    let running = status.as_ref().map_or(&[][..], |status| &status.backfills);
    let view = Streams {
        streams: streams.iter().map(ShownStream::from).collect(),
        budget: status.as_ref().and_then(|status| status.budget).map(ShownBudget::from),
        backfills: backfills::list(&call.api, &call.caller, address(&call))
            .await?
            .iter()
            .filter(|shown| running.iter().any(|running| running.backfill.number == shown.kept.id))
            .map(ShownBackfill::from)
            .collect(),
    };
    Ok(Answer::json(&view))
}

async fn poll(call: Call) -> Result<Answer, Problem> {
    poll_now(&call.api, &call.caller, address(&call)).await?;
    Ok(Answer::json(&json!({})))
}

async fn show_history(call: Call) -> Result<Answer, Problem> {
    let states = history(&call.api, &call.caller, address(&call)).await?;
    let shown = states
        .iter()
        .map(|state| ShownTransition { at: state.since.to_string(), state: ShownState::of(state) })
        .collect();
    Ok(Answer::json(&History { states: shown }))
}

async fn show_proofs(call: Call) -> Result<Answer, Problem> {
    let proofs = proofs(&call.api, &call.caller, address(&call), call.parameter("stream")).await?;
    Ok(Answer::json(&Proofs { proofs: proofs.iter().map(ShownProof::from).collect() }))
}

async fn reset_stream(call: Call) -> Result<Answer, Problem> {
    let order = read_order(&call)?;
    let stream = call.parameter("stream");
    let reset = reset(&call.api, &call.caller, address(&call), stream, call.header(&IF_MATCH), order).await?;
    Ok(Answer::json(&Envelope { reset: ShownReset::from(&reset) }))
}

/// Where the stream shall go, and whether that is only to be considered.
fn read_order(call: &Call) -> Result<(Timestamp, bool), Problem> {
    let tree = call.document()?;
    let order = Object::root(&tree, BODY, "a reset")?;
    order.allow_only(&["to", "dryRun"])?;
    Ok((order.required_instant("to")?, order.truth("dryRun")?))
}

fn address(call: &Call) -> Address {
    (call.number("collectorId"), call.number("sourceId"))
}

#[derive(Serialize)]
struct Streams {
    streams: Vec<ShownStream>,
    budget: Option<ShownBudget>,
    backfills: Vec<ShownBackfill>,
}

#[derive(Serialize)]
struct History<'a> {
    states: Vec<ShownTransition<'a>>,
}

#[derive(Serialize)]
struct ShownTransition<'a> {
    at: String,
    #[serde(flatten)]
    state: ShownState<'a>,
}

#[derive(Serialize)]
struct Proofs {
    proofs: Vec<ShownProof>,
}

#[derive(Serialize)]
struct Envelope {
    reset: ShownReset,
}
