//! Dead letters of a source: events that could not be delivered, and what somebody decides about them.

mod document;
pub mod pages;
pub mod routes;
mod settling;

use incydr_core::stream::{Place, Stream};
use incydr_store::{DeadLetterSummary, KeptDeadLetter, Page, PageToken, Source};

use super::sources;
use super::streams::Address;
use crate::api::Api;
use crate::hosting::SourceId;
use crate::printable::printable;
use crate::web::access_key::Caller;
use crate::web::problem::{Problem, ProblemKind};

pub use self::settling::Settling;

use self::settling::Hold;

/// At most `limit` dead letters of a source, oldest first, without their payload.
pub async fn list(
    api: &Api,
    caller: &Caller,
    (collector, source): Address,
    stream: Option<Stream>,
    from: Option<PageToken>,
    limit: u32,
) -> Result<Page<DeadLetterSummary>, Problem> {
    let source = sources::find(api, caller, collector, source).await?;
    Ok(api.store.dead_letters_of(source.id, stream, from, limit).await?)
}

/// How many dead letters a source has.
pub async fn count(api: &Api, caller: &Caller, (collector, source): Address) -> Result<u64, Problem> {
    let source = sources::find(api, caller, collector, source).await?;
    let progress = api.store.progress_of(&[source.id]).await?;
    Ok(progress.values().flatten().map(|place| place.dead_letters).sum())
}

/// A dead letter whole, with its payload.
pub async fn show(
    api: &Api,
    caller: &Caller,
    (collector, source): Address,
    id: Option<u64>,
) -> Result<(Place, KeptDeadLetter), Problem> {
    let source = sources::find(api, caller, collector, source).await?;
    find(api, &source, id).await
}

/// Delivers a dead letter once more; it is gone when every destination has it, and stays otherwise.
pub async fn redeliver(
    api: &Api,
    caller: &Caller,
    (collector, source): Address,
    id: Option<u64>,
) -> Result<(), Problem> {
    let source = sources::find(api, caller, collector, source).await?;
    sources::refuse_stopping(&source)?;
    let hold = api.settling.hold(id)?;
    let (place, kept) = find(api, &source, id).await?;
    let redelivery =
        Redelivery { api: api.clone(), caller: caller.clone(), source, place, kept, _hold: hold };
    // Nobody may wait for it any more, but what has been delivered must be recorded all the same.
    tokio::spawn(redelivery.carry_out()).await.unwrap_or_else(|_| Err(Problem::internal()))
}

/// Gives a dead letter up for good.
pub async fn discard(
    api: &Api,
    caller: &Caller,
    (collector, source): Address,
    id: Option<u64>,
) -> Result<(), Problem> {
    let source = sources::find(api, caller, collector, source).await?;
    let _hold = api.settling.hold(id)?;
    let (place, kept) = find(api, &source, id).await?;
    match api.store.discard_dead_letter(&place, kept.number, api.author(caller)).await? {
        true => Ok(()),
        false => Err(unknown()),
    }
}

/// A redelivery that has been judged.
struct Redelivery {
    api: Api,
    caller: Caller,
    source: Source,
    place: Place,
    kept: KeptDeadLetter,
    _hold: Hold,
}

impl Redelivery {
    async fn carry_out(self) -> Result<(), Problem> {
        let Self { api, caller, source, place, kept, .. } = self;
        let number = kept.number;
        let letter = kept.letter;
        let letters = vec![(letter.id, letter.time, letter.raw)];
        let outcome = api.fleet.redeliver(SourceId(source.id), place.stream, letters).await;
        let redelivered = match outcome {
            None => return Err(Problem::invalid("deadletters.source.idle", "The source does not run.")),
            Some(Err(trouble)) => {
                let message = printable(&trouble.message).into_owned();
                return Err(Problem::new(ProblemKind::Unavailable, "deadletters.delivery.failed", message));
            }
            Some(Ok(redelivered)) => redelivered,
        };
        if let Some((_, reason)) = redelivered.refused.first() {
            let message = format!("The dead letter was refused once more: {}", printable(reason));
            return Err(Problem::invalid("deadletters.delivery.refused", message));
        }
        Ok(api.store.dead_letter_redelivered(&place, number, api.author(&caller)).await.map(drop)?)
    }
}

async fn find(api: &Api, source: &Source, id: Option<u64>) -> Result<(Place, KeptDeadLetter), Problem> {
    api.store.dead_letter_of(source.id, id.ok_or_else(unknown)?).await?.ok_or_else(unknown)
}

fn unknown() -> Problem {
    Problem::not_found("deadletters.letter.invalid", "The specified dead letter ID is invalid.")
}
