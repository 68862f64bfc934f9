//! How sources did over time.

use std::sync::Arc;
use std::time::Duration;

use incydr_collector::hosting::{Change, Scale, SourceId, SpanFigures};
use incydr_collector::supervision::stream_meter::Course;
use incydr_core::clock::Clock;
use incydr_core::health::SourceState;
use incydr_core::stream::Stream;

use crate::stage::{Stage, now};
use crate::stalls::AdvancedClock;

/// What the journal was told of file events.
fn course_of(change: &Change) -> Option<Vec<u8>> {
    match change {
        Change::Charted { stream: Stream::FileEvents, course } => Some(course.clone()),
        _ => None,
    }
}

fn sum(spans: &[SpanFigures]) -> SpanFigures {
    spans.iter().fold(SpanFigures::default(), |sum, span| SpanFigures {
        events: sum.events + span.events,
        bytes: sum.bytes + span.bytes,
        requests: sum.requests + span.requests,
        request_micros: sum.request_micros + span.request_micros,
    })
}

#[tokio::test]
async fn every_scale_shows_what_was_delivered_and_how_long_the_vendor_took() {
    let stage = Stage::with_file_events(100).await;
    stage.collect(stage.source(1)).await;
    stage.acknowledge(1, 100).await;
    for scale in Scale::ALL {
        let charts = stage.fleet.charts(SourceId(1), scale).expect("it runs");
        let [(Stream::FileEvents, spans)] = &charts.streams[..] else { panic!("{charts:?}") };
        assert_eq!((spans.len(), charts.tenant_requests.len()), (scale.spans(), scale.spans()));
        assert!(charts.last_begin <= now() && now().since(charts.last_begin) < 2 * scale.span());
        let whole = sum(spans);
        assert_eq!(whole.events, 100);
        assert!(whole.bytes > 100 * 100 && whole.requests >= 1 && whole.request_micros > 0, "{whole:?}");
        assert_eq!(charts.allowed_per_minute, Some(60_000));
    }
    assert_eq!(stage.fleet.charts(SourceId(2), Scale::Day), None);
}

#[tokio::test]
async fn requests_of_the_tenant_are_those_of_all_of_its_sources() {
    let stage = Stage::with_file_events(0).await;
    for id in [1, 2] {
        stage.collect(stage.source(id)).await;
    }
    stage.pass_requests(6).await;
    stage.fleet.remove(SourceId(2)).await;
    stage.collect(stage.source(2)).await;
    let requests = |id| {
        let charts = stage.fleet.charts(SourceId(id), Scale::Week).expect("it runs");
        (sum(&charts.streams[0].1).requests, charts.tenant_requests.iter().sum::<u64>())
    };
    stage.pass_requests(6).await;
    let (own, before) = requests(1);
    let (other, after) = requests(2);
    assert!(own >= 1 && other >= 1);
    assert!(before >= own && after >= own + other, "{own} and {other} of {before} and {after}");
}

#[tokio::test]
async fn what_was_told_at_the_end_of_a_process_goes_on_in_the_next_one() {
    let mut stage = Stage::with_file_events(40).await;
    stage.collect(stage.source(1)).await;
    stage.acknowledge(1, 40).await;
    stage.fleet.stop().await;
    let course = stage.chronicle.hear(1, 0, course_of).await;
    stage.restart_process().await;
    stage.fleet.recall(SourceId(1), Stream::FileEvents, &course);
    stage.fleet.recall(SourceId(1), Stream::Alerts, b"what nobody told");
    stage.collect(stage.source(1)).await;
    stage.pass_requests(3).await;
    let charts = stage.fleet.charts(SourceId(1), Scale::Day).expect("it runs");
    assert_eq!(sum(&charts.streams[0].1).events, 40);
    assert_eq!(stage.status(1).streams[0].events_per_minute.iter().sum::<u32>(), 40);
}

#[tokio::test]
async fn within_an_hour_the_journal_hears_what_a_crash_would_forget() {
    let stage = Stage::with_file_events(10).await;
    let clock = Arc::new(AdvancedClock::default());
    let fleet = stage.fleet_by(clock.clone());
    fleet.start(stage.source(1));
    stage.chronicle.reach(1, 0, SourceState::Collecting).await;
    let charted = || fleet.charts(SourceId(1), Scale::Hour).expect("it runs").streams;
    while sum(&charted()[0].1).events < 10 {
        stage.pass_requests(1).await;
    }
    assert!(stage.chronicle.of(1).iter().all(|change| course_of(change).is_none()));
    clock.advance(Duration::from_secs(3_600));
    let course = stage.chronicle.hear(1, 0, course_of).await;
    let course = Course::from_bytes(&course, clock.now()).expect("it was told so");
    assert_eq!(sum(&course.until(clock.now(), Scale::Day)).events, 10);
}
