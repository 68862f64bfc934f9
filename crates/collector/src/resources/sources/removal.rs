//! The end of a source: it stops at once, and is gone when its last delivery has ended.

use incydr_store::{Source, StoreError};

use super::super::collectors;
use crate::api::Api;
use crate::hosting::SourceId;
use crate::web::problem::Problem;

/// Rows are read from the store so many at a time.
const AT_ONCE: u32 = 500;

/// Marks `source` as being deleted, and ends it in the background.
pub(super) async fn end(api: &Api, source: &Source) -> Result<(), Problem> {
    if source.stopping {
        return Ok(());
    }
    let stopping = api.store.mark_source_stopping(source.id, api.clock.now()).await?;
    finish(api, stopping);
    Ok(())
}

/// Ends all sources of a collector that is being deleted, and then the collector.
pub async fn end_all_of(api: &Api, collector: u64) -> Result<(), Problem> {
    let mut offset = 0;
    loop {
        let sources = api.store.sources_of(collector, AT_ONCE, offset).await?;
        if sources.is_empty() {
            break;
        }
        offset += AT_ONCE;
        for source in &sources {
            end(api, source).await?;
        }
    }
    Ok(collectors::remove_if_empty(&api.store, collector).await?)
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
        collectors::remove_if_empty(&api.store, collector).await?;
    }
    Ok(())
}

/// Waits in the background until nothing of `source` runs any more, and removes it. Should the process end first, the
/// next one goes on here.
fn finish(api: &Api, source: Source) {
    let api = api.clone();
    tokio::spawn(async move {
        api.fleet.remove(SourceId(source.id)).await;
        let removed = async {
            api.store.remove_source(source.id, api.clock.now()).await?;
            collectors::remove_if_empty(&api.store, source.collector_id).await
        };
        match removed.await {
            Ok(()) => tracing::info!(source = source.name, "source deleted"),
            Err(error) => {
                tracing::error!(source = source.name, %error, "a deleted source could not be removed")
            }
        }
    });
}
