//! The routes of access keys.

use incydr_core::timestamp::Timestamp;
use incydr_store::{AccessKey, Role};
use serde_json::{Value, json};

use super::{create, list, revoke};
use crate::web::answer::Answer;
use crate::web::call::Call;
use crate::web::problem::Problem;
use crate::web::route::Route;

const COLLECTION: &str = "/api/v1/incydr/accessKeys";

/// All of them.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get(COLLECTION, "List access keys", |call| Box::pin(show_list(call)))
            .of_role(Role::Manage)
            .gives(200, Some("AccessKeys")),
        Route::post(COLLECTION, "Create an access key", |call| Box::pin(create_one(call)))
            .takes("AccessKeyRequest")
            .gives(201, Some("AccessKeyAnswer")),
        Route::delete("/api/v1/incydr/accessKeys/{accessId}", "Revoke an access key", |call| {
            Box::pin(revoke_one(call))
        })
        .gives(204, None),
    ]
}

async fn show_list(call: Call) -> Result<Answer, Problem> {
    let keys = list(&call.api, &call.caller).await?;
    let shown: Vec<_> = keys.iter().map(shown).collect();
    Ok(Answer::json(&json!({ "accessKeys": shown })))
}

async fn create_one(call: Call) -> Result<Answer, Problem> {
    let (key, secret) = create(&call.api, &call.caller, &call.body).await?;
    let mut shown = shown(&key);
    shown["key"] = json!(secret.reveal());
    Ok(Answer::created(&json!({ "accessKey": shown })))
}

async fn revoke_one(call: Call) -> Result<Answer, Problem> {
    revoke(&call.api, &call.caller, call.parameter("accessId")).await?;
    Ok(Answer::no_content())
}

fn shown(key: &AccessKey) -> Value {
    let instant = |time: Option<Timestamp>| time.map(|time| time.to_string());
    json!({
        "accessId": key.access_id,
        "label": key.label,
        "role": key.role.as_str(),
        "collectorId": key.collector_id,
        "created": key.created.to_string(),
        "expires": instant(key.expires),
        "lastUsed": instant(key.last_used),
    })
}
