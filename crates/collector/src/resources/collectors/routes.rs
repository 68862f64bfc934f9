//! The routes of hosted collectors.

use hyper::header::IF_MATCH;
use incydr_store::Collector;
use serde::Serialize;
use serde_json::json;

use super::document::ShownCollector;
use super::{create, delete, etag, find, find_named, list, update};
use crate::web::answer::Answer;
use crate::web::call::Call;
use crate::web::problem::Problem;
use crate::web::route::Route;

const COLLECTION: &str = "/api/v1/collectors";
const ONE: &str = "/api/v1/collectors/{collectorId}";

/// All of them.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get(COLLECTION, "List collectors", |call| Box::pin(show_list(call)))
            .query(&["filter", "limit", "offset"])
            .gives(200, Some("Collectors")),
        Route::post(COLLECTION, "Create a hosted collector", |call| Box::pin(create_one(call)))
            .takes("CollectorRequest")
            .gives(201, Some("CollectorAnswer")),
        Route::get(ONE, "Show a collector", |call| Box::pin(show_one(call)))
            .gives(200, Some("CollectorAnswer")),
        Route::put(ONE, "Replace the configuration of a collector", |call| Box::pin(update_one(call)))
            .takes("CollectorRequest")
            .gives(200, Some("CollectorAnswer")),
        Route::delete(ONE, "Delete a collector and its sources", |call| Box::pin(delete_one(call))),
        Route::get("/api/v1/collectors/name/{name}", "Show a collector by its name", |call| {
            Box::pin(show_named(call))
        })
        .gives(200, Some("CollectorAnswer")),
        Route::get(
            "/api/v1/collectors/offline",
            "List installed collectors that are offline: none",
            |call| Box::pin(show_offline(call)),
        )
        .query(&["aliveBeforeDays", "limit", "offset"])
        .gives(200, Some("Collectors")),
        Route::delete(
            "/api/v1/collectors/offline",
            "Delete installed collectors that are offline: none",
            |call| Box::pin(delete_offline(call)),
        )
        .query(&["aliveBeforeDays"]),
        Route::get("/api/v1/collectors/upgrades/targets", "List versions to upgrade to: none", |call| {
            Box::pin(async move {
                drop(call);
                Ok(Answer::json(&json!({ "targets": [] })))
            })
        }),
        Route::get("/api/v1/collectors/upgrades/collectors", "List collectors to upgrade: none", |call| {
            Box::pin(show_offline(call))
        })
        .query(&["toVersion", "limit", "offset"])
        .gives(200, Some("Collectors")),
    ]
}

async fn show_list(call: Call) -> Result<Answer, Problem> {
    let limit = call.query_number("limit", 1, 1_000, 1_000)?;
    let offset = call.query_number("offset", 0, u32::MAX, 0)?;
    let found = match call.query("filter") {
        None | Some("" | "hosted" | "alive") => list(&call.api, &call.caller, limit, offset).await?,
        // Hosted collectors are neither installed nor ever dead.
        Some("installed" | "dead") => Vec::new(),
        Some(_) => {
            return Err(Problem::invalid(
                "collectors.validation.query.invalid",
                "The parameter 'filter' must be 'installed', 'hosted', 'dead' or 'alive'.",
            ));
        }
    };
    let now = call.api.clock.now().as_millis();
    let collectors = found.iter().map(|collector| ShownCollector::new(collector, now)).collect();
    Ok(Answer::json(&Collectors { collectors }))
}

async fn show_one(call: Call) -> Result<Answer, Problem> {
    let collector = find(&call.api, &call.caller, call.number("collectorId")).await?;
    Ok(Answer::json(&envelope(&call, &collector)).tagged(etag(&collector)))
}

async fn show_named(call: Call) -> Result<Answer, Problem> {
    let collector = find_named(&call.api, &call.caller, call.parameter("name")).await?;
    Ok(Answer::json(&envelope(&call, &collector)).tagged(etag(&collector)))
}

async fn create_one(call: Call) -> Result<Answer, Problem> {
    let created = create(&call.api, &call.caller, &call.body).await?;
    Ok(Answer::created(&envelope(&call, &created)).tagged(etag(&created)))
}

async fn update_one(call: Call) -> Result<Answer, Problem> {
    let id = call.number("collectorId");
    let updated = update(&call.api, &call.caller, id, call.header(&IF_MATCH), &call.body).await?;
    Ok(Answer::json(&envelope(&call, &updated)).tagged(etag(&updated)))
}

async fn delete_one(call: Call) -> Result<Answer, Problem> {
    delete(&call.api, &call.caller, call.number("collectorId")).await?;
    Ok(Answer::empty())
}

async fn show_offline(call: Call) -> Result<Answer, Problem> {
    call.query_number("aliveBeforeDays", 1, u32::MAX, 100)?;
    Ok(Answer::json(&Collectors { collectors: Vec::new() }))
}

async fn delete_offline(call: Call) -> Result<Answer, Problem> {
    call.query_number("aliveBeforeDays", 1, u32::MAX, 100)?;
    Ok(Answer::text("text/plain; charset=utf-8", "The delete task has been initiated"))
}

/// The body of an answer about one collector.
#[derive(Serialize)]
struct Envelope {
    collector: ShownCollector,
}

/// The body of an answer about several.
#[derive(Serialize)]
struct Collectors {
    collectors: Vec<ShownCollector>,
}

fn envelope(call: &Call, collector: &Collector) -> Envelope {
    Envelope { collector: ShownCollector::new(collector, call.api.clock.now().as_millis()) }
}
