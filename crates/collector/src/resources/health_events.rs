//! Health events: the open ones, as the original lists them, and the past ones besides.

pub mod routes;

use incydr_store::{HealthEvent, HealthScope, Page, PageToken};

use super::hex_id;
use crate::api::Api;
use crate::document::{self, Json, Object};
use crate::web::access_key::Caller;
use crate::web::call::BODY;
use crate::web::problem::Problem;

/// The open events that `caller` may see, oldest first: at most `limit` from where the page before ended.
pub async fn list_open(
    api: &Api,
    caller: &Caller,
    from: Option<PageToken>,
    limit: u32,
) -> Result<Page<HealthEvent>, Problem> {
    Ok(api.store.open_health_events(scope_of(caller).as_ref(), from, limit).await?)
}

/// The open events of the resources that a client names in its JSON.
pub async fn list_open_of(
    api: &Api,
    caller: &Caller,
    body: &[u8],
    from: Option<PageToken>,
    limit: u32,
) -> Result<Page<HealthEvent>, Problem> {
    let named = read_resources(body)?;
    let scope = match caller.collector {
        None => named,
        Some(own) => of_collector(api, named, own).await?,
    };
    Ok(api.store.open_health_events(Some(&scope), from, limit).await?)
}

/// All events that are and were open, newest first.
pub async fn history(
    api: &Api,
    caller: &Caller,
    from: Option<PageToken>,
    limit: u32,
) -> Result<Page<HealthEvent>, Problem> {
    Ok(api.store.health_history(scope_of(caller).as_ref(), from, limit).await?)
}

fn scope_of(caller: &Caller) -> Option<HealthScope> {
    caller.collector.map(|own| HealthScope { collectors: vec![own], sources: Vec::new() })
}

/// What of `named` belongs to the collector `own`.
async fn of_collector(api: &Api, named: HealthScope, own: u64) -> Result<HealthScope, Problem> {
    let collectors = named.collectors.into_iter().filter(|id| *id == own).collect();
    let mut sources = Vec::new();
    for id in named.sources {
        if api.store.source(id).await?.is_some_and(|source| source.collector_id == own) {
            sources.push(id);
        }
    }
    Ok(HealthScope { collectors, sources })
}

fn read_resources(body: &[u8]) -> Result<HealthScope, Problem> {
    const MOST: usize = 1_000;
    let tree = document::parse(body, BODY)?;
    let root = Object::root(&tree, BODY, "a list of resources")?;
    root.allow_only(&["data"])?;
    let items = match root.get("data") {
        Some(Json::List(items)) => items,
        Some(_) => return Err(root.refuse("data", "is no list", "write a list of resources").into()),
        None => return Err(root.refuse("data", "is missing", "write a list of resources").into()),
    };
    if items.len() > MOST {
        return Err(root.refuse("data", "has too many elements", format!("ask for at most {MOST}")).into());
    }
    let mut scope = HealthScope::default();
    for (index, item) in items.iter().enumerate() {
        let resource = root.element(item, format!("data[{index}]"))?;
        resource.allow_only(&["id", "type", "name", "collectorId", "collectorName"])?;
        let id = resource.required_text("id", "write the 16 hex digits of the resource")?;
        let kind = resource.required_text("type", "write Source or Collector")?;
        let Some(id) = hex_id::parse(id) else {
            return Err(resource.refuse("id", "is no 16 hex digits", "copy it from a health event").into());
        };
        match kind {
            "Source" => scope.sources.push(id),
            "Collector" => scope.collectors.push(id),
            // These kinds exist in the original, and none of them has events here.
            "IngestBudget" | "Organisation" | "LogsToMetricsRule" => {}
            _ => {
                return Err(resource
                    .refuse("type", "names no kind of resource", "write Source or Collector")
                    .into());
            }
        }
    }
    Ok(scope)
}
