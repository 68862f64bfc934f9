//! The audit log: who changed what, chained so that nobody can change it unseen.

use incydr_store::{AuditEntry, AuditVerdict, Role};
use serde_json::{Value, json};

use crate::web::answer::Answer;
use crate::web::call::Call;
use crate::web::problem::Problem;
use crate::web::route::Route;

/// The routes of the audit log.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/incydr/auditLog", "List changes, newest first", |call| Box::pin(show_list(call)))
            .of_role(Role::Manage)
            .query(&["limit", "token"])
            .gives(200, Some("AuditLog")),
        Route::get("/api/v1/incydr/auditLog/verification", "Verify the chain of changes", |call| {
            Box::pin(verify(call))
        })
        .of_role(Role::Manage)
        .gives(200, Some("AuditVerification")),
    ]
}

async fn show_list(call: Call) -> Result<Answer, Problem> {
    call.caller.refuse_scoped()?;
    let limit = call.query_number("limit", 1, 1_000, 100)?;
    let page = call.api.store.audit_log(call.page_token()?, limit).await?;
    let data: Vec<_> = page.items.iter().map(shown).collect();
    Ok(Answer::json(&json!({ "data": data, "next": page.next.map(|token| token.to_string()) })))
}

async fn verify(call: Call) -> Result<Answer, Problem> {
    call.caller.refuse_scoped()?;
    Ok(Answer::json(&match call.api.store.verify_audit_log().await? {
        AuditVerdict::Whole { entries, last } => {
            json!({ "whole": true, "entries": entries, "lastHash": hex(&last) })
        }
        AuditVerdict::BrokenAt(number) => json!({ "whole": false, "brokenAt": number }),
    }))
}

fn shown(entry: &AuditEntry) -> Value {
    let json_of =
        |text: &Option<String>| text.as_ref().and_then(|text| serde_json::from_str::<Value>(text).ok());
    json!({
        "number": entry.number,
        "time": entry.at.to_string(),
        "actor": entry.actor,
        "action": entry.action,
        "resource": entry.resource,
        "before": json_of(&entry.before),
        "after": json_of(&entry.after),
        "hash": hex(&entry.hash),
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
