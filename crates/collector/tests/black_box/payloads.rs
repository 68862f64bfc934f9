//! Events that a destination cannot take as they are, and the sizes of requests.

use std::time::Duration;

use incydr_core::timestamp::Timestamp;
use incydr_simulator::{Fault, FaultRule, GivenEvent, MESSAGE_LIMIT, Target};
use incydr_store::Inspection;

use crate::health_log::assert_never_ill;
use crate::stage::Stage;

const LARGEST_REQUEST: u64 = 1_000_000;

fn an_hour_ago(stage: &Stage) -> incydr_simulator::Moment {
    stage.incydr.clock().now().minus(Duration::from_secs(3_600))
}

/// F46: what is longer than a message of Sumo Logic arrives whole, alone where it must, and is counted.
#[tokio::test]
async fn oversize_events_arrive_whole_and_are_counted() {
    const LARGE: usize = 10_000_000;
    let stage = Stage::with_file_events(100).await;
    let at = an_hour_ago(&stage);
    let sizes = [MESSAGE_LIMIT - 1, MESSAGE_LIMIT, MESSAGE_LIMIT + 1, LARGE];
    let events = sizes.map(|size| GivenEvent::sized(&format!("sized-{size}"), at, size));
    stage.incydr.add_events(events, at);
    let log = stage.collect().to_sumo().succeed().await;
    stage.assert_complete(0);
    assert_never_ill(&log);
    assert_eq!(stage.summary()["totals"]["oversize"], 2);
    let large: Vec<_> = stage
        .sumo
        .received()
        .batches
        .into_iter()
        .filter(|batch| batch.decoded_bytes > LARGEST_REQUEST)
        .collect();
    assert_eq!(large.len(), 1);
    assert_eq!(large[0].messages, 1);
}

/// F62: 999 good events and one that the receiver refuses for good.
#[tokio::test]
async fn one_poison_event_in_a_thousand_is_isolated_by_few_requests_and_kept_whole() {
    let stage = Stage::with_file_events(999).await;
    let at = an_hour_ago(&stage);
    let poison = GivenEvent::plain("poisoned-event", at);
    stage.incydr.add_events([poison.clone()], at);
    let marker = "poisoned-event".to_owned();
    let refusal = Fault::RefuseContaining { marker, status: 400 };
    stage.sumo.faults().add(FaultRule::always(Target::Sumo, refusal));
    let log = stage.collect().to_sumo().succeed().await;

    let verdict = stage.verdict();
    assert_eq!((verdict.missing, verdict.duplicates), (vec!["poisoned-event".to_owned()], 0));
    assert!(log.iter().any(|line| line.contains("kept a dead letter")));
    assert_eq!(stage.summary()["totals"]["deadLetters"], 1);
    let place = stage.place().await.place;
    let kept = Inspection::of(&stage.path("state.db")).dead_letters(&place, 0, 10).await.expect("readable");
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].letter.raw, poison.bytes);
    assert_eq!(kept[0].letter.time.as_millis(), Timestamp::from_nanos(at.as_nanos()).as_millis());
    let refused = stage.sumo.requests().iter().filter(|request| request.status == Some(400)).count();
    let batches = 999 / 250;
    assert!(stage.sumo.requests().len() <= batches + 1 + 2 * 11, "{refused} refusals");
    assert!(refused <= 11, "{refused} refusals");
}

#[tokio::test]
async fn no_request_is_larger_than_a_million_bytes_before_compression() {
    for compression in ["gzip", "zstd", "none"] {
        let stage = Stage::with_file_events(2_000).await;
        stage.collect().to_sumo().args(["--compression", compression]).succeed().await;
        stage.assert_complete(0);
        let batches = stage.sumo.received().batches;
        assert!(batches.iter().all(|batch| batch.decoded_bytes <= LARGEST_REQUEST));
        assert!(batches.iter().any(|batch| batch.decoded_bytes > LARGEST_REQUEST * 9 / 10));
        assert_eq!(batches.iter().all(|batch| batch.wire_bytes < batch.decoded_bytes), compression != "none");
    }
}
