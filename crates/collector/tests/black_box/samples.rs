//! The vendor's own samples, all the way through.

use std::path::Path;

use crate::stage::{Stage, tenant_with};
use incydr_simulator::SumoOptions;

#[tokio::test]
async fn the_vendor_s_samples_arrive_as_the_bytes_that_came() {
    let stage = Stage::new(tenant_with(0), SumoOptions::default()).await;
    stage
        .incydr
        .load_samples(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../incydr/tests/data"))
        .expect("readable");
    stage.write_source(&["fileEvents", "alerts", "auditLogs"], serde_json::json!({}));
    stage.collect().since("2020-01-01").to_sumo().succeed().await;
    stage.assert_complete(0);
    assert_eq!(stage.summary()["totals"]["fetched"], stage.sumo.received().messages);
}
