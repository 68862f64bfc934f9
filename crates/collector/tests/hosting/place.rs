//! What a source keeps over changes of its configuration: its place.

use std::time::Duration;

use incydr_collector::hosting::SourceId;
use incydr_core::health::SourceState::{Collecting, Pending};
use incydr_core::stream::Stream;
use incydr_simulator::{SimulatedIncydr, SumoOptions};

use crate::chronicle::Chronicle;
use crate::stage::{Stage, source_of, tenant_with};

/// Waits until a source has begun anew and collects.
async fn begin_anew(chronicle: &Chronicle, id: u64, change: impl FnOnce()) {
    let position = chronicle.position(id);
    change();
    chronicle.reach(id, position, Pending).await;
    chronicle.reach(id, position, Collecting).await;
}

#[tokio::test]
async fn a_new_name_keeps_the_place_and_labels_what_comes_without_a_new_life() {
    let stage = Stage::with_file_events(500).await;
    let mut source = stage.source(1);
    stage.collect(source.clone()).await;
    stage.receive_all().await;
    let position = stage.chronicle.position(1);
    source.config.name = "Renamed".to_owned();
    stage.fleet.update(source);
    stage.pass_requests(3).await;
    stage.incydr.add_burst(1, stage.incydr.clock().now());
    stage.receive(501).await;
    let labels: Vec<_> = stage
        .sumo
        .requests()
        .iter()
        .map(|request| request.header("x-sumo-name").map(str::to_owned))
        .collect();
    assert_eq!(labels.first(), Some(&Some("Code42 1".to_owned())));
    assert_eq!(labels.last(), Some(&Some("Renamed".to_owned())));
    assert_eq!(stage.chronicle.position(1), position, "its state never changed");
    stage.assert_complete(0);
}

// F68
#[tokio::test]
async fn a_stream_that_is_removed_and_added_again_goes_on_where_it_was() {
    let stage = Stage::with_file_events(500).await;
    let both = stage.source_with(1, &["fileEvents", "auditLogs"]);
    stage.fleet.start(both.clone());
    let (file_events, audit_rows) = (500, stage.audit_rows());
    stage.receive(file_events + audit_rows).await;
    let without = stage.source_with(1, &["auditLogs"]);
    begin_anew(&stage.chronicle, 1, || stage.fleet.update(without)).await;
    assert_eq!(stage.status(1).streams.len(), 1);
    stage.incydr.add_burst(7, stage.incydr.clock().now());
    begin_anew(&stage.chronicle, 1, || stage.fleet.update(both)).await;
    stage.receive(file_events + audit_rows + 7).await;
    stage.acknowledge(1, 507).await;
    assert_eq!(stage.status(1).streams[0].stream, Stream::FileEvents);
    stage.fleet.stop().await;
    stage.assert_complete(0);
}

#[tokio::test]
async fn another_origin_is_another_place_and_the_way_back_finds_the_first_one() {
    let stage = Stage::with_file_events(300).await;
    let other = SimulatedIncydr::start(tenant_with(200)).await.expect("a free port");
    let here = stage.source(1);
    let mut there = source_of(&other, 1, &["fileEvents"]);
    there.since = here.since;
    stage.collect(here.clone()).await;
    stage.receive(300).await;
    begin_anew(&stage.chronicle, 1, || stage.fleet.update(there)).await;
    stage.receive(500).await;
    begin_anew(&stage.chronicle, 1, || stage.fleet.update(here)).await;
    stage.pass_requests(5).await;
    stage.fleet.stop().await;
    assert_eq!(stage.sumo.message_count(), 500, "the first place was not read again");
}

#[tokio::test]
async fn the_next_process_goes_on_where_the_last_one_stopped() {
    let mut stage = Stage::with_file_events(2_000).await;
    let source = stage.source(1);
    stage.collect(source.clone()).await;
    stage.receive_all().await;
    stage.restart_process().await;
    stage.incydr.add_burst(5, stage.incydr.clock().now());
    stage.collect(source).await;
    stage.receive(2_005).await;
    stage.pass_requests(5).await;
    stage.fleet.stop().await;
    stage.assert_complete(0);
}

// F66
#[tokio::test]
async fn two_hundred_rapid_updates_lose_nothing_and_disturb_nobody() {
    let slow_sink = SumoOptions { latency: Duration::from_millis(2), ..SumoOptions::default() };
    let stage = Stage::new(tenant_with(20_000), slow_sink).await;
    let other = SimulatedIncydr::start(tenant_with(0)).await.expect("a free port");
    stage.collect(source_of(&other, 2, &["fileEvents"])).await;
    let undisturbed = stage.chronicle.position(2);
    let source = stage.source(1);
    stage.fleet.start(source.clone());
    for number in 0..200_u64 {
        let mut update = source.clone();
        match number % 4 {
            0 => update.config.name = format!("Renamed {number}"),
            1 => update.config.polling_interval = Duration::from_millis(100 + number),
            2 => update.config.fields.pairs = vec![("number".to_owned(), number.to_string())],
            _ => update.config.streams = vec![Stream::FileEvents, Stream::AuditLogs],
        }
        stage.fleet.update(update);
        stage.receive(number * 50).await;
    }
    stage.fleet.update(source);
    stage.acknowledge(1, 20_000).await;
    stage.fleet.remove(SourceId(1)).await;
    // Nothing was in doubt: every delivery under way had time to end before the streams began anew.
    stage.assert_complete(0);
    assert_eq!(stage.chronicle.position(2), undisturbed);
    stage.fleet.stop().await;
}
