//! T3, F01 to F07: `SIGKILL` at random moments while 200,000 events flow, into Sumo Logic and into the archive.

use std::collections::HashMap;
use std::time::Duration;

use incydr_simulator::{Keep, SumoOptions};

use crate::stage::{Stage, tenant_with};

const EVENTS: u64 = 200_000;
const KILLS: u64 = 50;
/// Batches that may be without a final answer when the process dies.
const IN_FLIGHT: u64 = 4;
const BATCH_BYTES: u64 = 1_000_000;

/// A number that looks random and is the same in every run of the tests.
fn drawn(round: u64) -> u64 {
    (round + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_kills_while_200_000_events_flow_lose_nothing_and_repeat_only_what_was_in_flight() {
    let sumo = SumoOptions { keep: Keep::Later, latency: Duration::from_millis(5), ..SumoOptions::default() };
    let stage = Stage::new(tenant_with(EVENTS), sumo).await;
    let mut kills = 0;
    for round in 0..KILLS {
        let arrived = stage.sumo.message_count();
        let running = stage.collect().to_sumo().to_archive().args(["--compression", "zstd"]).start();
        let until = arrived + 1 + drawn(round) % (EVENTS / KILLS);
        tokio::select! {
            () = stage.sumo.wait_for_messages(until) => {}
            () = tokio::time::sleep(Duration::from_millis(drawn(round) % 2_000)) => {}
        }
        running.kill().await;
        kills += 1;
    }
    assert_eq!(kills, KILLS);
    stage.collect().to_sumo().to_archive().args(["--compression", "zstd"]).succeed().await;

    let largest_batch = stage.sumo.received().batches.iter().map(|batch| batch.messages).max().unwrap_or(0);
    assert!(largest_batch <= BATCH_BYTES / 2_000);
    stage.assert_complete(KILLS * IN_FLIGHT * largest_batch);
    let mut archived: HashMap<Vec<u8>, u64> = HashMap::new();
    for line in stage.archived_lines() {
        *archived.entry(line).or_default() += 1;
    }
    assert_eq!(archived.len(), usize::try_from(EVENTS).expect("small"), "the archive is complete");
    assert!(archived.values().all(|count| *count == 1), "nothing stands twice in the archive");
}
