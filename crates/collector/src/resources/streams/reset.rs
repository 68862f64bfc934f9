//! The audited reset: the one way in which a stream goes back, or leaves something out.

use incydr_core::stream::{Place, Stream};
use incydr_core::timestamp::Timestamp;
use incydr_store::{Author, CheckpointReset, PlaceStatus, Refusal, StoreError};
use tokio::sync::OwnedMutexGuard;

use super::{Address, collected};
use crate::api::Api;
use crate::assembly::holder;
use crate::hosting::HostedSource;
use crate::resources::backfills::{Estimate, estimate};
use crate::resources::sources;
use crate::web::access_key::Caller;
use crate::web::entity_tag;
use crate::web::problem::Problem;

/// What became of a reset.
pub struct Reset {
    /// Which stream.
    pub stream: Stream,
    /// Where it stood before.
    pub before: Option<Timestamp>,
    /// Where it was sent.
    pub to: Timestamp,
    /// What would be collected again; only of a dry run, which changes nothing.
    pub estimate: Option<Estimate>,
}

/// Sends a stream to `to`, back or forth: the source ends, its checkpoint is moved, and it begins anew.
///
/// The caller must know the newest configuration of the source, for what is collected again depends on it.
pub async fn reset(
    api: &Api,
    caller: &Caller,
    (collector, source): Address,
    stream: &str,
    if_match: Option<&str>,
    (to, is_dry_run): (Timestamp, bool),
) -> Result<Reset, Problem> {
    let changing = api.changing.clone().lock_owned().await;
    let source = sources::find(api, caller, collector, source).await?;
    entity_tag::check(if_match, &sources::etag(&source))?;
    sources::refuse_stopping(&source)?;
    if to > api.clock.now() {
        let message = "`to` lies in the future; write an instant of the past.";
        return Err(Problem::invalid("collectors.validation.fields.invalid", message));
    }
    let (hosted, stream) = collected(api, &source, stream).await?;
    let place = hosted.place(stream);
    let kept = api.store.places_of(source.id).await?.into_iter().find(|kept| kept.place == place);
    let Some(kept) = kept else { return Err(not_begun()) };
    let before = kept.checkpoint.watermark;
    if is_dry_run {
        drop(changing);
        let until = before.unwrap_or_else(|| api.clock.now()).max(to);
        let estimate = Some(estimate(api, &hosted, stream, to, until).await);
        return Ok(Reset { stream, before, to, estimate });
    }
    let resetting = Resetting { api: api.clone(), actor: caller.access_id.clone(), hosted, place, to };
    // Nobody may wait for it any more, but the source must begin anew all the same.
    let done = tokio::spawn(resetting.carry_out(changing)).await;
    match done {
        Ok(Ok(_)) => Ok(Reset { stream, before, to, estimate: None }),
        Ok(Err(StoreError::Refused(Refusal::NotFound))) => Err(not_begun()),
        Ok(Err(error)) => Err(error.into()),
        Err(_) => Err(Problem::internal()),
    }
}

/// A reset that has been judged.
struct Resetting {
    api: Api,
    actor: String,
    hosted: HostedSource,
    place: Place,
    to: Timestamp,
}

impl Resetting {
    async fn carry_out(self, changing: OwnedMutexGuard<()>) -> Result<PlaceStatus, StoreError> {
        let Self { api, actor, hosted, place, to } = self;
        api.fleet.remove(hosted.id).await;
        let holder = format!("the reset that {actor} asked {} for", holder());
        let by = Author { name: &actor, at: api.clock.now() };
        let reset = CheckpointReset { to, holder: &holder, by };
        let outcome = api.store.reset_checkpoint(&place, &reset).await;
        api.fleet.start(hosted);
        drop(changing);
        outcome
    }
}

fn not_begun() -> Problem {
    Problem::invalid(
        "collectors.source.stream.unbegun",
        "The stream has not begun, so there is nothing to reset.",
    )
}
