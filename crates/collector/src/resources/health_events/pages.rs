//! The list of health events, with one of them beside it.

mod detail;
mod listing;

use askama::Template;
use incydr_store::HealthEvent;

use self::detail::Detail;
use self::listing::{Column, EVENT_NAMES, Listing, PAGE_SIZE};
use super::{find, search};
use crate::figures::grouped;
use crate::pages::{Frame, Moment, Section, show};
use crate::web::answer::Answer;
use crate::web::call::Call;
use crate::web::problem::Problem;
use crate::web::route::Route;

const EVENTS: &str = "/health-events";

#[derive(Template)]
#[template(path = "health_events/list.html")]
struct EventsPage {
    frame: Frame,
    listing: Listing,
    /// The one resource whose events are shown.
    narrowed: Option<String>,
    columns: [Column; 3],
    event_names: [&'static str; 3],
    rows: Vec<Row>,
    /// As in `1 to 50 of 1,234`.
    shown: String,
    previous: Option<String>,
    next: Option<String>,
    detail: Option<Detail>,
}

struct Row {
    id: String,
    address: String,
    is_selected: bool,
    resource: String,
    collector: String,
    name: String,
    title: String,
    opened: Moment,
    closed: Option<Moment>,
}

/// All of them.
pub fn routes() -> Vec<Route> {
    vec![
        Route::live_page(EVENTS, |call| Box::pin(show_list(call, false))),
        Route::live_page("/health-events/{eventId}", |call| Box::pin(show_list(call, true))),
    ]
}

async fn show_list(call: Call, has_detail: bool) -> Result<Answer, Problem> {
    let listing = Listing::of(&call)?;
    let now = call.api.clock.now();
    let detail = match has_detail {
        true => {
            Some(Detail::of(&call, find(&call.api, &call.caller, call.parameter("eventId")).await?).await?)
        }
        false => None,
    };
    let finds = listing.finds(&call).await?;
    let row = |event: HealthEvent| Row {
        address: listing.address(&format!("{EVENTS}/{}", event.event.event_id)),
        is_selected: detail.as_ref().is_some_and(|detail| detail.id == event.event.event_id),
        id: event.event.event_id,
        resource: event.event.source_name,
        collector: event.event.collector_name,
        name: event.event.name,
        title: event.event.title,
        opened: Moment::new(event.opened, now),
        closed: event.closed.map(|closed| Moment::new(closed, now)),
    };
    let rows: Vec<_> = finds.events.into_iter().map(row).collect();
    let first = u64::from(listing.page - 1) * u64::from(PAGE_SIZE);
    let last = first + u64::try_from(rows.len()).unwrap_or_default();
    let has_more = finds.total.is_none_or(|total| last < total);
    let total = finds.total.map_or_else(|| "more than 10,000".to_owned(), grouped);
    show(&EventsPage {
        frame: Frame::of(&call, Section::HealthEvents),
        narrowed: narrowed(&call, &listing).await?,
        columns: listing.columns(EVENTS),
        event_names: EVENT_NAMES,
        shown: format!("{} to {} of {total}", grouped(first + 1), grouped(last)),
        previous: (listing.page > 1).then(|| listing.on_page(listing.page - 1).address(EVENTS)),
        next: (has_more && !rows.is_empty()).then(|| listing.on_page(listing.page + 1).address(EVENTS)),
        rows,
        detail,
        listing,
    })
}

/// What people call the resource that the list is narrowed to. One that is gone still has a history.
async fn narrowed(call: &Call, listing: &Listing) -> Result<Option<String>, Problem> {
    if let Some(id) = listing.source {
        let source = call.api.store.source(id).await?.filter(|source| call.caller.sees(source.collector_id));
        return Ok(Some(source.map_or_else(|| format!("source {id}"), |source| source.name)));
    }
    let Some(id) = listing.collector else { return Ok(None) };
    let collector = call.api.store.collector(id).await?.filter(|collector| call.caller.sees(collector.id));
    Ok(Some(collector.map_or_else(|| format!("collector {id}"), |collector| collector.name)))
}
