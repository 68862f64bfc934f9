//! The routes of backfills.

use serde::Serialize;

use super::document::{ShownBackfill, ShownConsidered};
use super::{BackfillView, Created, cancel, create, list, show};
use crate::resources::streams::Address;
use crate::web::answer::Answer;
use crate::web::call::Call;
use crate::web::problem::Problem;
use crate::web::route::Route;

const COLLECTION: &str = "/api/v1/collectors/{collectorId}/sources/{sourceId}/backfills";
const ONE: &str = "/api/v1/collectors/{collectorId}/sources/{sourceId}/backfills/{backfillId}";

/// All of them.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get(COLLECTION, "List the backfills of a source, newest first", |call| {
            Box::pin(show_list(call))
        })
        .gives(200, Some("Backfills")),
        Route::post(COLLECTION, "Begin a backfill, or only consider one with `dryRun`", |call| {
            Box::pin(create_one(call))
        })
        .takes("BackfillRequest")
        .gives(201, Some("BackfillAnswer"))
        .or_gives(200, Some("BackfillConsidered")),
        Route::get(ONE, "Show a backfill", |call| Box::pin(show_one(call)))
            .gives(200, Some("BackfillAnswer")),
        Route::delete(ONE, "Cancel a backfill", |call| Box::pin(cancel_one(call))),
    ]
}

async fn show_list(call: Call) -> Result<Answer, Problem> {
    let backfills = list(&call.api, &call.caller, address(&call)).await?;
    Ok(Answer::json(&Backfills { backfills: backfills.iter().map(ShownBackfill::from).collect() }))
}

async fn show_one(call: Call) -> Result<Answer, Problem> {
    let backfill = show(&call.api, &call.caller, address(&call), call.number("backfillId")).await?;
    Ok(Answer::json(&Envelope { backfill: ShownBackfill::from(&backfill) }))
}

async fn create_one(call: Call) -> Result<Answer, Problem> {
    Ok(match create(&call.api, &call.caller, address(&call), &call.body).await? {
        Created::Running(kept) => {
            let begun = BackfillView { kept, progress: None };
            Answer::created(&Envelope { backfill: ShownBackfill::from(&begun) })
        }
        Created::Considered(considered) => {
            Answer::json(&DryRun { dry_run: ShownConsidered::from(&considered) })
        }
    })
}

async fn cancel_one(call: Call) -> Result<Answer, Problem> {
    cancel(&call.api, &call.caller, address(&call), call.number("backfillId")).await?;
    Ok(Answer::empty())
}

fn address(call: &Call) -> Address {
    (call.number("collectorId"), call.number("sourceId"))
}

#[derive(Serialize)]
struct Envelope {
    backfill: ShownBackfill,
}

#[derive(Serialize)]
struct Backfills {
    backfills: Vec<ShownBackfill>,
}

#[derive(Serialize)]
struct DryRun {
    #[serde(rename = "dryRun")]
    dry_run: ShownConsidered,
}
