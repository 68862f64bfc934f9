//! The dead letters of a source, oldest first.

use askama::Template;
use incydr_core::stream::Stream;

use super::row::Row;
use crate::pages::{Frame, Section, show};
use crate::resources::dead_letters::list;
use crate::resources::sources::pages::Heading;
use crate::resources::streams::pages::title_of;
use crate::web::answer::Answer;
use crate::web::call::Call;
use crate::web::problem::Problem;
use crate::web::route::Route;

const LIST: &str = "/collectors/{collectorId}/sources/{sourceId}/dead-letters";
const PAGE: u32 = 50;

#[derive(Template)]
#[template(path = "dead_letters/list.html")]
struct ListPage {
    frame: Frame,
    heading: Heading,
    letters: Vec<Row>,
    /// Key, name, and whether only its letters are shown.
    streams: Vec<(&'static str, &'static str, bool)>,
    stream: &'static str,
    /// Whether there are letters before these.
    is_later_page: bool,
    next: Option<String>,
}

pub(super) fn routes() -> Vec<Route> {
    vec![Route::live_page(LIST, |call| Box::pin(show_list(call)))]
}

async fn show_list(call: Call) -> Result<Answer, Problem> {
    let (heading, _) = Heading::of(&call).await?;
    let token = call.page_token()?;
    let stream = call.query_parsed("stream", "a stream, as in `fileEvents`", Stream::parse)?;
    let page = list(&call.api, &call.caller, heading.address, stream, token, PAGE).await?;
    let now = call.api.clock.now();
    let choice = |own: Stream| (own.as_str(), title_of(own), stream == Some(own));
    show(&ListPage {
        frame: Frame::of(&call, Section::Collection),
        heading,
        letters: page.items.iter().map(|letter| Row::of(letter, now)).collect(),
        streams: Stream::ALL.map(choice).to_vec(),
        stream: stream.map_or("", Stream::as_str),
        is_later_page: token.is_some(),
        next: page.next.map(|token| token.to_string()),
    })
}
