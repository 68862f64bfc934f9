//! Everything at a glance: the collectors that somebody may see, with their sources, and how these do right now.

pub mod pages;

use incydr_store::{Overview, OverviewFilter};

use crate::api::Api;
use crate::web::access_key::Caller;
use crate::web::problem::Problem;

/// At most `limit` rows of what `caller` may see and `filter` wants, without the first `offset`.
pub async fn overview(
    api: &Api,
    caller: &Caller,
    filter: OverviewFilter,
    limit: u32,
    offset: u32,
) -> Result<Overview, Problem> {
    let filter = OverviewFilter { collector: caller.collector.or(filter.collector), ..filter };
    Ok(api.store.overview(&filter, limit, offset).await?)
}
