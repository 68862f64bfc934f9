//! The routes of sources.

use hyper::header::IF_MATCH;
use incydr_core::health::{SourceState, StateRecord};
use serde::Serialize;
use serde_json::json;

use super::document::{Kept, ShownSource};
use super::findings::Findings;
use super::{check, create, current_state, delete, etag, find, list, restart, update};
use crate::web::answer::Answer;
use crate::web::call::Call;
use crate::web::problem::Problem;
use crate::web::route::Route;

const COLLECTION: &str = "/api/v1/collectors/{collectorId}/sources";
const ONE: &str = "/api/v1/collectors/{collectorId}/sources/{sourceId}";

/// All of them.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get(COLLECTION, "List the sources of a collector", |call| Box::pin(show_list(call)))
            .query(&["limit", "offset", "download"])
            .gives(200, Some("Sources")),
        Route::post(COLLECTION, "Create a source", |call| Box::pin(create_one(call)))
            .takes("SourceRequest")
            .gives(201, Some("SourceAnswer")),
        Route::get(ONE, "Show a source", |call| Box::pin(show_one(call)))
            .query(&["download"])
            .gives(200, Some("SourceAnswer")),
        Route::put(ONE, "Replace the configuration of a source", |call| Box::pin(update_one(call)))
            .takes("SourceRequest")
            .gives(200, Some("SourceAnswer")),
        Route::delete(ONE, "Delete a source", |call| Box::pin(delete_one(call))),
        Route::post(
            "/api/v1/collectors/{collectorId}/sources/action/check",
            "Try a source without creating it",
            |call| Box::pin(check_one(call)),
        )
        .takes("SourceRequest")
        .gives(200, Some("SourceCheck")),
        Route::post(
            "/api/v1/collectors/{collectorId}/sources/{sourceId}/action/restart",
            "Restart a source",
            |call| Box::pin(restart_one(call)),
        ),
    ]
}

async fn show_list(call: Call) -> Result<Answer, Problem> {
    let limit = call.query_number("limit", 1, 10_000, 10_000)?;
    let offset = call.query_number("offset", 0, u32::MAX, 0)?;
    let is_download = call.query_truth("download")?;
    let sources = list(&call.api, &call.caller, call.number("collectorId"), limit, offset).await?;
    if is_download {
        let sources = sources.iter().map(Kept::of).collect::<Result<Vec<_>, _>>()?;
        return Ok(Answer::json(&Export { version: "v1", sources: Some(sources), source: None }));
    }
    let states: Vec<_> = sources.iter().map(|source| current_state(&call.api, source)).collect();
    let shown = sources.iter().zip(&states).map(|(source, state)| ShownSource::new(source, state));
    Ok(Answer::json(&Sources { sources: shown.collect::<Result<_, _>>()? }))
}

async fn show_one(call: Call) -> Result<Answer, Problem> {
    let is_download = call.query_truth("download")?;
    let source = find(&call.api, &call.caller, call.number("collectorId"), call.number("sourceId")).await?;
    if is_download {
        let export = Export { version: "v1", source: Some(Kept::of(&source)?), sources: None };
        return Ok(Answer::json(&export).tagged(etag(&source)));
    }
    let state = current_state(&call.api, &source);
    Ok(Answer::json(&Envelope { source: ShownSource::new(&source, &state)? }).tagged(etag(&source)))
}

async fn create_one(call: Call) -> Result<Answer, Problem> {
    let created = create(&call.api, &call.caller, call.number("collectorId"), &call.body).await?;
    let envelope = Envelope { source: ShownSource::new(&created, &created.state)? };
    Ok(Answer::created(&envelope).tagged(etag(&created)))
}

async fn update_one(call: Call) -> Result<Answer, Problem> {
    let address = (call.number("collectorId"), call.number("sourceId"));
    let updated = update(&call.api, &call.caller, address, call.header(&IF_MATCH), &call.body).await?;
    // The new life begins after this answer.
    let state = StateRecord::well(SourceState::Pending, call.api.clock.now());
    Ok(Answer::json(&Envelope { source: ShownSource::new(&updated, &state)? }).tagged(etag(&updated)))
}

async fn delete_one(call: Call) -> Result<Answer, Problem> {
    delete(&call.api, &call.caller, call.number("collectorId"), call.number("sourceId")).await?;
    Ok(Answer::empty())
}

async fn restart_one(call: Call) -> Result<Answer, Problem> {
    restart(&call.api, &call.caller, call.number("collectorId"), call.number("sourceId")).await?;
    Ok(Answer::json(&json!({})))
}

async fn check_one(call: Call) -> Result<Answer, Problem> {
    let findings = check(&call.api, &call.caller, call.number("collectorId"), &call.body).await?;
    Ok(Answer::json(&Findings::of(&findings)))
}

/// The body of an answer about one source.
#[derive(Serialize)]
pub(super) struct Envelope<'a> {
    pub(super) source: ShownSource<'a>,
}

/// The body of an answer about several.
#[derive(Serialize)]
struct Sources<'a> {
    sources: Vec<ShownSource<'a>>,
}

/// Sources in the form in which they can be created elsewhere.
#[derive(Serialize)]
struct Export<'a> {
    #[serde(rename = "api.version")]
    version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Kept<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sources: Option<Vec<Kept<'a>>>,
}
