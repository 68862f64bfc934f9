//! The routes of fields. Their ids are 16 hex digits, and their errors come in the list envelope.

use incydr_store::Field;
use serde::Serialize;
use serde_json::json;

use super::{BUILTIN, BuiltinField, Quota, create, delete, dropped, enable, find};
use crate::resources::hex_id;
use crate::web::answer::Answer;
use crate::web::call::Call;
use crate::web::problem::Problem;
use crate::web::route::Route;

const ONE: &str = "/api/v1/fields/{fieldId}";

/// All of them.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/fields", "List custom fields", |call| Box::pin(show_list(call)))
            .gives(200, Some("Fields")),
        Route::post("/api/v1/fields", "Create a field", |call| Box::pin(create_one(call)))
            .takes("FieldRequest")
            .gives(200, Some("Field")),
        Route::get(ONE, "Show a custom field", |call| Box::pin(show_one(call))).gives(200, Some("Field")),
        Route::delete(ONE, "Delete a field that nothing uses", |call| Box::pin(delete_one(call)))
            .gives(204, None),
        Route::put("/api/v1/fields/{fieldId}/enable", "Let a field leave with the events", |call| {
            Box::pin(async move { switch(call, true).await })
        })
        .gives(204, None),
        Route::delete("/api/v1/fields/{fieldId}/disable", "Keep a field back", |call| {
            Box::pin(async move { switch(call, false).await })
        })
        .gives(204, None),
        Route::get("/api/v1/fields/dropped", "List fields that are sent but kept back", |call| {
            Box::pin(show_dropped(call))
        })
        .gives(200, Some("DroppedFields")),
        Route::get("/api/v1/fields/builtin", "List built-in fields", |call| {
            Box::pin(show_builtin_list(call))
        })
        .gives(200, Some("Fields")),
        Route::get("/api/v1/fields/builtin/{fieldId}", "Show a built-in field", |call| {
            Box::pin(show_builtin(call))
        })
        .gives(200, Some("Field")),
        Route::get("/api/v1/fields/quota", "Show the capacity of the schema", |call| {
            Box::pin(show_quota(call))
        })
        .gives(200, Some("FieldQuota")),
    ]
}

async fn show_list(call: Call) -> Result<Answer, Problem> {
    let fields = call.api.schema.fields().await?;
    let data: Vec<_> = fields.iter().map(ShownField::of).collect();
    Ok(Answer::json(&json!({ "data": data })))
}

async fn create_one(call: Call) -> Result<Answer, Problem> {
    let created = create(&call.api, &call.caller, &call.body).await?;
    Ok(Answer::json(&ShownField::of(&created)))
}

async fn show_one(call: Call) -> Result<Answer, Problem> {
    let field = find(&call.api, id_of(&call)).await?;
    Ok(Answer::json(&ShownField::of(&field)))
}

async fn delete_one(call: Call) -> Result<Answer, Problem> {
    delete(&call.api, &call.caller, id_of(&call)).await?;
    Ok(Answer::no_content())
}

async fn switch(call: Call, enabled: bool) -> Result<Answer, Problem> {
    enable(&call.api, &call.caller, id_of(&call), enabled).await?;
    Ok(Answer::no_content())
}

async fn show_dropped(call: Call) -> Result<Answer, Problem> {
    let names = dropped(&call.api, &call.caller).await?;
    let data: Vec<_> = names.into_iter().map(|name| json!({ "fieldName": name })).collect();
    Ok(Answer::json(&json!({ "data": data })))
}

async fn show_builtin_list(call: Call) -> Result<Answer, Problem> {
    drop(call);
    let data: Vec<_> = BUILTIN.iter().map(ShownField::of_builtin).collect();
    Ok(Answer::json(&json!({ "data": data })))
}

async fn show_builtin(call: Call) -> Result<Answer, Problem> {
    let id = id_of(&call);
    let found = BUILTIN.iter().find(|field| Some(field.id) == id).ok_or_else(super::unknown)?;
    Ok(Answer::json(&ShownField::of_builtin(found)))
}

async fn show_quota(call: Call) -> Result<Answer, Problem> {
    let Quota { quota, remaining } = call.api.schema.quota().await?;
    Ok(Answer::json(&json!({ "quota": quota, "remaining": remaining })))
}

fn id_of(call: &Call) -> Option<u64> {
    hex_id::parse(call.parameter("fieldId"))
}

/// A field as it is shown.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownField<'a> {
    field_name: &'a str,
    field_id: String,
    data_type: &'a str,
    state: &'static str,
}

impl<'a> ShownField<'a> {
    fn of(field: &'a Field) -> Self {
        Self {
            field_name: &field.name,
            field_id: hex_id::text(field.id),
            data_type: field.data_type.as_str(),
            state: if field.enabled { "Enabled" } else { "Disabled" },
        }
    }

    fn of_builtin(field: &'a BuiltinField) -> Self {
        Self {
            field_name: field.name,
            field_id: hex_id::text(field.id),
            data_type: field.data_type,
            state: "Enabled",
        }
    }
}
