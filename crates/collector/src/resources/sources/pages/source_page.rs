//! The Source page: state, streams, health events, dead letters and backfills of one source.

use askama::Template;
use incydr_core::timestamp::Timestamp;
use incydr_store::HealthEvent;
use serde_json::json;

use super::Heading;
use super::life::{self, ShownState, Step};
use crate::figures::grouped;
use crate::hosting::{BudgetStatus, Charts, Scale, StreamStatus};
use crate::pages::{Columns, Frame, HealthBadge, Moment, Section, show};
use crate::printable::printable;
use crate::resources::backfills::pages::Row;
use crate::resources::sources::current_state;
use crate::resources::streams::pages::{Panel, charts_of_budget, charts_of_stream};
use crate::resources::{backfills, dead_letters, health_events, hex_id, streams};
use crate::web::answer::Answer;
use crate::web::call::Call;
use crate::web::problem::Problem;
use crate::web::route::Route;

/// So many backfills are shown; the others have a page of their own.
const BACKFILLS: usize = 5;

#[derive(Template)]
#[template(path = "sources/source.html")]
struct SourcePage {
    frame: Frame,
    heading: Heading,
    id: u64,
    health: HealthBadge,
    state: ShownState,
    steps: Vec<Step>,
    states: Vec<ShownState>,
    streams: Vec<Panel>,
    scale: Scale,
    budget: Option<BudgetStatus>,
    budget_chart: Option<Columns>,
    events: Vec<OpenEvent>,
    /// How many there are; `None` for none.
    dead_letters: Option<String>,
    backfills: Vec<Row>,
}

/// A health event that is open.
struct OpenEvent {
    path: String,
    title: String,
    description: String,
    opened: Moment,
}

pub(super) fn routes() -> Vec<Route> {
    vec![Route::live_page("/collectors/{collectorId}/sources/{sourceId}", |call| Box::pin(show_source(call)))]
}

async fn show_source(call: Call) -> Result<Answer, Problem> {
    let (heading, source) = Heading::of(&call).await?;
    let (api, caller, now) = (&call.api, &call.caller, call.api.clock.now());
    let state = current_state(api, &source);
    let history = streams::history(api, caller, heading.address).await?;
    let (streams, status) = streams::show(api, caller, heading.address).await?;
    let letters = dead_letters::count(api, caller, heading.address).await?;
    let scale = call.query_parsed("span", "hour, day or week", Scale::parse)?.unwrap_or(Scale::Hour);
    let charts = streams::charts(api, caller, heading.address, scale).await?;
    let events = open_events(&call, source.id, now).await?;
    let dropped = status.as_ref().map(|status| &status.dropped_fields[..]).unwrap_or_default();
    let rows = backfills::list(api, caller, heading.address).await?;
    show(&SourcePage {
        frame: Frame::of(&call, Section::Collection),
        id: source.id,
        health: HealthBadge::of_source(source.id, state.state, events.len(), dropped),
        steps: life::steps(&state, &history, now),
        state: ShownState::of(&state, now),
        states: life::states(&history, now),
        streams: streams.iter().map(|status| panel(status, charts.as_ref(), now)).collect(),
        scale,
        budget_chart: charts.as_ref().map(charts_of_budget),
        budget: status.and_then(|status| status.budget),
        events,
        dead_letters: (letters > 0).then(|| grouped(letters)),
        backfills: rows.iter().take(BACKFILLS).map(|row| Row::of(row, now)).collect(),
        heading,
    })
}

/// The figures of a stream with its charts, which only a running source has.
fn panel(status: &StreamStatus, charts: Option<&Charts>, now: Timestamp) -> Panel {
    let charts = charts.map(|charts| charts_of_stream(charts, status.stream)).unwrap_or_default();
    Panel { charts, ..Panel::of(status, now) }
}

async fn open_events(call: &Call, source: u64, now: Timestamp) -> Result<Vec<OpenEvent>, Problem> {
    const MOST: u32 = 20;
    let of_source = json!({ "data": [{ "id": hex_id::text(source), "type": "Source" }] }).to_string();
    let page = health_events::list_open_of(&call.api, &call.caller, of_source.as_bytes(), None, MOST).await?;
    Ok(page.items.iter().map(|event| OpenEvent::of(event, now)).collect())
}

impl OpenEvent {
    fn of(kept: &HealthEvent, now: Timestamp) -> Self {
        let event = &kept.event;
        Self {
            path: format!("/health-events/{}", event.event_id),
            title: printable(&event.title).into_owned(),
            description: printable(&event.description).into_owned(),
            opened: Moment::new(kept.opened, now),
        }
    }
}
