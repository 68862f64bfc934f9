//! Asking before a field is deleted, and doing it.

use askama::Template;
use incydr_store::Role;

use super::{FIELDS, id_of};
use crate::pages::{Frame, Mistake, Notice, Section, show, show_with};
use crate::resources::fields::{Schema, delete, find};
use crate::resources::hex_id;
use crate::web::answer::Answer;
use crate::web::call::Call;
use crate::web::problem::Problem;
use crate::web::route::Route;

const DELETE: &str = "/fields/{fieldId}/delete";

#[derive(Template)]
#[template(path = "fields/delete.html")]
struct DeletePage {
    frame: Frame,
    id: String,
    name: String,
    is_account: bool,
    refusal: Option<String>,
}

/// The routes of a deletion.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::page(DELETE, |call| Box::pin(ask(call))).of_role(Role::Manage),
        Route::form(DELETE, |call| Box::pin(delete_one(call))),
    ]
}

async fn ask(call: Call) -> Result<Answer, Problem> {
    call.caller.refuse_scoped()?;
    show(&page(&call, None).await?)
}

async fn delete_one(call: Call) -> Result<Answer, Problem> {
    match delete(&call.api, &call.caller, id_of(&call)).await {
        Ok(()) => Ok(Answer::see_other(&Notice::FIELD_DELETED.on(FIELDS))),
        Err(problem) => {
            let Mistake { status, sentence, .. } = Mistake::of(problem, &[])?;
            show_with(status, &page(&call, Some(sentence)).await?)
        }
    }
}

async fn page(call: &Call, refusal: Option<String>) -> Result<DeletePage, Problem> {
    let field = find(&call.api, id_of(call)).await?;
    Ok(DeletePage {
        frame: Frame::of(call, Section::Fields),
        id: hex_id::text(field.id),
        name: field.name,
        is_account: matches!(call.api.schema, Schema::Sumo(..)),
        refusal,
    })
}
