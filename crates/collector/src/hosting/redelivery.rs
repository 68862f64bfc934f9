//! Dead letters, delivered once more.
//!
//! They go through outlets of their own: what a stream's activation clears up is not what is staged here, and a letter
//! that is refused once more is no reason to doubt the destination.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use incydr_core::batch::Batch;
use incydr_core::clock::Clock;
use incydr_core::delivery::{Delivered, Interrupted, Outlet, Surroundings};
use incydr_core::destination::DeliveryError;
use incydr_core::event::EventId;
use incydr_core::health::{ErrorType, Trouble};
use incydr_core::notice::{Notice, Notify};
use incydr_core::stop::Stop;
use incydr_core::stream::{Place, Stream};
use incydr_core::timestamp::Timestamp;

use crate::assembly::Door;

/// Somebody waits for the answer; who wants more patience asks again.
const PATIENCE: Duration = Duration::from_secs(30);

/// What became of the letters.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Redelivered {
    /// Letters that every destination has now.
    pub delivered: Vec<EventId>,
    /// Letters that cannot be delivered, and why.
    pub refused: Vec<(EventId, String)>,
}

/// Delivers `letters` of `place` through `doors`.
pub(super) async fn redeliver(
    doors: &[Door],
    place: &Place,
    letters: Vec<(EventId, Timestamp, Vec<u8>)>,
    clock: &dyn Clock,
    stop: &Stop,
) -> Result<Redelivered, Trouble> {
    let mut redelivered = Redelivered::default();
    let (batch, unfit) = batch_of(place.stream, letters);
    redelivered.refused = unfit;
    if batch.entries.is_empty() {
        return Ok(redelivered);
    }
    let place = Place { source: format!("{} dead letters", place.source), ..place.clone() };
    let outlets: Vec<_> = doors.iter().map(|door| door.outlet(&place).believing_refusals()).collect();
    let last_trouble = Arc::new(Mutex::new(None));
    let notify = remember_trouble(last_trouble.clone());
    let around = Surroundings { clock, stop, notify: &notify };
    let outcome = tokio::select! {
        biased;
        outcome = deliver(&outlets, &batch, &around) => outcome,
        () = clock.sleep(PATIENCE) => Err(None),
    };
    let refused = outcome.map_err(|trouble| {
        let last = last_trouble.lock().unwrap_or_else(PoisonError::into_inner).take();
        trouble.or(last).unwrap_or_else(unanswered)
    })?;
    for (index, entry) in batch.entries.iter().enumerate() {
        match refused.iter().find(|(refused, _)| *refused == index) {
            Some((_, reason)) => redelivered.refused.push((entry.id, reason.clone())),
            None => redelivered.delivered.push(entry.id),
        }
    }
    Ok(redelivered)
}

/// The letters as one batch, without those that are not one line: nobody could tell their pieces apart.
fn batch_of(stream: Stream, letters: Vec<(EventId, Timestamp, Vec<u8>)>) -> (Batch, Vec<(EventId, String)>) {
    let mut batch = Batch::new(stream);
    let mut unfit = Vec::new();
    for (id, time, raw) in letters {
        if raw.is_empty() || raw.contains(&b'\n') {
            unfit.push((id, "it is not one line, and so cannot be sent as one event".to_owned()));
        } else {
            batch.push(&raw, id, time);
        }
    }
    (batch, unfit)
}

/// Delivers to every outlet, one after the other, and publishes; returns the letters that were refused.
async fn deliver(
    outlets: &[Outlet],
    batch: &Batch,
    around: &Surroundings<'_>,
) -> Result<Vec<(usize, String)>, Option<Trouble>> {
    let told = |error: DeliveryError| Some(Trouble::from(&error));
    let mut refused = Vec::new();
    for outlet in outlets {
        outlet.destination().recover(&[]).await.map_err(told)?;
        let delivered: Delivered = outlet.deliver(batch, around).await.map_err(|Interrupted| None)?;
        outlet.destination().publish(&delivered.receipts).await.map_err(told)?;
        refused.extend(delivered.refused);
    }
    Ok(refused)
}

fn remember_trouble(last: Arc<Mutex<Option<Trouble>>>) -> Notify {
    Arc::new(move |notice| {
        if let Notice::Trouble(trouble) = notice {
            *last.lock().unwrap_or_else(PoisonError::into_inner) = Some(trouble);
        }
    })
}

fn unanswered() -> Trouble {
    Trouble {
        error_type: ErrorType::FirstPartyGeneric,
        tracker: "SinkSlow",
        error_code: None,
        error_info: String::new(),
        message: "delivering dead letters: no destination answered in time".to_owned(),
    }
}
