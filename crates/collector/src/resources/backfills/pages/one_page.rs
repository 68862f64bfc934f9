//! One backfill, and what asks before it is canceled.

use askama::Template;
use incydr_store::Role;

use super::Row;
use crate::pages::{Frame, Notice, Section, show};
use crate::resources::backfills::{cancel, show as look_at};
use crate::resources::sources::pages::Heading;
use crate::resources::streams::pages::Panel;
use crate::web::answer::Answer;
use crate::web::call::Call;
use crate::web::problem::Problem;
use crate::web::route::Route;

const CANCEL: &str = "/collectors/{collectorId}/sources/{sourceId}/backfills/{backfillId}/cancel";

#[derive(Template)]
#[template(path = "backfills/one.html")]
struct OnePage {
    frame: Frame,
    heading: Heading,
    row: Row,
    /// How it does; `None` before it first began.
    panel: Option<Panel>,
}

#[derive(Template)]
#[template(path = "backfills/cancel.html")]
struct CancelPage {
    frame: Frame,
    heading: Heading,
    row: Row,
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::live_page("/collectors/{collectorId}/sources/{sourceId}/backfills/{backfillId}", |call| {
            Box::pin(show_one(call))
        }),
        Route::page(CANCEL, |call| Box::pin(ask_to_cancel(call))).of_role(Role::Manage),
        Route::form(CANCEL, |call| Box::pin(cancel_one(call))),
    ]
}

async fn show_one(call: Call) -> Result<Answer, Problem> {
    let (heading, _) = Heading::of(&call).await?;
    let view = look_at(&call.api, &call.caller, heading.address, call.number("backfillId")).await?;
    let now = call.api.clock.now();
    let panel = view.progress.as_ref().map(|progress| Panel::of(progress, now));
    show(&OnePage { frame: Frame::of(&call, Section::Collection), row: Row::of(&view, now), panel, heading })
}

async fn ask_to_cancel(call: Call) -> Result<Answer, Problem> {
    let (heading, _) = Heading::of(&call).await?;
    let view = look_at(&call.api, &call.caller, heading.address, call.number("backfillId")).await?;
    let row = Row::of(&view, call.api.clock.now());
    show(&CancelPage { frame: Frame::of(&call, Section::Collection), heading, row })
}

async fn cancel_one(call: Call) -> Result<Answer, Problem> {
    let (heading, _) = Heading::of(&call).await?;
    let number = call.number("backfillId");
    cancel(&call.api, &call.caller, heading.address, number).await?;
    let one = format!("{}/backfills/{}", heading.path, number.unwrap_or_default());
    Ok(Answer::see_other(&Notice::BACKFILL_CANCELLED.on(&one)))
}
