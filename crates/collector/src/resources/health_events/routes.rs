//! The routes of health events.

use incydr_core::timestamp::Timestamp;
use incydr_store::{HealthEvent, Page};
use serde_json::{Value, json};

use super::{history, list_open, list_open_of};
use crate::resources::hex_id;
use crate::web::answer::Answer;
use crate::web::call::Call;
use crate::web::problem::Problem;
use crate::web::route::Route;

/// All of them.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/healthEvents", "List open health events", |call| Box::pin(show_open(call)))
            .query(&["limit", "token"])
            .gives(200, Some("HealthEvents")),
        Route::post("/api/v1/healthEvents/resources", "List open health events of resources", |call| {
            Box::pin(show_open_of(call))
        })
        .of_role(incydr_store::Role::View)
        .query(&["limit", "token"])
        .takes("HealthResources")
        .gives(200, Some("HealthEvents")),
        Route::get("/api/v1/incydr/healthEvents/history", "List open and past health events", |call| {
            Box::pin(show_history(call))
        })
        .query(&["limit", "token"])
        .gives(200, Some("HealthHistory")),
    ]
}

async fn show_open(call: Call) -> Result<Answer, Problem> {
    let limit = limit(&call)?;
    let page = list_open(&call.api, &call.caller, call.page_token()?, limit).await?;
    Ok(Answer::json(&shown(&page, open_event)))
}

async fn show_open_of(call: Call) -> Result<Answer, Problem> {
    let limit = limit(&call)?;
    let page = list_open_of(&call.api, &call.caller, &call.body, call.page_token()?, limit).await?;
    Ok(Answer::json(&shown(&page, open_event)))
}

async fn show_history(call: Call) -> Result<Answer, Problem> {
    let limit = limit(&call)?;
    let page = history(&call.api, &call.caller, call.page_token()?, limit).await?;
    Ok(Answer::json(&shown(&page, past_event)))
}

fn limit(call: &Call) -> Result<u32, Problem> {
    call.query_number("limit", 1, 1_000, 100)
}

fn shown(page: &Page<HealthEvent>, event: impl Fn(&HealthEvent) -> Value) -> Value {
    let data: Vec<_> = page.items.iter().map(event).collect();
    json!({ "data": data, "next": page.next.map(|token| token.to_string()) })
}

/// An event in the form of the original's API, with code and info besides.
fn open_event(kept: &HealthEvent) -> Value {
    let event = &kept.event;
    json!({
        "eventId": event.event_id,
        "eventName": event.name,
        "details": {
            "trackerId": event.name,
            "error": event.title,
            "description": event.description,
            "errorCode": event.error_code,
            "errorInfo": event.error_info,
            "tracker": event.tracker,
        },
        "resourceIdentity": {
            "id": hex_id::text(event.source_id),
            "name": event.source_name,
            "type": "Source",
            "collectorId": hex_id::text(event.collector_id),
            "collectorName": event.collector_name,
        },
        "eventTime": kept.opened.to_string(),
        "subsystem": "Collection",
        "severityLevel": "Error",
    })
}

/// The same with when it was closed; null while it is open.
fn past_event(kept: &HealthEvent) -> Value {
    let mut event = open_event(kept);
    event["closedTime"] = json!(kept.closed.as_ref().map(Timestamp::to_string));
    event
}
