//! What asks before a source is restarted or deleted, and then does it.

use askama::Template;
use incydr_store::Role;

use super::Heading;
use crate::pages::{Frame, HOME, Mistake, Notice, Section, show, show_with};
use crate::resources::sources::{delete, restart};
use crate::web::answer::Answer;
use crate::web::call::Call;
use crate::web::problem::Problem;
use crate::web::route::Route;

const RESTART: &str = "/collectors/{collectorId}/sources/{sourceId}/restart";
const DELETE: &str = "/collectors/{collectorId}/sources/{sourceId}/delete";

#[derive(Template)]
#[template(path = "sources/restart.html")]
struct RestartPage {
    frame: Frame,
    heading: Heading,
    /// Why it was not done.
    refusal: Option<String>,
}

#[derive(Template)]
#[template(path = "sources/delete.html")]
struct DeletePage {
    frame: Frame,
    heading: Heading,
    /// Why it was not done.
    refusal: Option<String>,
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::page(RESTART, |call| Box::pin(ask_to_restart(call))).of_role(Role::Manage),
        Route::form(RESTART, |call| Box::pin(restart_one(call))),
        Route::page(DELETE, |call| Box::pin(ask_to_delete(call))).of_role(Role::Manage),
        Route::form(DELETE, |call| Box::pin(delete_one(call))),
    ]
}

async fn ask_to_restart(call: Call) -> Result<Answer, Problem> {
    let (heading, _) = Heading::of(&call).await?;
    show(&RestartPage { frame: Frame::of(&call, Section::Collection), heading, refusal: None })
}

async fn restart_one(call: Call) -> Result<Answer, Problem> {
    let (heading, _) = Heading::of(&call).await?;
    let (collector, source) = heading.address;
    match restart(&call.api, &call.caller, collector, source).await {
        Ok(()) => Ok(Answer::see_other(&Notice::RESTART_INITIATED.on(&heading.path))),
        Err(problem) => {
            let Mistake { status, sentence, .. } = Mistake::of(problem, &[])?;
            let frame = Frame::of(&call, Section::Collection);
            show_with(status, &RestartPage { frame, heading, refusal: Some(sentence) })
        }
    }
}

async fn ask_to_delete(call: Call) -> Result<Answer, Problem> {
    let (heading, _) = Heading::of(&call).await?;
    show(&DeletePage { frame: Frame::of(&call, Section::Collection), heading, refusal: None })
}

async fn delete_one(call: Call) -> Result<Answer, Problem> {
    let (heading, _) = Heading::of(&call).await?;
    let (collector, source) = heading.address;
    match delete(&call.api, &call.caller, collector, source).await {
        Ok(()) => Ok(Answer::see_other(&Notice::SOURCE_DELETED.on(HOME))),
        Err(problem) => {
            let Mistake { status, sentence, .. } = Mistake::of(problem, &[])?;
            let frame = Frame::of(&call, Section::Collection);
            show_with(status, &DeletePage { frame, heading, refusal: Some(sentence) })
        }
    }
}
