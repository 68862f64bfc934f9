//! `SIGKILL` at the moments that matter; the random moments are in `kills`.

use std::time::Duration;

use incydr_simulator::{BreakPoint, Fault, FaultRule, Target};
use tokio::time::timeout;

use crate::foreign_lock::ForeignLock;
use crate::health_log::assert_never_ill;
use crate::stage::{Stage, tenant_with};

/// About ten batches.
const EVENTS: u64 = 3_000;
/// Batches that may be without a final answer when the process dies.
const IN_FLIGHT: u64 = 4;

const HANG: Fault = Fault::Hang { at: BreakPoint::BeforeHead };

/// The next run finishes without trouble, and no more than so many batches were repeated.
async fn assert_recovers(stage: &Stage, repeated_batches: u64) {
    stage.incydr.faults().clear();
    stage.sumo.faults().clear();
    let log = stage.collect().to_sumo().succeed().await;
    assert_never_ill(&log);
    let largest = stage.sumo.received().batches.iter().map(|batch| batch.messages).max().unwrap_or(0);
    stage.assert_complete(repeated_batches * largest);
}

/// F01.
#[tokio::test]
async fn killed_before_a_page_request_it_repeats_nothing() {
    let stage = Stage::with_file_events(EVENTS).await;
    for target in [Target::Oauth, Target::FileEvents] {
        let hang = stage.incydr.faults().add(FaultRule::always(target, HANG));
        let running = stage.collect().to_sumo().start();
        stage.incydr.faults().wait_until_struck(hang, 1).await;
        running.kill().await;
        stage.incydr.faults().clear();
    }
    assert_eq!(stage.sumo.message_count(), 0);
    assert_recovers(&stage, 0).await;
}

/// F02, at 20 offsets of one page.
#[tokio::test]
async fn killed_while_a_page_arrives_it_repeats_only_what_was_in_flight() {
    const OFFSETS: u64 = 20;
    let stage = Stage::with_file_events(EVENTS).await;
    let page_bytes: u64 = stage.incydr.truth().entries.iter().map(|entry| entry.len + 1).sum();
    for step in 0..OFFSETS {
        let at = BreakPoint::Body(page_bytes * step / OFFSETS + step);
        let hang = stage.incydr.faults().add(FaultRule::always(Target::FileEvents, Fault::Hang { at }));
        let arrived = stage.sumo.message_count();
        let running = stage.collect().to_sumo().start();
        stage.incydr.faults().wait_until_struck(hang, 1).await;
        // Where the offset is far enough a batch leaves; where it is not, none ever does.
        timeout(Duration::from_millis(100), stage.sumo.wait_for_messages(arrived + 1)).await.unwrap_or(());
        running.kill().await;
        stage.incydr.faults().clear();
    }
    assert!(stage.sumo.message_count() > 0);
    assert_recovers(&stage, OFFSETS * IN_FLIGHT).await;
}

/// F03.
#[tokio::test]
async fn killed_before_anything_was_sent_it_repeats_nothing() {
    let stage = Stage::with_file_events(EVENTS).await;
    let silent = stage.sumo.faults().add(FaultRule::always(Target::Connection, HANG));
    let running = stage.collect().to_sumo().start();
    stage.sumo.faults().wait_until_struck(silent, 1).await;
    running.kill().await;
    assert_eq!(stage.sumo.message_count(), 0);
    // The connections of the dead process are still waiting; they take the rule with them.
    assert_recovers(&stage, 0).await;
}

/// F04: the sink has the batches, and the answer never came.
#[tokio::test]
async fn killed_before_the_sink_s_answer_it_sends_the_same_bytes_again() {
    let stage = Stage::with_file_events(EVENTS).await;
    let silent = FaultRule::always(Target::Sumo, Fault::Ingest { share: 1.0 }).and(HANG);
    let silent = stage.sumo.faults().add(silent);
    let running = stage.collect().to_sumo().start();
    stage.sumo.faults().wait_until_struck(silent, IN_FLIGHT).await;
    stage.sumo.wait_for_messages(1).await;
    running.kill().await;
    let unanswered = stage.sumo.received().batches;
    assert!(u64::try_from(unanswered.len()).expect("small") <= IN_FLIGHT);
    assert_recovers(&stage, IN_FLIGHT).await;
    let batches = stage.sumo.received().batches;
    for batch in &unanswered {
        let sent = batches.iter().filter(|other| other.digest == batch.digest).count();
        assert_eq!(sent, 2, "the edges of the batches depend on the page alone");
    }
}

/// F05: a lock of another program holds the commit up.
#[tokio::test]
async fn killed_between_answer_and_commit_it_repeats_only_what_was_in_flight() {
    let stage = Stage::with_file_events(EVENTS).await;
    let slow = Fault::Delay { millis: 1_000 };
    let slow = stage.sumo.faults().add(FaultRule::always(Target::Sumo, slow));
    let mut running = stage.collect().to_sumo().start();
    stage.sumo.faults().wait_until_struck(slow, 1).await;
    let lock = ForeignLock::take(&stage.path("state.db")).await;
    running.hear("StorageBusy").await;
    running.kill().await;
    lock.release().await;
    assert!(stage.sumo.message_count() > 0);
    assert_eq!(stage.place().await.totals.acknowledged, 0);
    assert_recovers(&stage, IN_FLIGHT).await;
}

/// F07.
#[tokio::test]
async fn killed_right_after_the_commit_it_repeats_nothing() {
    let stage = Stage::with_file_events(EVENTS).await;
    let mut running = stage.collect().to_sumo().following().start();
    running.hear("window closed").await;
    running.kill().await;
    assert_eq!(stage.place().await.totals.acknowledged, EVENTS);
    assert_recovers(&stage, 0).await;
}

/// F07, in the archive too, where nothing is ever there twice.
#[tokio::test]
async fn killed_between_deliveries_to_two_places_the_archive_holds_nothing_twice() {
    let stage = Stage::new(tenant_with(EVENTS), incydr_simulator::SumoOptions::default()).await;
    let silent = FaultRule::always(Target::Sumo, Fault::Ingest { share: 1.0 }).and(HANG);
    stage.sumo.faults().add(silent);
    let running = stage.collect().to_sumo().to_archive().start();
    stage.sumo.wait_for_messages(1).await;
    running.kill().await;
    assert!(stage.archived_lines().is_empty(), "an event is there when every destination has it");
    stage.sumo.faults().clear();
    stage.collect().to_sumo().to_archive().succeed().await;
    let mut lines = stage.archived_lines();
    lines.sort();
    lines.dedup();
    assert_eq!(lines.len(), usize::try_from(EVENTS).expect("small"));
    assert_eq!(stage.archived_lines().len(), lines.len());
}
