//! Memory while much more than memory flows through.

use std::time::Duration;

use incydr_simulator::{DataOptions, IncydrOptions, Keep, SumoOptions};

use super::{HISTORY, PAGE, SINCE};
use crate::stage::{Stage, tenant_with};

const PAGES: u64 = 20;
/// The goal of 64 MiB for the released binary, and what a binary built for tests may need besides.
const LARGEST_KIB: u64 = 96 * 1024;

/// The most memory that the process ever had, in KiB.
fn peak_memory_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("the process lives");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("the kernel says it");
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number")
}

// F47
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_pages_of_ten_thousand_large_events_need_no_more_memory_than_a_few_batches() {
    let tenant = tenant_with(PAGES * PAGE);
    let data = DataOptions { mean_event_bytes: 8_000, period: HISTORY, ..tenant.data };
    let sumo =
        SumoOptions { keep: Keep::Counts, latency: Duration::from_millis(2), ..SumoOptions::default() };
    let stage = Stage::new(IncydrOptions { data, ..tenant }, sumo).await;
    let collect = stage.collect().since(SINCE).to_sumo().args(["--compression", "zstd"]);
    let mut running = collect.following().start();
    running.hear("window closed").await;
    let peak = peak_memory_kib(running.pid());
    assert!(peak <= LARGEST_KIB, "{peak} KiB");
    running.signal("TERM").await;
    assert!(running.end().await.status.success());
    assert_eq!(stage.sumo.message_count(), PAGES * PAGE);
}
