//! From what is kept of a source to what the fleet runs.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use incydr_core::health::{ErrorType, SourceState, StateRecord};
use incydr_core::secret::Secret;
use incydr_store::{BackfillState, Collector, Refusal, Source, StoreError};

use super::document::config_of;
use crate::api::Api;
use crate::document::{self, Object};
use crate::hosting::{Backfill, CollectorLabels, FirstPoll, HealthEvent, HostedSource, SourceId};
use crate::source_config::{Fields, SourceConfig};
use crate::web::problem::Problem;

/// A stream without a checkpoint begins so long before its source was created.
const FIRST_REACH: Duration = Duration::from_secs(24 * 60 * 60);
/// Rows are read from the store so many at a time.
const AT_ONCE: u32 = 500;

/// What the fleet needs to know of `source` on `collector`, whose document has been judged as `config`.
pub fn hosted_source(collector: &Collector, source: &Source, config: SourceConfig) -> HostedSource {
    HostedSource {
        id: SourceId(source.id),
        collector: labels_of(collector),
        config,
        since: source.created.minus(FIRST_REACH),
        first_poll: FirstPoll::default(),
        backfills: Vec::new(),
        open_events: Vec::new(),
    }
}

/// Starts every source that is kept and not being deleted, with the polls spread out.
pub async fn start_all(api: &Api) -> Result<usize, StoreError> {
    let mut backfills = running_backfills(api).await?;
    let mut events = open_events(api).await?;
    let mut ready = Vec::new();
    let mut collectors = HashMap::new();
    let mut after = 0;
    loop {
        let sources = api.store.sources_after(after, AT_ONCE).await?;
        let Some(last) = sources.last() else { break };
        recall(api, after + 1, last.id).await?;
        after = last.id;
        for source in sources.into_iter().filter(|source| !source.stopping) {
            let collector = match collectors.entry(source.collector_id) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(unknown) => unknown.insert(api.store.collector(source.collector_id).await?),
            };
            let Some(collector) = collector else { continue };
            match judged(api, &source) {
                Ok(config) => ready.push(HostedSource {
                    backfills: backfills.remove(&source.id).unwrap_or_default(),
                    open_events: events.remove(&source.id).unwrap_or_default(),
                    ..hosted_source(collector, &source, config)
                }),
                Err(reason) => cannot_start(api, &source, reason).await?,
            }
        }
    }
    let count = ready.len();
    for (index, source) in ready.into_iter().enumerate() {
        let first_poll = FirstPoll::of(index, count, source.config.polling_interval);
        api.fleet.start(HostedSource { first_poll, ..source });
    }
    Ok(count)
}

/// What the fleet needs to run a kept source again, with its backfills that have not ended.
pub async fn as_kept(api: &Api, source: &Source) -> Result<HostedSource, Problem> {
    let config = judged(api, source).map_err(|reason| {
        let message = format!("The configuration of the source cannot be used: {reason}");
        Problem::invalid("collectors.source.misconfigured", message)
    })?;
    let collector = api.store.collector(source.collector_id).await?;
    let collector = collector.ok_or(StoreError::Refused(Refusal::NotFound))?;
    let running = |kept: &incydr_store::Backfill| kept.state == BackfillState::Running;
    let backfills = api.store.backfills_of(source.id).await?.into_iter().filter(running).map(Backfill::from);
    Ok(HostedSource { backfills: backfills.collect(), ..hosted_source(&collector, source, config) })
}

/// Hands on what `collector` says now to its running sources.
pub async fn inherit(api: &Api, collector: &Collector) -> Result<(), StoreError> {
    let mut offset = 0;
    loop {
        let sources = api.store.sources_of(collector.id, AT_ONCE, offset).await?;
        if sources.is_empty() {
            return Ok(());
        }
        offset += AT_ONCE;
        for source in sources.iter().filter(|source| !source.stopping) {
            if let Ok(config) = judged(api, source) {
                api.fleet.update(hosted_source(collector, source, config));
            }
        }
    }
}

/// The configuration of a kept source, its secret included; or why it cannot be had.
pub(super) fn judged(api: &Api, source: &Source) -> Result<SourceConfig, String> {
    let secret: Secret = source.open_secret(&api.vault).map_err(|error| error.to_string())?;
    config_of(source, &secret, &api.terms.allowed_origins).map_err(|error| error.to_string())
}

/// A source whose secret cannot be opened, or whose host is no longer allowed, is in error until somebody acts.
async fn cannot_start(api: &Api, source: &Source, reason: String) -> Result<(), StoreError> {
    tracing::error!(source = source.name, reason, "a source cannot be started");
    let state = StateRecord {
        state: SourceState::Error,
        error_type: Some(ErrorType::ThirdPartyConfig),
        error_code: None,
        error_info: Some(reason),
        since: api.clock.now(),
    };
    api.store.record_state(source.id, &state).await.map(drop)
}

fn labels_of(collector: &Collector) -> CollectorLabels {
    // What is kept was judged before it was kept.
    let labels = || {
        let tree = document::parse(collector.document.as_bytes(), "the document").ok()?;
        let object = Object::root(&tree, "the document", "a collector").ok()?;
        let category = object.text("category").ok()?.filter(|category| !category.trim().is_empty());
        Some(CollectorLabels { category: category.map(str::to_owned), fields: Fields::read(&object).ok()? })
    };
    labels().unwrap_or_default()
}

/// Hands on how the streams of the sources with numbers from `first` to `last` did before.
async fn recall(api: &Api, first: u64, last: u64) -> Result<(), StoreError> {
    for kept in api.store.stream_courses(first, last).await? {
        api.fleet.recall(SourceId(kept.source_id), kept.stream, &kept.course);
    }
    Ok(())
}

async fn running_backfills(api: &Api) -> Result<BTreeMap<u64, Vec<Backfill>>, StoreError> {
    let mut by_source: BTreeMap<u64, Vec<Backfill>> = BTreeMap::new();
    for kept in api.store.running_backfills().await? {
        by_source.entry(kept.source_id).or_default().push(Backfill::from(kept));
    }
    Ok(by_source)
}

async fn open_events(api: &Api) -> Result<BTreeMap<u64, Vec<HealthEvent>>, StoreError> {
    let mut by_source: BTreeMap<u64, Vec<HealthEvent>> = BTreeMap::new();
    let mut from = None;
    loop {
        let page = api.store.open_health_events(None, from, AT_ONCE).await?;
        for kept in page.items {
            let (id, event) = (kept.event.source_id, kept.event);
            let named = ErrorType::ALL.into_iter().find(|error_type| error_type.event_name() == event.name);
            let Some(error_type) = named else { continue };
            by_source.entry(id).or_default().push(HealthEvent {
                id: event.event_id,
                error_type,
                tracker: event.tracker,
                error: event.title,
                description: event.description,
                error_code: event.error_code,
                error_info: event.error_info,
                opened: kept.opened,
            });
        }
        from = page.next;
        if from.is_none() {
            return Ok(by_source);
        }
    }
}
