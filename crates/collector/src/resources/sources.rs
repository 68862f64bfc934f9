//! Sources of a hosted collector: list, show, create, update, delete, restart.

mod document;
mod findings;
mod hosted;
pub mod local;
pub mod pages;
mod removal;
pub mod routes;

use incydr_core::health::{SourceState, StateRecord};
use incydr_core::secret::Secret;
use incydr_store::{Collector, NewSource, Source, StoreError};

use self::document::SourceDocument;
use super::{collectors, fields};
use crate::api::Api;
use crate::hosting::{Condition, SourceId};
use crate::source_check::Finding;
use crate::web::access_key::Caller;
use crate::web::entity_tag;
use crate::web::problem::Problem;

pub(super) use self::document::{ShownState, api_word};
pub use self::hosted::{as_kept, hosted_source, inherit, start_all};
pub use self::removal::{end_all_of, resume_removals};

/// The tag of a source's configuration. It covers the secret, which is sealed anew whenever it is replaced.
pub fn etag(source: &Source) -> String {
    let parts = [&b"source"[..], &source.id.to_be_bytes(), source.document.as_bytes(), &source.secret.bytes];
    entity_tag::of(&parts)
}

/// The source `id` of the collector `collector`, if `caller` may see it.
pub async fn find(
    api: &Api,
    caller: &Caller,
    collector: Option<u64>,
    id: Option<u64>,
) -> Result<Source, Problem> {
    let collector = collectors::find(api, caller, collector).await?;
    let id = id.ok_or_else(unknown)?;
    let found = api.store.source(id).await?;
    found.filter(|source| source.collector_id == collector.id).ok_or_else(unknown)
}

/// At most `limit` sources of a collector, by number, without the first `offset`.
pub async fn list(
    api: &Api,
    caller: &Caller,
    collector: Option<u64>,
    limit: u32,
    offset: u32,
) -> Result<Vec<Source>, Problem> {
    let collector = collectors::find(api, caller, collector).await?;
    Ok(api.store.sources_of(collector.id, limit, offset).await?)
}

/// Creates a source from the JSON of a client, and starts it.
pub async fn create(
    api: &Api,
    caller: &Caller,
    collector: Option<u64>,
    body: &[u8],
) -> Result<Source, Problem> {
    let _changing = api.changing.lock().await;
    let collector = collectors::find(api, caller, collector).await?;
    local::refuse_changes(&collector)?;
    let document = SourceDocument::read(body, &api.terms.allowed_origins, None)?;
    create_on(api, caller, &collector, document).await
}

/// Creates a source that was judged, and starts it. The caller holds `api.changing`.
async fn create_on(
    api: &Api,
    caller: &Caller,
    collector: &Collector,
    document: SourceDocument,
) -> Result<Source, Problem> {
    if document.activates_fields {
        fields::activate(api, caller, &document.config.fields).await?;
    }
    let new = NewSource {
        collector_id: collector.id,
        name: &document.config.name,
        document: &document.json,
        secret: &document.config.secret_key,
    };
    let (limit, by) = (api.terms.max_sources, api.author(caller));
    let created = api.store.create_source(&api.vault, &new, limit, by).await?;
    api.fleet.start(hosted_source(collector, &created, document.config));
    Ok(created)
}

/// Replaces the configuration of a source, which keeps its place. A masked secret keeps the stored one.
pub async fn update(
    api: &Api,
    caller: &Caller,
    (collector, id): (Option<u64>, Option<u64>),
    if_match: Option<&str>,
    body: &[u8],
) -> Result<Source, Problem> {
    let _changing = api.changing.lock().await;
    let current = find(api, caller, collector, id).await?;
    entity_tag::check(if_match, &etag(&current))?;
    refuse_stopping(&current)?;
    let collector = collectors::find(api, caller, collector).await?;
    local::refuse_changes(&collector)?;
    let secret = secret_of(api, &current)?;
    let document = SourceDocument::read(body, &api.terms.allowed_origins, Some((current.id, &secret)))?;
    replace(api, caller, &collector, (&current, &secret), document).await
}

