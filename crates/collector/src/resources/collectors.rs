//! Hosted collectors: list, show, create, update, delete.

mod document;
pub mod pages;
pub mod routes;

use incydr_store::{Collector, Store, StoreError};

use self::document::CollectorDocument;
use super::{fields, sources};
use crate::api::Api;
use crate::web::access_key::Caller;
use crate::web::entity_tag;
use crate::web::problem::{Problem, ProblemKind};

/// The tag of a collector's configuration.
pub fn etag(collector: &Collector) -> String {
    entity_tag::of(&[b"collector", &collector.id.to_be_bytes(), collector.document.as_bytes()])
}

/// The collector with this number, if `caller` may see it.
pub async fn find(api: &Api, caller: &Caller, id: Option<u64>) -> Result<Collector, Problem> {
    let visible = id.filter(|id| caller.sees(*id)).ok_or_else(unknown)?;
    api.store.collector(visible).await?.ok_or_else(unknown)
}

/// The collector with this name, if `caller` may see it.
pub async fn find_named(api: &Api, caller: &Caller, name: &str) -> Result<Collector, Problem> {
    let found = api.store.collector_named(name).await?;
    found.filter(|collector| caller.sees(collector.id)).ok_or_else(|| {
        Problem::not_found("collectors.collector.invalid", "The specified collector name is invalid.")
    })
}

/// At most `limit` of the collectors that `caller` may see, by number, without the first `offset`.
pub async fn list(api: &Api, caller: &Caller, limit: u32, offset: u32) -> Result<Vec<Collector>, Problem> {
    match caller.collector {
        None => Ok(api.store.collectors(limit, offset).await?),
        Some(own) if limit > 0 && offset == 0 => Ok(api.store.collector(own).await?.into_iter().collect()),
        Some(_) => Ok(Vec::new()),
    }
}

/// Creates a collector from the JSON of a client.
pub async fn create(api: &Api, caller: &Caller, body: &[u8]) -> Result<Collector, Problem> {
    caller.refuse_scoped()?;
    let document = CollectorDocument::of_new(body)?;
    let _changing = api.changing.lock().await;
    if document.activates_fields {
        fields::activate(api, caller, &document.fields).await?;
    }
    let (limit, by) = (api.terms.max_collectors, api.author(caller));
    Ok(api.store.create_collector(&document.name, &document.json, limit, by).await?)
}

/// Replaces the configuration of a collector; its sources inherit the new one at once.
pub async fn update(
    api: &Api,
    caller: &Caller,
    id: Option<u64>,
    if_match: Option<&str>,
    body: &[u8],
) -> Result<Collector, Problem> {
    let _changing = api.changing.lock().await;
    let current = find(api, caller, id).await?;
    entity_tag::check(if_match, &etag(&current))?;
    let document = CollectorDocument::of_update(body, current.id)?;
    if document.activates_fields {
        fields::activate(api, caller, &document.fields).await?;
    }
    let by = api.author(caller);
    let updated = api.store.update_collector(current.id, &document.name, &document.json, by).await?;
    sources::inherit(api, &updated).await?;
    Ok(updated)
}

/// Deletes a collector: it is gone at once, and its sources end.
pub async fn delete(api: &Api, caller: &Caller, id: Option<u64>) -> Result<(), Problem> {
    let _changing = api.changing.lock().await;
    let collector = find(api, caller, id).await?;
    if sources::local::are_local(&collector) {
        let message = "The Collector is in JSON mode: its folder would create it again.";
        return Err(Problem::new(ProblemKind::Forbidden, "CannotModifyCollector", message));
    }
    let by = api.author(caller);
    api.store.mark_collector_stopping(collector.id, by).await?;
    Ok(sources::end_all_of(api, collector.id, by).await?)
}

/// Removes a collector whose deletion has begun, once its last source is gone.
pub async fn remove_if_empty(store: &Store, id: u64) -> Result<(), StoreError> {
    let is_stopping = store.stopping_collectors().await?.contains(&id);
    if !is_stopping {
        return Ok(());
    }
    match store.remove_collector(id).await {
        Ok(()) | Err(StoreError::Refused(_)) => Ok(()),
        Err(failed) => Err(failed),
    }
}

fn unknown() -> Problem {
    Problem::not_found("collectors.collector.invalid", "The specified collector ID is invalid.")
}
