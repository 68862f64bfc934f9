//! The routes of dead letters.

use incydr_core::stream::Stream;
use incydr_store::Role;
use serde::Serialize;
use serde_json::json;

use super::document::{ShownLetter, ShownSummary};
use super::{discard, list, redeliver, show};
use crate::resources::streams::Address;
use crate::web::answer::Answer;
use crate::web::call::Call;
use crate::web::problem::Problem;
use crate::web::route::Route;

const COLLECTION: &str = "/api/v1/collectors/{collectorId}/sources/{sourceId}/deadLetters";
const ONE: &str = "/api/v1/collectors/{collectorId}/sources/{sourceId}/deadLetters/{letterId}";

/// All of them.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get(COLLECTION, "List the dead letters of a source, oldest first", |call| {
            Box::pin(show_list(call))
        })
        .query(&["stream", "limit", "token"])
        .gives(200, Some("DeadLetters")),
        Route::get(ONE, "Show a dead letter with its payload", |call| Box::pin(show_one(call)))
            .of_role(Role::Manage)
            .gives(200, Some("DeadLetterAnswer")),
        Route::post(
            "/api/v1/collectors/{collectorId}/sources/{sourceId}/deadLetters/{letterId}/action/redeliver",
            "Deliver a dead letter once more",
            |call| Box::pin(redeliver_one(call)),
        )
        .gives(200, Some("Done")),
        Route::delete(ONE, "Discard a dead letter", |call| Box::pin(discard_one(call))),
    ]
}

async fn show_list(call: Call) -> Result<Answer, Problem> {
    let limit = call.query_number("limit", 1, 1_000, 100)?;
    let token = call.page_token()?;
    let stream = call.query_parsed("stream", "a stream, as in `fileEvents`", Stream::parse)?;
    let page = list(&call.api, &call.caller, address(&call), stream, token, limit).await?;
    Ok(Answer::json(&DeadLetters {
        dead_letters: page.items.iter().map(ShownSummary::from).collect(),
        next: page.next.map(|token| token.to_string()),
    }))
}

async fn show_one(call: Call) -> Result<Answer, Problem> {
    let (place, kept) = show(&call.api, &call.caller, address(&call), call.number("letterId")).await?;
    Ok(Answer::json(&Envelope { dead_letter: ShownLetter::new(&place, kept) }))
}

async fn redeliver_one(call: Call) -> Result<Answer, Problem> {
    redeliver(&call.api, &call.caller, address(&call), call.number("letterId")).await?;
    Ok(Answer::json(&json!({})))
}

async fn discard_one(call: Call) -> Result<Answer, Problem> {
    discard(&call.api, &call.caller, address(&call), call.number("letterId")).await?;
    Ok(Answer::empty())
}

fn address(call: &Call) -> Address {
    (call.number("collectorId"), call.number("sourceId"))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DeadLetters {
    dead_letters: Vec<ShownSummary>,
    next: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    dead_letter: ShownLetter,
}
