//! The JSON of a source as the API shows it, for copying.

use askama::Template;

use super::Heading;
use crate::pages::{Frame, Section, json_text, show};
use crate::resources::sources::current_state;
use crate::resources::sources::document::ShownSource;
use crate::resources::sources::routes::Envelope;
use crate::web::answer::Answer;
use crate::web::call::Call;
use crate::web::problem::Problem;
use crate::web::route::Route;

#[derive(Template)]
#[template(path = "sources/json.html")]
struct JsonPage {
    frame: Frame,
    heading: Heading,
    json: String,
}

pub(super) fn routes() -> Vec<Route> {
    vec![Route::page("/collectors/{collectorId}/sources/{sourceId}/json", |call| Box::pin(show_json(call)))]
}

async fn show_json(call: Call) -> Result<Answer, Problem> {
    let (heading, source) = Heading::of(&call).await?;
    let state = current_state(&call.api, &source);
    let envelope = Envelope { source: ShownSource::new(&source, &state)? };
    let json = serde_json::to_string(&envelope).map_err(|_| Problem::internal())?;
    let json = json_text::indented(&json);
    show(&JsonPage { frame: Frame::of(&call, Section::Collection), heading, json })
}
