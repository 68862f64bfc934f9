//! A removed source asks and sends nothing any more.

use std::time::Duration;

use incydr_collector::hosting::{Change, SourceId};
use incydr_core::health::SourceState::{Collecting, Error, Stopping};
use incydr_simulator::{Fault, FaultRule, SumoOptions, Target};

use crate::stage::{Stage, tenant_with, with_wrong_secret};

// F67
#[tokio::test]
async fn nothing_is_asked_or_sent_after_the_removal_of_a_source_that_was_collecting() {
    let slow = SumoOptions { latency: Duration::from_millis(20), ..SumoOptions::default() };
    let stage = Stage::new(tenant_with(20_000), slow).await;
    stage.fleet.start(stage.source(1));
    stage.receive(1_000).await;
    stage.fleet.remove(SourceId(1)).await;
    let (asked, sent) = (stage.incydr.requests().len(), stage.sumo.requests().len());
    let received = stage.sumo.message_count();
    assert!(received < 20_000, "it was in the middle of its work");
    stage.collect(stage.source_with(2, &["auditLogs"])).await;
    let of_others = stage.incydr.requests()[asked..].to_vec();
    assert!(of_others.iter().all(|request| ["oauth", "audit", "audit-count"].contains(&request.endpoint)));
    let of_others = stage.sumo.requests()[sent..].to_vec();
    assert!(of_others.iter().all(|request| request.header("x-sumo-name") == Some("Code42 2")));

    // What it had delivered is committed: the same id goes on there.
    stage.fleet.start(stage.source(1));
    stage.acknowledge(1, 20_000).await;
    stage.fleet.stop().await;
    stage.assert_complete(0);
}

// F67
#[tokio::test]
async fn a_source_can_be_removed_from_every_state_and_closes_its_events() {
    let stage = Stage::with_file_events(10).await;
    stage.fleet.start(stage.source(1));
    stage.fleet.remove(SourceId(1)).await;

    let mut waiting = stage.source(2);
    waiting.first_poll.after = Duration::from_secs(86_400);
    stage.fleet.start(waiting);
    stage.fleet.remove(SourceId(2)).await;

    stage.fleet.start(with_wrong_secret(stage.source(3)));
    stage.chronicle.reach(3, 0, Error).await;
    stage.fleet.remove(SourceId(3)).await;

    stage.collect(stage.source(4)).await;
    let failing = stage.incydr.faults().add(FaultRule::always(Target::FileEvents, Fault::status(500)));
    stage.chronicle.reach(4, 0, Error).await;
    stage.fleet.remove(SourceId(4)).await;
    stage.incydr.faults().remove(failing);

    let hanging =
        stage.incydr.faults().add(FaultRule::always(Target::Oauth, Fault::Delay { millis: 60_000 }));
    stage.fleet.start(stage.source(5));
    stage.incydr.faults().wait_until_struck(hanging, 1).await;
    stage.fleet.remove(SourceId(5)).await;

    for id in 1..=5 {
        assert_eq!(stage.chronicle.states(id).last(), Some(&Stopping), "source {id}");
        let count = |wanted: fn(&Change) -> bool| {
            stage.chronicle.of(id).iter().filter(|change| wanted(change)).count()
        };
        let opened = count(|change| matches!(change, Change::HealthOpened(_)));
        let closed = count(|change| matches!(change, Change::HealthClosed(_)));
        assert_eq!(opened, closed, "source {id}");
        assert_eq!(stage.fleet.status(SourceId(id)), None);
    }
    assert!(stage.chronicle.states(4).contains(&Collecting));
}

#[tokio::test]
async fn a_source_that_nobody_knows_may_be_removed_updated_and_restarted_without_effect() {
    let stage = Stage::with_file_events(0).await;
    stage.fleet.remove(SourceId(9)).await;
    stage.fleet.update(stage.source(9));
    stage.fleet.restart(SourceId(9));
    stage.fleet.poll_now(SourceId(9));
    assert_eq!(stage.fleet.status(SourceId(9)), None);
    assert!(stage.chronicle.of(9).is_empty());
}
