//! The searches for file events that the simulated Incydr saw.

use std::time::Duration;

use incydr_simulator::RequestRecord;
use serde_json::Value;

use crate::stage::Stage;

/// How many there were.
pub(super) fn count(stage: &Stage) -> u64 {
    requests_to(stage, "file-events")
}

/// How many requests met `endpoint`.
pub(super) fn requests_to(stage: &Stage, endpoint: &str) -> u64 {
    stage.incydr.traffic().endpoints.get(endpoint).map_or(0, |traffic| traffic.requests)
}

/// `member` of the body of each of them, in order.
pub(super) fn asked_for(stage: &Stage, member: &str) -> Vec<Value> {
    all(stage)
        .iter()
        .map(|request| {
            let body: Value = serde_json::from_slice(&request.body).expect("a search is JSON");
            body[member].clone()
        })
        .collect()
}

/// The time from each of them to the next.
pub(super) fn pauses(stage: &Stage) -> Vec<Duration> {
    all(stage).windows(2).map(|pair| pair[1].at.since(pair[0].at)).collect()
}

fn all(stage: &Stage) -> Vec<RequestRecord> {
    let requests = stage.incydr.requests().into_iter();
    requests.filter(|request| request.endpoint == "file-events").collect()
}
