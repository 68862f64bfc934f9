//! Streams of a source: how far each has come and by what it is proved; poll now, and the reset of a checkpoint.

mod document;
pub mod pages;
mod reset;
pub mod routes;

use incydr_core::health::StateRecord;
use incydr_core::stream::Stream;
use incydr_core::timestamp::Timestamp;
use incydr_store::{Inspection, PlaceStatus, Proof, Source, StoreError};

use super::sources;
use crate::api::Api;
use crate::hosting::{Charts, HostedSource, Scale, SourceId, SourceStatus, StreamStatus};
use crate::supervision::stream_meter::StreamMeter;
use crate::web::access_key::Caller;
use crate::web::problem::Problem;

pub(super) use self::document::ShownStream;
pub use self::reset::{Reset, reset};

/// The numbers of a collector and of one of its sources, as far as they are numbers.
pub type Address = (Option<u64>, Option<u64>);

/// The figures of all streams of a source. A source that does not run, or has not begun to, shows what is kept.
pub async fn show(
    api: &Api,
    caller: &Caller,
    (collector, source): Address,
) -> Result<(Vec<StreamStatus>, Option<SourceStatus>), Problem> {
    let source = sources::find(api, caller, collector, source).await?;
    let kept = api.store.places_of(source.id).await?;
    let now = api.clock.now();
    let Some(status) = api.fleet.status(SourceId(source.id)) else {
        let live = kept.iter().filter(|place| !is_of_backfill(place));
        return Ok((live.map(|place| kept_status(place, now)).collect(), None));
    };
    let current = sources::as_kept(api, &source).await.ok();
    let figures = |stream: &StreamStatus| match current.as_ref().map(|source| source.place(stream.stream)) {
        Some(place) if stream.watermark.is_none() && stream.totals.counts.fetched == 0 => {
            kept.iter().find(|kept| kept.place == place).map_or(stream.clone(), |kept| StreamStatus {
                last_error: stream.last_error.clone(),
                next_poll: stream.next_poll,
                is_polling: stream.is_polling,
                ..kept_status(kept, now)
            })
        }
        _ => stream.clone(),
    };
    Ok((status.streams.iter().map(figures).collect(), Some(status)))
}

/// How a source did over time; `None` when it does not run.
pub async fn charts(
    api: &Api,
    caller: &Caller,
    (collector, source): Address,
    scale: Scale,
) -> Result<Option<Charts>, Problem> {
    let source = sources::find(api, caller, collector, source).await?;
    Ok(api.fleet.charts(SourceId(source.id), scale))
}

/// Polls all streams of a source at once.
pub async fn poll_now(api: &Api, caller: &Caller, (collector, source): Address) -> Result<(), Problem> {
    let source = sources::find(api, caller, collector, source).await?;
    sources::refuse_stopping(&source)?;
    api.fleet.poll_now(SourceId(source.id));
    Ok(())
}

/// The last 100 states of a source, newest first.
pub async fn history(
    api: &Api,
    caller: &Caller,
    (collector, source): Address,
) -> Result<Vec<StateRecord>, Problem> {
    let source = sources::find(api, caller, collector, source).await?;
    Ok(api.store.state_history(source.id).await?)
}

/// The proofs of the last 1,000 ranges that were walked of a stream, newest first.
pub async fn proofs(
    api: &Api,
    caller: &Caller,
    (collector, source): Address,
    stream: &str,
) -> Result<Vec<Proof>, Problem> {
    let source = sources::find(api, caller, collector, source).await?;
    let (hosted, stream) = collected(api, &source, stream).await?;
    let proofs = Inspection::of(api.store.path()).proofs(&hosted.place(stream)).await;
    Ok(proofs.map_err(StoreError::Storage)?)
}

/// The source as it runs, and the stream that `name` names, if the source collects it.
pub(super) async fn collected(
    api: &Api,
    source: &Source,
    name: &str,
) -> Result<(HostedSource, Stream), Problem> {
    let hosted = sources::as_kept(api, source).await?;
    let named = Stream::parse(name).filter(|stream| hosted.config.streams.contains(stream));
    let stream = named.ok_or_else(|| {
        let streams: Vec<_> = hosted.config.streams.iter().map(|stream| stream.as_str()).collect();
        let message = format!("The source collects no such stream; it collects {}.", streams.join(", "));
        Problem::not_found("collectors.source.stream.invalid", message)
    })?;
    Ok((hosted, stream))
}

/// The figures of a place at which nothing runs.
pub(super) fn kept_status(kept: &PlaceStatus, now: Timestamp) -> StreamStatus {
    let meter = StreamMeter::new(kept.place.stream);
    meter.take_place(&kept.checkpoint, kept.totals);
    meter.status(now)
}

fn is_of_backfill(kept: &PlaceStatus) -> bool {
    kept.place.source.contains(" backfill ")
}
