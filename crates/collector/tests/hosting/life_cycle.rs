//! The states of the specification's table, and the ways through them.

use std::time::Duration;

use incydr_collector::hosting::SourceId;
use incydr_core::health::SourceState::{
    Authenticated, Collecting, Error, Initialized, Pending, Started, Stopping,
};
use incydr_simulator::{Fault, FaultRule, SumoOptions, Target};
use tokio::time::{Instant, timeout};

use crate::stage::{Stage, tenant_with, with_wrong_secret};

// States: Pending, Started, Initialized, Authenticated, Collecting, Stopping.
#[tokio::test]
async fn a_source_comes_through_every_state_in_order_and_goes() {
    let stage = Stage::with_file_events(10).await;
    stage.collect(stage.source(1)).await;
    stage.receive_all().await;
    stage.fleet.remove(SourceId(1)).await;
    assert_eq!(
        stage.chronicle.states(1),
        [Pending, Started, Initialized, Authenticated, Collecting, Stopping]
    );
    assert_eq!(stage.fleet.status(SourceId(1)), None);
    stage.assert_complete(0);
}

// State: Error; F51.
#[tokio::test]
async fn wrong_credentials_end_all_polling_until_an_update_which_collects_within_two_seconds() {
    let stage = Stage::with_file_events(10).await;
    let source = stage.source(1);
    stage.fleet.start(with_wrong_secret(source.clone()));
    let record = stage.chronicle.reach(1, 0, Error).await;
    let error = record.error.expect("an error has a reason");
    assert_eq!((error.error_code, error.error_info.as_str()), (Some(401), r#"{"error":"invalid_client"}"#));
    assert_eq!(stage.chronicle.states(1), [Pending, Started, Initialized, Error]);
    stage.fleet.poll_now(SourceId(1));
    stage.collect(stage.source(2)).await;
    stage.pass_requests(20).await;
    assert_eq!(stage.requests_to("oauth"), 2, "one of each source");

    let (position, updated) = (stage.chronicle.position(1), Instant::now());
    stage.fleet.update(source);
    stage.chronicle.reach(1, position, Collecting).await;
    assert!(updated.elapsed() < Duration::from_secs(2), "{:?}", updated.elapsed());
    stage.chronicle.closed(1, position).await;
    let states = stage.chronicle.states(1);
    assert_eq!(states[4..], [Pending, Started, Initialized, Authenticated, Collecting]);
    assert!(stage.status(1).open_events.is_empty());
}

#[tokio::test]
async fn a_restart_leads_out_of_a_wrong_configuration_that_was_mended_elsewhere() {
    let stage = Stage::with_file_events(10).await;
    let refusal = Fault::answer(401, r#"{"error":"invalid_client"}"#);
    let rule = stage.incydr.faults().add(FaultRule::always(Target::Oauth, refusal));
    stage.fleet.start(stage.source(1));
    let event = stage.chronicle.opened(1, 0).await;
    stage.incydr.faults().remove(rule);
    let position = stage.chronicle.position(1);
    stage.fleet.restart(SourceId(1));
    stage.chronicle.reach(1, position, Collecting).await;
    assert_eq!(stage.chronicle.closed(1, position).await, event);
}

#[tokio::test]
async fn a_restart_that_does_not_help_keeps_the_open_event() {
    let stage = Stage::with_file_events(0).await;
    stage.fleet.start(with_wrong_secret(stage.source(1)));
    let event = stage.chronicle.opened(1, 0).await;
    let position = stage.chronicle.position(1);
    stage.fleet.restart(SourceId(1));
    stage.chronicle.reach(1, position, Pending).await;
    stage.chronicle.reach(1, position, Error).await;
    assert_eq!(stage.status(1).open_events, [event]);
    assert_eq!(stage.requests_to("oauth"), 2);
}

#[tokio::test]
async fn a_restart_of_a_healthy_source_delivers_nothing_twice() {
    let stage = Stage::with_file_events(3_000).await;
    stage.collect(stage.source(1)).await;
    stage.receive_all().await;
    for _ in 0..5 {
        let position = stage.chronicle.position(1);
        stage.fleet.restart(SourceId(1));
        stage.chronicle.reach(1, position, Pending).await;
        stage.chronicle.reach(1, position, Collecting).await;
    }
    stage.fleet.stop().await;
    stage.assert_complete(0);
}

#[tokio::test]
async fn a_stop_of_the_process_drains_every_source_and_leaves_its_open_event_for_the_next() {
    let mut stage = Stage::with_file_events(500).await;
    stage.collect(stage.source(1)).await;
    stage.fleet.start(with_wrong_secret(stage.source(2)));
    let left_open = stage.chronicle.opened(2, 0).await;
    stage.receive_all().await;
    let chronicle = stage.chronicle.clone();
    stage.restart_process().await;
    assert_eq!(chronicle.states(1).last(), Some(&Stopping));
    assert_eq!(chronicle.states(2).last(), Some(&Stopping));
    stage.assert_complete(0);

    let mut source = with_wrong_secret(stage.source(2));
    source.open_events = vec![left_open.clone()];
    stage.fleet.start(source.clone());
    stage.chronicle.reach(2, 0, Error).await;
    assert_eq!(stage.status(2).open_events.first(), Some(&left_open), "the trouble goes on");
    stage.fleet.update(stage.source(2));
    assert_eq!(stage.chronicle.closed(2, 0).await, left_open, "the trouble is over");
}

// F09
#[tokio::test]
async fn a_destination_that_does_not_answer_holds_up_the_end_for_no_longer_than_the_drain() {
    let stage = Stage::new(tenant_with(100), SumoOptions::default()).await;
    let slow = stage.sumo.faults().add(FaultRule::always(Target::Sumo, Fault::Delay { millis: 60_000 }));
    stage.fleet.start(stage.source(1));
    stage.sumo.faults().wait_until_struck(slow, 1).await;
    let asked = Instant::now();
    timeout(Duration::from_secs(10), stage.fleet.stop()).await.expect("it stops in time");
    assert!(asked.elapsed() >= Duration::from_secs(7), "what is under way gets its time");
}

#[tokio::test]
async fn a_poll_is_made_at_once_when_somebody_asks() {
    let stage = Stage::with_file_events(10).await;
    let mut source = stage.source(1);
    source.config.polling_interval = Duration::from_secs(86_400);
    stage.collect(source).await;
    stage.receive_all().await;
    for _ in 0..3 {
        let asked = stage.requests_to("file-events");
        stage.fleet.poll_now(SourceId(1));
        stage.pass_requests(1).await;
        assert!(stage.requests_to("file-events") > asked);
    }
}
