//! History beside the live stream.

use std::time::Duration;

use incydr_collector::hosting::{Backfill, BackfillOutcome, Change, HostedSource, SourceId};
use incydr_core::health::SourceState::Collecting;
use incydr_core::stream::Stream;
use incydr_simulator::{Fault, FaultRule, SumoOptions, Target};

use crate::stage::{Stage, now, tenant_with};

const HOUR: Duration = Duration::from_secs(3_600);

/// A source that begins now, so that everything there is lies in its past.
fn beginning_now(mut source: HostedSource) -> HostedSource {
    source.since = now();
    source
}

fn whole_day(number: u64) -> Backfill {
    Backfill { number, stream: Stream::FileEvents, from: now().minus(25 * HOUR), to: now() }
}

#[tokio::test]
async fn a_backfill_brings_history_once_and_ends_while_the_live_stream_goes_on() {
    let stage = Stage::with_file_events(1_000).await;
    stage.collect(beginning_now(stage.source(1))).await;
    stage.fleet.begin_backfill(SourceId(1), whole_day(7));
    assert_eq!(stage.chronicle.backfill_ended(1, 7).await, BackfillOutcome::Complete);
    assert!(stage.status(1).backfills.is_empty());
    stage.incydr.add_burst(3, stage.incydr.clock().now());
    stage.receive(1_003).await;
    stage.acknowledge(1, 3).await;
    stage.fleet.stop().await;
    stage.assert_complete(0);
}

#[tokio::test]
async fn a_backfill_goes_on_in_the_next_process_and_after_an_update() {
    let slow = SumoOptions { latency: Duration::from_millis(30), ..SumoOptions::default() };
    let mut stage = Stage::new(tenant_with(20_000), slow).await;
    let mut source = beginning_now(stage.source(1));
    source.backfills = vec![whole_day(1)];
    stage.fleet.start(source.clone());
    stage.receive(2_000).await;
    let status = stage.status(1);
    assert_eq!(status.backfills[0].backfill, source.backfills[0]);
    assert!(status.backfills[0].progress.as_ref().is_some_and(|progress| progress.is_polling));
    stage.restart_process().await;
    assert!(stage.sumo.message_count() < 20_000, "it was in the middle of its work");

    stage.fleet.start(source.clone());
    stage.receive(5_000).await;
    let mut update = source;
    update.config.polling_interval *= 2;
    stage.fleet.update(update);
    assert_eq!(stage.chronicle.backfill_ended(1, 1).await, BackfillOutcome::Complete);
    stage.fleet.stop().await;
    stage.assert_complete(0);
}

#[tokio::test]
async fn a_cancelled_backfill_ends_and_the_live_stream_goes_on() {
    let slow = SumoOptions { latency: Duration::from_millis(30), ..SumoOptions::default() };
    let stage = Stage::new(tenant_with(20_000), slow).await;
    stage.collect(beginning_now(stage.source(1))).await;
    stage.fleet.begin_backfill(SourceId(1), whole_day(1));
    stage.receive(1_000).await;
    stage.fleet.cancel_backfill(SourceId(1), 1);
    assert_eq!(stage.chronicle.backfill_ended(1, 1).await, BackfillOutcome::Cancelled);
    let received = stage.sumo.message_count();
    assert!(received < 20_000);
    stage.incydr.add_burst(1, stage.incydr.clock().now());
    stage.receive(received + 1).await;
    stage.fleet.stop().await;
    assert_eq!(stage.sumo.message_count(), received + 1, "nothing of the backfill came after its end");
}

#[tokio::test]
async fn a_backfill_that_may_not_be_read_fails_alone() {
    let stage = Stage::with_file_events(10).await;
    stage.collect(stage.source_with(1, &["auditLogs"])).await;
    stage.incydr.faults().add(FaultRule::always(Target::FileEvents, Fault::status(403)));
    stage.fleet.begin_backfill(SourceId(1), whole_day(4));
    let outcome = stage.chronicle.backfill_ended(1, 4).await;
    assert!(matches!(outcome, BackfillOutcome::Failed(trouble) if trouble.tracker == "Scope"));
    assert_eq!(stage.status(1).state.state, Collecting);
    assert!(stage.status(1).open_events.is_empty());
}

#[tokio::test]
async fn backfills_that_wait_for_credentials_can_be_cancelled() {
    let stage = Stage::with_file_events(10).await;
    stage.incydr.faults().add(FaultRule::always(Target::Oauth, Fault::status(500)));
    let mut source = stage.source(1);
    source.backfills = vec![whole_day(1), whole_day(2)];
    stage.fleet.start(source);
    stage.chronicle.opened(1, 0).await;
    stage.fleet.cancel_backfill(SourceId(1), 2);
    assert_eq!(stage.chronicle.backfill_ended(1, 2).await, BackfillOutcome::Cancelled);
    assert_eq!(stage.status(1).backfills.len(), 1);
}

#[tokio::test]
async fn a_backfill_that_is_cancelled_before_it_began_ends_once() {
    let stage = Stage::with_file_events(10).await;
    stage.collect(beginning_now(stage.source(1))).await;
    stage.fleet.begin_backfill(SourceId(1), whole_day(1));
    stage.fleet.cancel_backfill(SourceId(1), 1);
    assert_eq!(stage.chronicle.backfill_ended(1, 1).await, BackfillOutcome::Cancelled);
    stage.pass_requests(5).await;
    let ended = |change: &&Change| matches!(change, Change::BackfillEnded { .. });
    assert_eq!(stage.chronicle.of(1).iter().filter(ended).count(), 1);
    assert!(stage.status(1).backfills.is_empty());
    assert_eq!(stage.sumo.message_count(), 0);
}
