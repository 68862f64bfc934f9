//! A state file that cannot be written: sending stops, nothing is lost, and no restart is needed afterwards.

use std::time::Duration;

use incydr_simulator::{Fault, FaultRule, Target};

use crate::foreign_lock::ForeignLock;
use crate::health_log::assert_only;
use crate::stage::{Running, Stage};

const EVENTS: u64 = 3_000;
/// Batches that may be delivered and not yet committed.
const IN_FLIGHT: usize = 4;
/// Room for the shared memory beside the state file, and for hardly anything else.
const NO_ROOM: u64 = 40_960;

/// A run whose first deliveries are on their way, and answered only in two seconds.
async fn run_with_deliveries_under_way(stage: &Stage) -> Running {
    let delay = Fault::Delay { millis: 2_000 };
    let slow = stage.sumo.faults().add(FaultRule::next(Target::Sumo, 4, delay));
    let running = stage.collect().surviving_full_files().to_sumo().start();
    stage.sumo.faults().wait_until_struck(slow, 1).await;
    running
}

/// F12. A limit on the size of files stands for the full disk, because it needs no privilege.
#[tokio::test]
async fn sending_stops_while_the_state_has_no_room_and_goes_on_without_a_restart() {
    let stage = Stage::with_file_events(EVENTS).await;
    let mut running = run_with_deliveries_under_way(&stage).await;
    running.limit_file_bytes(Some(NO_ROOM)).await;
    running.hear("\"tracker\":\"StorageFull\"").await;
    assert!(stage.sumo.requests().len() <= IN_FLIGHT);
    running.limit_file_bytes(None).await;
    let ended = running.end().await;
    assert!(ended.status.success());
    stage.assert_complete(0);
    assert_only(&ended.log, "StorageFull");
}

/// F14.
#[tokio::test]
async fn a_state_locked_by_another_program_is_waited_for() {
    let stage = Stage::with_file_events(EVENTS).await;
    let mut running = run_with_deliveries_under_way(&stage).await;
    let lock = ForeignLock::take(&stage.path("state.db")).await;
    running.hear("\"tracker\":\"StorageBusy\"").await;
    assert!(stage.sumo.requests().len() <= IN_FLIGHT);
    lock.release().await;
    let ended = running.end().await;
    assert!(ended.status.success());
    stage.assert_complete(0);
    assert_only(&ended.log, "StorageBusy");
}

/// F14, between two polls: the trouble is met before anything is on its way, and is over all the same.
#[tokio::test]
async fn a_lock_met_at_the_beginning_of_a_poll_is_over_with_the_next_poll_that_succeeds() {
    let stage = Stage::with_file_events(100).await;
    let mut running = stage.collect().to_sumo().following().start();
    running.hear("window closed").await;
    let lock = ForeignLock::take(&stage.path("state.db")).await;
    running.hear("\"tracker\":\"StorageBusy\"").await;
    lock.release().await;
    running.hear("health event closed").await;
    stage.incydr.add_burst(50, stage.incydr.clock().now());
    stage.sumo.wait_for_messages(150).await;
    running.signal("TERM").await;
    assert!(running.end().await.status.success());
    stage.assert_complete(0);
}

/// F16. No folder of these is ever writable, not even for root.
#[tokio::test]
async fn a_state_that_can_never_be_written_ends_the_run_with_one_sentence_before_anything_is_sent() {
    let stage = Stage::with_file_events(10).await;
    let below_a_file = stage.path("code42.json").join("state.db");
    for state in [below_a_file.to_str().expect("text"), "/proc/state.db"] {
        let collect = stage.collect_with_state(state.as_ref()).to_sumo();
        let ended =
            tokio::time::timeout(Duration::from_secs(30), collect.start().end()).await.expect("it ends");
        assert_eq!(ended.status.code(), Some(1), "{:?}", ended.log);
        let errors: Vec<_> = ended.log.iter().filter(|line| line.starts_with("error: ")).collect();
        assert_eq!(errors.len(), 1, "{:?}", ended.log);
        assert!(errors[0].contains("not writable"), "{errors:?}");
    }
    assert!(stage.incydr.requests().is_empty());
}
