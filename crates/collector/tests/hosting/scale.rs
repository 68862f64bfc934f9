//! Many sources in one process.

use std::time::Duration;

use incydr_collector::hosting::{FirstPoll, SourceId};
use incydr_core::health::SourceState::Collecting;

use crate::stage::{Stage, now};

// F69
#[tokio::test]
async fn no_source_asks_anything_before_its_turn_and_all_have_theirs_within_one_interval() {
    const SOURCES: usize = 30;
    let interval = Duration::from_millis(600);
    let stage = Stage::with_file_events(0).await;
    let started = now();
    for index in 0..SOURCES {
        let mut source = stage.source(index as u64);
        source.first_poll = FirstPoll::of(index, SOURCES, interval);
        assert!(source.first_poll.after < interval);
        stage.fleet.start(source);
    }
    for index in 0..SOURCES {
        stage.chronicle.reach(index as u64, 0, Collecting).await;
    }
    let requests = stage.incydr.requests();
    let tokens: Vec<_> = requests.iter().filter(|request| request.endpoint == "oauth").collect();
    assert_eq!(tokens.len(), SOURCES);
    for (index, token) in tokens.iter().enumerate() {
        let turn = started.plus(FirstPoll::of(index, SOURCES, interval).after).as_millis();
        assert!(token.at.as_nanos() / 1_000_000 >= turn, "source {index} came too early");
    }
    stage.fleet.stop().await;
}

#[tokio::test]
async fn a_source_that_waits_for_its_turn_polls_at_once_when_somebody_asks() {
    let stage = Stage::with_file_events(5).await;
    let mut source = stage.source(1);
    source.first_poll.after = Duration::from_secs(86_400);
    stage.fleet.start(source);
    stage.fleet.poll_now(SourceId(1));
    stage.receive_all().await;
}

#[tokio::test]
async fn every_source_is_shown_with_its_figures() {
    let stage = Stage::with_file_events(50).await;
    for id in [2, 1, 3] {
        stage.collect(stage.source(id)).await;
    }
    for id in 1..=3 {
        stage.acknowledge(id, 50).await;
    }
    let mut shown = Vec::new();
    stage.fleet.for_each_status(|status| shown.push(status));
    assert_eq!(shown.iter().map(|status| status.id.0).collect::<Vec<_>>(), [1, 2, 3]);
    for status in &shown {
        let stream = &status.streams[0];
        assert_eq!(stream.totals.counts.acknowledged, 50);
        assert_eq!(stream.events_per_minute.iter().sum::<u32>(), 50);
        assert!(stream.totals.bytes > 0 && stream.totals.sent_bytes > 0);
        assert!(stream.last_success.is_some() && stream.watermark.is_some());
        let budget = status.budget.expect("it has asked");
        assert_eq!(budget.allowed, 60_000);
        assert!(budget.used >= 6, "one budget for all three, which share a tenant: {budget:?}");
    }
}
