//! Backfills of a source: ranges of the past that are collected beside its streams.

mod document;
mod estimate;
pub mod pages;
pub mod routes;

use incydr_core::stream::Stream;
use incydr_core::timestamp::Timestamp;
use incydr_store::{Backfill, BackfillState, PlaceStatus, Refusal, Source, StoreError};

use self::document::Order;
use super::sources;
use super::streams::{Address, collected, kept_status};
use crate::api::Api;
use crate::hosting::{self, SourceId, SourceStatus, StreamStatus};
use crate::web::access_key::Caller;
use crate::web::problem::Problem;

pub(super) use self::document::{ShownBackfill, ShownEstimate};
pub use self::estimate::{Estimate, estimate};

/// Each backfill holds as many batches as a stream that is far behind.
const MAX_RUNNING: usize = 4;

/// A backfill, and how far it has come.
pub struct BackfillView {
    /// What was asked for.
    pub kept: Backfill,
    /// How far it has come; `None` before it first began.
    pub progress: Option<StreamStatus>,
}

/// What became of the wish for a backfill.
pub enum Created {
    /// It runs.
    Running(Backfill),
    /// Nothing runs: it was to be considered only.
    Considered(Considered),
}

/// A backfill that could be made.
pub struct Considered {
    /// Which stream.
    pub stream: Stream,
    /// The first instant.
    pub from: Timestamp,
    /// The last instant.
    pub to: Timestamp,
    /// What it would collect.
    pub estimate: Estimate,
}

/// All backfills of a source, newest first.
pub async fn list(
    api: &Api,
    caller: &Caller,
    (collector, source): Address,
) -> Result<Vec<BackfillView>, Problem> {
    let source = sources::find(api, caller, collector, source).await?;
    let places = api.store.places_of(source.id).await?;
    let status = api.fleet.status(SourceId(source.id));
    let kept = api.store.backfills_of(source.id).await?;
    Ok(kept.into_iter().map(|kept| view(api, kept, &places, status.as_ref())).collect())
}

/// The backfill `id` of a source.
pub async fn show(
    api: &Api,
    caller: &Caller,
    (collector, source): Address,
    id: Option<u64>,
) -> Result<BackfillView, Problem> {
    let source = sources::find(api, caller, collector, source).await?;
    let kept = find(api, &source, id).await?;
    let places = api.store.places_of(source.id).await?;
    Ok(view(api, kept, &places, api.fleet.status(SourceId(source.id)).as_ref()))
}

/// Begins a backfill from the JSON of a client, or only considers it: kept first, so that a restart goes on with it.
pub async fn create(
    api: &Api,
    caller: &Caller,
    (collector, source): Address,
    body: &[u8],
) -> Result<Created, Problem> {
    let order = Order::read(body, api.clock.now())?;
    let changing = api.changing.lock().await;
    let source = sources::find(api, caller, collector, source).await?;
    sources::refuse_stopping(&source)?;
    let (hosted, stream) = collected(api, &source, &order.stream).await.map_err(as_invalid)?;
    let Order { from, to, is_dry_run, .. } = order;
    if is_dry_run {
        drop(changing);
        let estimate = estimate(api, &hosted, stream, from, to).await;
        return Ok(Created::Considered(Considered { stream, from, to, estimate }));
    }
    refuse_many(api, &source).await?;
    let kept = api.store.create_backfill(source.id, stream, from, to, api.author(caller)).await?;
    api.fleet.begin_backfill(SourceId(source.id), hosting::Backfill::from(kept.clone()));
    Ok(Created::Running(kept))
}

/// Ends a backfill; what it has delivered stays delivered. One that has ended stays as it is.
pub async fn cancel(
    api: &Api,
    caller: &Caller,
    (collector, source): Address,
    id: Option<u64>,
) -> Result<(), Problem> {
    let _changing = api.changing.lock().await;
    let source = sources::find(api, caller, collector, source).await?;
    let kept = find(api, &source, id).await?;
    // Kept first: should the process end now, the next one does not take it up again.
    let cancelled = api.store.cancel_backfill(kept.id, api.author(caller)).await?;
    if cancelled.is_some() {
        api.fleet.cancel_backfill(SourceId(source.id), kept.id);
    }
    Ok(())
}

async fn find(api: &Api, source: &Source, id: Option<u64>) -> Result<Backfill, Problem> {
    let unknown =
        || Problem::not_found("backfills.backfill.invalid", "The specified backfill ID is invalid.");
    let found = api.store.backfill(id.ok_or_else(unknown)?).await?;
    found.filter(|backfill| backfill.source_id == source.id).ok_or_else(unknown)
}

/// A backfill shows what it does or did in this process; of an older one it is its place that tells.
fn view(api: &Api, kept: Backfill, places: &[PlaceStatus], status: Option<&SourceStatus>) -> BackfillView {
    let running = status.map_or(&[][..], |status| &status.backfills);
    let running = running.iter().find(|running| running.backfill.number == kept.id);
    let ended = status.map_or(&[][..], |status| &status.ended_backfills);
    let ended = ended.iter().find(|(number, _)| *number == kept.id).map(|(_, figures)| figures.clone());
    let place_name = format!(" backfill {}", kept.id);
    let place = places.iter().find(|place| place.place.source.ends_with(&place_name));
    let progress = running
        .and_then(|running| running.progress.clone())
        .or(ended)
        .or_else(|| place.map(|place| kept_status(place, api.clock.now())));
    BackfillView { kept, progress }
}

async fn refuse_many(api: &Api, source: &Source) -> Result<(), Problem> {
    let backfills = api.store.backfills_of(source.id).await?;
    let running = backfills.iter().filter(|backfill| backfill.state == BackfillState::Running).count();
    match running < MAX_RUNNING {
        true => Ok(()),
        false => Err(StoreError::Refused(Refusal::Full(MAX_RUNNING as u64)).into()),
    }
}

/// A stream that a body names is a part of the body, not of the address.
fn as_invalid(problem: Problem) -> Problem {
    Problem { kind: crate::web::problem::ProblemKind::Invalid, ..problem }
}