/// Replaces the configuration of a source, whose secret is given, by one that was judged. The caller holds
/// `api.changing`.
async fn replace(
    api: &Api,
    caller: &Caller,
    collector: &Collector,
    (current, secret): (&Source, &Secret),
    document: SourceDocument,
) -> Result<Source, Problem> {
    if document.activates_fields {
        fields::activate(api, caller, &document.config.fields).await?;
    }
    let replaced = (document.config.secret_key != *secret).then_some(&document.config.secret_key);
    let updated = api
        .store
        .update_source(
            &api.vault,
            current.id,
            &document.config.name,
            &document.json,
            replaced,
            api.author(caller),
        )
        .await?;
    api.fleet.start(hosted_source(collector, &updated, document.config));
    Ok(updated)
}

/// Begins the deletion of a source: it is `Stopping` until its deliveries have ended, and then gone. Doing so again
/// changes nothing.
pub async fn delete(
    api: &Api,
    caller: &Caller,
    collector: Option<u64>,
    id: Option<u64>,
) -> Result<(), Problem> {
    let _changing = api.changing.lock().await;
    let source = find(api, caller, collector, id).await?;
    local::refuse_changes(&collectors::find(api, caller, collector).await?)?;
    Ok(removal::end(api, &source, api.author(caller)).await?)
}

/// Begins the life of a source anew at the same place, also out of a wrong configuration.
pub async fn restart(
    api: &Api,
    caller: &Caller,
    collector: Option<u64>,
    id: Option<u64>,
) -> Result<(), Problem> {
    let source = find(api, caller, collector, id).await?;
    refuse_stopping(&source)?;
    api.record(caller, "SourceRestarted", &source.resource()).await?;
    api.fleet.restart(SourceId(source.id));
    Ok(())
}

/// The state right now, which may be newer than what is kept; a source that is being deleted is `Stopping`.
pub fn current_state(api: &Api, source: &Source) -> StateRecord {
    newest_state(source.stopping, &source.state, api.fleet.state(SourceId(source.id)).as_ref())
}

/// The state of a source of which this is `kept`, and this is told by the source itself while it runs.
pub(super) fn newest_state(stopping: bool, kept: &StateRecord, running: Option<&Condition>) -> StateRecord {
    match (stopping, running) {
        (true, _) => StateRecord::well(SourceState::Stopping, kept.since),
        (false, Some(state)) => StateRecord::from(state),
        (false, None) => kept.clone(),
    }
}

/// Tries the source that a client considers, and changes nothing. A masked secret is that of the source which the body
/// names by its number.
pub async fn check(
    api: &Api,
    caller: &Caller,
    collector: Option<u64>,
    body: &[u8],
) -> Result<Vec<Finding>, Problem> {
    let collector = collectors::find(api, caller, collector).await?;
    let config = match document::named_source(body)? {
        None => SourceDocument::read(body, &api.terms.allowed_origins, None)?.config,
        Some(id) => {
            let named = find(api, caller, Some(collector.id), Some(id)).await?;
            let secret = secret_of(api, &named)?;
            SourceDocument::read(body, &api.terms.allowed_origins, Some((id, &secret)))?.config
        }
    };
    Ok(api.fleet.check(&config).await)
}

/// Refuses to change a source that is being deleted.
pub fn refuse_stopping(source: &Source) -> Result<(), Problem> {
    match source.stopping {
        false => Ok(()),
        true => {
            Err(Problem::invalid("collectors.source.stopping", "The source is being deleted (Stopping)."))
        }
    }
}

fn secret_of(api: &Api, source: &Source) -> Result<Secret, Problem> {
    source.open_secret(&api.vault).map_err(|error| Problem::from(StoreError::from(error)))
}

fn unknown() -> Problem {
    Problem::not_found("collectors.source.invalid", "The specified source ID is invalid.")
}
