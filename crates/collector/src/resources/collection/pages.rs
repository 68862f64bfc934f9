//! The Collection page.

mod asked;
mod rows;

use askama::Template;
use incydr_core::timestamp::Timestamp;
use incydr_store::ConditionCounts;

use self::asked::{Asked, Show};
use self::rows::Row;
use super::overview;
use crate::figures::grouped;
use crate::pages::{Frame, HOME, Section, show};
use crate::web::answer::Answer;
use crate::web::call::Call;
use crate::web::problem::Problem;
use crate::web::route::Route;

/// The page.
pub fn routes() -> Vec<Route> {
    vec![Route::live_page(HOME, |call| Box::pin(show_collection(call)))]
}

#[derive(Template)]
#[template(path = "collection/overview.html")]
struct CollectionPage<'a> {
    frame: Frame,
    asked: &'a Asked,
    /// What is counted, and how many there are.
    figures: [(&'static str, String); 4],
    rows: Vec<Row>,
    /// As in `1 to 25 of 1,003`.
    span: String,
    earlier: Option<String>,
    later: Option<String>,
}

async fn show_collection(call: Call) -> Result<Answer, Problem> {
    let asked = Asked::of(&call);
    let found = overview(&call.api, &call.caller, asked.filter(), asked.limit, asked.offset).await?;
    let now: Timestamp = call.api.clock.now();
    let (shown, total) = (found.rows.len() as u64, found.total);
    let first = u64::from(asked.offset) + 1;
    let last = u64::from(asked.offset) + shown;
    show(&CollectionPage {
        frame: Frame::of(&call, Section::Collection),
        asked: &asked,
        figures: figures(&found.sources),
        rows: found.rows.into_iter().map(|row| Row::of(&call.api, row, now)).collect(),
        span: format!("{} to {} of {}", grouped(first), grouped(last), grouped(total)),
        earlier: (asked.offset > 0).then(|| asked.address_at(asked.offset.saturating_sub(asked.limit))),
        later: (last < total).then(|| asked.address_at(asked.offset + asked.limit)),
    })
}

fn figures(counts: &ConditionCounts) -> [(&'static str, String); 4] {
    [
        ("Sources", grouped(counts.total())),
        ("Healthy", grouped(counts.running)),
        ("In Error", grouped(counts.error)),
        ("Stopping", grouped(counts.stopping)),
    ]
}
