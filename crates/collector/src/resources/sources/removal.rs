//! The end of a source: it stops at once, and is gone when its last delivery has ended.

use std::time::Duration;

use incydr_store::{Author, Source, StoreError};

use super::super::collectors;
use crate::api::Api;
use crate::hosting::SourceId;

/// Rows are read from the store so many at a time.
const AT_ONCE: u32 = 500;
/// A removal that failed, as on a full disk, is tried again after this.
const TRY_AGAIN: Duration = Duration::from_secs(60);

/// Marks `source` as being deleted, and ends it in the background. The caller holds `api.changing`.
pub(super) async fn end(api: &Api, source: &Source, by: Author<'_>) -> Result<(), StoreError> {
    if source.stopping {
        return Ok(());
    }
    let stopping = api.store.mark_source_stopping(source.id, by).await?;
    finish(api, stopping);
    Ok(())
}

/// Ends all sources of a collector that is being deleted, and then the collector.
pub async fn end_all_of(api: &Api, collector: u64, by: Author<'_>) -> Result<(), StoreError> {
    // By number, because those that end meanwhile are gone from the list.
    let mut after = 0;
    loop {
        let sources = api.store.sources_after(after, AT_ONCE).await?;
        let Some(last) = sources.last() else { break };
        after = last.id;
        for source in sources.iter().filter(|source| source.collector_id == collector) {
            end(api, source, by).await?;
        }
    }
    collectors::remove_if_empty(&api.store, collector).await
}

/// Goes on with the removals that an earlier process began.
pub async fn resume_removals(api: &Api) -> Result<(), StoreError> {
    let mut after = 0;
    loop {
        let sources = api.store.sources_after(after, AT_ONCE).await?;
        let Some(last) = sources.last() else { break };
        after = last.id;
        for source in sources.into_iter().filter(|source| source.stopping) {
            finish(api, source);
        }
    }
    for collector in api.store.stopping_collectors().await? {
        end_all_of(api, collector, api.itself()).await?;
    }
    Ok(())
}

/// Waits in the background until nothing of `source` runs any more, and removes it, as often as it takes. Should the
/// process end first, the next one goes on here.
fn finish(api: &Api, source: Source) {
    let api = api.clone();
    tokio::spawn(async move {
        api.fleet.remove(SourceId(source.id)).await;
        while let Err(error) = remove(&api, &source).await {
            tracing::error!(source = source.name, error, "a deleted source cannot be removed yet");
            api.clock.sleep(TRY_AGAIN).await;
        }
        tracing::info!(source = source.name, "source deleted");
    });
}

/// Removes a source of which nothing runs, its places first. Nothing that a destination has acknowledged is given up.
async fn remove(api: &Api, source: &Source) -> Result<(), String> {
    let _removing = api.removing.lock().await;
    let told = |error: StoreError| error.to_string();
    for place in api.store.place_names_of(source.id).await.map_err(told)? {
        api.fleet.settle(&place).await.map_err(|trouble| trouble.message)?;
        while !api.store.remove_part_of_place(&place, api.itself()).await.map_err(told)? {}
    }
    api.store.remove_source(source.id, api.clock.now()).await.map_err(told)?;
    collectors::remove_if_empty(&api.store, source.collector_id).await.map_err(told)
}
