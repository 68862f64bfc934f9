//! Asking before a collector is deleted, and doing it.

use askama::Template;
use incydr_store::Role;

use super::HOME;
use crate::figures::grouped;
use crate::pages::{Frame, Mistake, Notice, Section, show, show_with};
use crate::printable::printable;
use crate::resources::collectors::{delete, find};
use crate::resources::sources::local;
use crate::web::answer::Answer;
use crate::web::call::Call;
use crate::web::problem::Problem;
use crate::web::route::Route;

const DELETE: &str = "/collectors/{collectorId}/delete";

#[derive(Template)]
#[template(path = "collectors/delete.html")]
struct DeletePage {
    frame: Frame,
    id: u64,
    name: String,
    /// How many of its sources stop.
    sources: u64,
    shown_sources: String,
    /// Whether a folder of the operator would create it again.
    is_local: bool,
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
    show(&page(&call, None).await?)
}

async fn delete_one(call: Call) -> Result<Answer, Problem> {
    match delete(&call.api, &call.caller, call.number("collectorId")).await {
        Ok(()) => Ok(Answer::see_other(&Notice::COLLECTOR_DELETED.on(HOME))),
        Err(problem) => {
            let Mistake { status, sentence, .. } = Mistake::of(problem, &[])?;
            show_with(status, &page(&call, Some(sentence)).await?)
        }
    }
}

async fn page(call: &Call, refusal: Option<String>) -> Result<DeletePage, Problem> {
    let collector = find(&call.api, &call.caller, call.number("collectorId")).await?;
    let sources = call.api.store.source_counts().await?.get(&collector.id).copied().unwrap_or(0);
    Ok(DeletePage {
        frame: Frame::of(call, Section::Collection),
        id: collector.id,
        is_local: local::are_local(&collector),
        name: printable(&collector.name).into_owned(),
        sources,
        shown_sources: grouped(sources),
        refusal,
    })
}
