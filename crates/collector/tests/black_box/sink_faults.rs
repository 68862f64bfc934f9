//! What Sumo Logic may answer instead of 200, or not answer: nothing is lost, and the health event says it.

use std::time::Duration;

use incydr_simulator::{BreakKind, Fault, FaultRule, Target, When};

use crate::health_log::{assert_never_ill, assert_only};
use crate::stage::Stage;

/// Fits one batch, so that every answer is about the same events.
const ONE_BATCH: u64 = 200;
/// About ten batches.
const SEVERAL_BATCHES: u64 = 3_000;

fn kept_but(answer: Fault, share: f64) -> Vec<Fault> {
    vec![Fault::Ingest { share }, answer]
}

fn statuses(stage: &Stage, wanted: u16) -> usize {
    stage.sumo.requests().iter().filter(|request| request.status == Some(wanted)).count()
}

/// F56.
#[tokio::test]
async fn batches_that_are_too_large_are_halved_until_they_fit_and_the_limit_is_kept_in_mind() {
    const LIMIT: u64 = 300_000;
    let stage = Stage::with_file_events(SEVERAL_BATCHES).await;
    stage
        .sumo
        .faults()
        .add(FaultRule::always(Target::Sumo, Fault::RefuseAbove { bytes: LIMIT, status: 413 }));
    let log = stage.collect().to_sumo().succeed().await;
    stage.assert_complete(0);
    assert_never_ill(&log);
    assert!(stage.sumo.received().batches.iter().all(|batch| batch.decoded_bytes <= LIMIT));
    // Four batches may learn at once, each by two refusals.
    assert!((2..=8).contains(&statuses(&stage, 413)), "{} refusals", statuses(&stage, 413));
}

/// F57.
#[tokio::test]
async fn a_throttling_sink_is_given_the_time_it_asks_for() {
    let stage = Stage::with_file_events(ONE_BATCH).await;
    stage.sumo.faults().add(FaultRule::nth(Target::Sumo, 1, Fault::throttle("2")));
    stage.sumo.faults().add(FaultRule::nth(Target::Sumo, 2, Fault::status(429)));
    let log = stage.collect().to_sumo().succeed().await;
    stage.assert_complete(0);
    assert_only(&log, "SinkThrottled");
    let at: Vec<_> = stage.sumo.requests().iter().map(|request| request.at).collect();
    assert_eq!(at.len(), 3);
    assert!(at[1].since(at[0]) >= Duration::from_secs(2), "{at:?}");
}

/// F58, the passing ones.
#[tokio::test]
async fn failures_of_the_sink_s_servers_are_retried_until_they_pass() {
    let stage = Stage::with_file_events(ONE_BATCH).await;
    for (nth, status) in [500, 502, 503, 504].into_iter().enumerate() {
        let nth = u64::try_from(nth).expect("small") + 1;
        stage.sumo.faults().add(FaultRule::nth(Target::Sumo, nth, Fault::status(status)));
    }
    let log = stage.collect().to_sumo().succeed().await;
    stage.assert_complete(0);
    assert_only(&log, "SinkUnreachable");
    assert_eq!(stage.sumo.requests().len(), 5);
}

/// F58, the lasting ones: the address is wrong, and only its owner can mend it.
#[tokio::test]
async fn events_are_kept_while_the_sink_refuses_its_address() {
    let stage = Stage::with_file_events(ONE_BATCH).await;
    for status in [401, 404] {
        let refusal = stage.sumo.faults().add(FaultRule::always(Target::Sumo, Fault::status(status)));
        let mut running = stage.collect().to_sumo().start();
        running.hear("SinkRejected").await;
        running.signal("TERM").await;
        assert!(running.end().await.status.success());
        stage.sumo.faults().remove(refusal);
        let place = stage.place().await;
        assert_eq!(
            (place.totals.acknowledged, place.checkpoint.watermark),
            (0, None),
            "nothing was delivered"
        );
    }
    assert_eq!(stage.sumo.message_count(), 0);
    stage.collect().to_sumo().succeed().await;
    stage.assert_complete(0);
}

/// F59: half of a batch was taken in when the service ran out of time.
#[tokio::test]
async fn a_batch_that_took_too_long_is_sent_again_unchanged_and_then_in_halves() {
    let stage = Stage::with_file_events(ONE_BATCH).await;
    let timeouts =
        FaultRule { target: Target::Sumo, when: When::next(2), faults: kept_but(Fault::status(408), 0.5) };
    stage.sumo.faults().add(timeouts);
    let log = stage.collect().to_sumo().succeed().await;
    stage.assert_complete(ONE_BATCH);
    assert_only(&log, "SinkSlow");
    let batches = stage.sumo.received().batches;
    assert_eq!(batches.len(), 4);
    assert_eq!(batches[0].digest, batches[1].digest);
    assert_eq!(batches[2].messages + batches[3].messages, ONE_BATCH);
}

/// F60.
#[tokio::test]
async fn a_batch_whose_answer_was_lost_is_sent_again_unchanged() {
    for how in [BreakKind::Close, BreakKind::Reset, BreakKind::Garbage] {
        let stage = Stage::with_file_events(ONE_BATCH).await;
        let lost = FaultRule {
            target: Target::Sumo,
            when: When::nth(1),
            faults: kept_but(Fault::no_answer(how), 1.0),
        };
        stage.sumo.faults().add(lost);
        let log = stage.collect().to_sumo().succeed().await;
        stage.assert_complete(ONE_BATCH);
        assert_only(&log, "SinkUnreachable");
        let batches = stage.sumo.received().batches;
        assert_eq!((batches.len(), batches[0].digest), (2, batches[1].digest), "{how:?}");
    }
}

/// F63: four batches wait, a page is half read, and nothing more is asked for.
#[tokio::test]
async fn collection_stops_while_the_sink_is_gone_and_goes_on_when_it_is_back() {
    let stage = Stage::with_file_events(25_000).await;
    let gone = Fault::no_answer(BreakKind::Close);
    let gone = stage.sumo.faults().add(FaultRule::always(Target::Connection, gone));
    let running = stage.collect().to_sumo().start();
    stage.sumo.faults().wait_until_struck(gone, 12).await;
    let pages = stage.incydr.traffic().endpoints["file-events"].requests;
    // One counts, one is the page.
    assert!(pages <= 2, "{pages} requests though nothing could be delivered");
    stage.sumo.faults().clear();
    let ended = running.end().await;
    assert!(ended.status.success());
    stage.assert_complete(0);
    assert_only(&ended.log, "SinkUnreachable");
}
