//! Whether the process lives, whether it is ready, and its figures for a monitoring system.

pub mod routes;

use incydr_store::StoreError;

use crate::api::Api;

/// Ready means that what is kept can be read.
pub async fn check_ready(api: &Api) -> Result<(), StoreError> {
    api.store.collectors(1, 0).await.map(drop)
}
