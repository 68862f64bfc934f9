//! What an operator does: stop, start again, start twice, and name an end.

use std::time::Duration;

use incydr_simulator::{BreakPoint, Fault, FaultRule, RecordKind, Target};
use tokio::time::timeout;

use crate::health_log::assert_never_ill;
use crate::stage::{Ended, Running, Stage};

const EVENTS: u64 = 3_000;
/// Batches that may be delivered and not yet committed.
const IN_FLIGHT: u64 = 4;
/// What supervisors of processes usually grant between the signal and the kill.
const GRACE: Duration = Duration::from_secs(10);

async fn ends_in_time(running: Running, signal: &str) -> Ended {
    running.signal(signal).await;
    let ended = timeout(GRACE, running.end()).await.expect("it ends in time");
    assert_eq!(ended.status.code(), Some(0), "{:?}", ended.log);
    ended
}

/// F09: the sink answers in three seconds.
#[tokio::test]
async fn deliveries_in_flight_are_finished_on_sigterm_and_on_ctrl_c() {
    let stage = Stage::with_file_events(EVENTS).await;
    for signal in ["TERM", "INT"] {
        let slow = FaultRule::always(Target::Sumo, Fault::Delay { millis: 3_000 });
        let slow = stage.sumo.faults().add(slow);
        let running = stage.collect().to_sumo().start();
        stage.sumo.faults().wait_until_struck(slow, IN_FLIGHT).await;
        let ended = ends_in_time(running, signal).await;
        assert!(ended.log.iter().any(|line| line.contains("\"state\":\"Stopping\"")), "{:?}", ended.log);
        stage.sumo.faults().clear();
    }
    assert!(stage.place().await.totals.acknowledged > 0);
    stage.collect().to_sumo().succeed().await;
    stage.assert_complete(0);
}

/// F09: the sink never answers.
#[tokio::test]
async fn deliveries_that_are_never_answered_hold_the_end_up_for_less_than_ten_seconds() {
    let stage = Stage::with_file_events(EVENTS).await;
    let hang = Fault::Hang { at: BreakPoint::BeforeHead };
    let silent = FaultRule::always(Target::Sumo, Fault::Ingest { share: 1.0 }).and(hang);
    let silent = stage.sumo.faults().add(silent);
    let running = stage.collect().to_sumo().start();
    stage.sumo.faults().wait_until_struck(silent, IN_FLIGHT).await;
    let ended = ends_in_time(running, "TERM").await;
    assert!(ended.log.iter().any(|line| line.contains("may arrive twice")), "{:?}", ended.log);
    stage.sumo.faults().clear();
    stage.collect().to_sumo().succeed().await;
    let largest = stage.sumo.received().batches.iter().map(|batch| batch.messages).max().unwrap_or(0);
    stage.assert_complete(IN_FLIGHT * largest);
}

#[tokio::test]
async fn a_second_run_says_that_it_goes_on_and_delivers_only_what_is_new() {
    let stage = Stage::with_file_events(500).await;
    let first = stage.collect().to_sumo().succeed().await;
    assert!(!first.iter().any(|line| line.contains("going on where")));
    stage.incydr.add_burst(70, stage.incydr.clock().now());
    let second = stage.collect().to_sumo().succeed().await;
    let line = second.iter().find(|line| line.contains("going on where")).expect("it says so");
    assert!(line.contains("\"stream\":\"fileEvents\"") && line.contains("\"watermark\":"), "{line}");
    stage.assert_complete(0);
    assert_eq!(stage.summary()["totals"]["delivered"], 70);
    assert_never_ill(&second);
}

#[tokio::test]
async fn an_end_in_the_past_is_where_collection_ends_until_a_later_run_goes_on() {
    let stage = Stage::with_file_events(EVENTS).await;
    let until = stage.incydr.clock().now().minus(Duration::from_secs(12 * 3_600)).cut_to(3);
    stage.collect().to_sumo().args(["--until", &until.iso(3)]).succeed().await;
    let truth = stage.incydr.truth();
    let wanted = truth.of_kind(RecordKind::FileEvent).filter(|entry| entry.at <= until).count();
    let received = stage.sumo.received();
    assert_eq!(received.count(RecordKind::FileEvent), wanted);
    let verdict = stage.verdict();
    assert!(wanted > 0 && verdict.missing.len() == truth.of_kind(RecordKind::FileEvent).count() - wanted);

    stage.collect().to_sumo().args(["--until", &until.iso(3)]).succeed().await;
    assert_eq!(stage.sumo.received().messages, received.messages, "nothing is left before the end");
    stage.collect().to_sumo().succeed().await;
    stage.assert_complete(0);
}

#[tokio::test]
async fn a_state_in_use_is_refused_with_the_name_of_its_holder() {
    let stage = Stage::with_file_events(100).await;
    let mut first = stage.collect().to_sumo().following().start();
    first.hear("window closed").await;
    let second = stage.collect().to_sumo().start().end().await;
    assert_eq!(second.status.code(), Some(1));
    let holder = format!("in use by incydr-collector, process {}", first.pid());
    assert!(
        second.log.iter().any(|line| line.starts_with("error: ") && line.contains(&holder)),
        "{:?}",
        second.log
    );
    ends_in_time(first, "TERM").await;
    stage.assert_complete(0);
}

#[tokio::test]
async fn a_run_that_may_wait_begins_when_the_holder_of_the_state_has_ended() {
    let stage = Stage::with_file_events(100).await;
    let mut first = stage.collect().to_sumo().following().start();
    first.hear("window closed").await;
    let mut second = stage.collect().to_sumo().args(["--wait"]).start();
    second.hear("waiting for the state file").await;
    first.kill().await;
    let ended = second.end().await;
    assert!(ended.status.success(), "{:?}", ended.log);
    stage.assert_complete(0);
}

#[tokio::test]
async fn a_run_that_waits_for_the_state_can_be_stopped() {
    let stage = Stage::with_file_events(0).await;
    let mut first = stage.collect().to_sumo().following().start();
    first.hear("window closed").await;
    let mut second = stage.collect().to_sumo().args(["--wait"]).start();
    second.hear("waiting for the state file").await;
    ends_in_time(second, "INT").await;
    ends_in_time(first, "INT").await;
}
