//! Probes and metrics of the real program.

use std::collections::HashSet;

use crate::one_source::OneSource;

#[tokio::test]
async fn probes_and_metrics_need_no_key_on_loopback_and_everything_else_does() {
    let hosted = OneSource::with_file_events(10, |_, _| ()).await;
    assert_eq!(hosted.ask_as_nobody("/healthz").await, (200, "ok\n".to_owned()));
    assert_eq!(hosted.ask_as_nobody("/readyz").await, (200, "ready\n".to_owned()));
    assert_eq!(hosted.ask_as_nobody("/metrics").await.0, 200);
    assert_eq!(hosted.ask_as_nobody("/api/v1/collectors").await.0, 401);
}

#[tokio::test]
async fn metrics_tell_of_events_requests_the_api_and_the_process() {
    let hosted = OneSource::with_file_events(200, |_, _| ()).await;
    hosted.settled(200).await;
    hosted.daemon.get("/made/up/by/a/client").await;
    let (_, text) = hosted.ask_as_nobody("/metrics").await;
    for (name, labels, least) in [
        ("incydr_collector_events_total", "stream=\"fileEvents\",outcome=\"acknowledged\"", 200.0),
        ("incydr_collector_event_bytes_total", "stream=\"fileEvents\"", 1.0),
        ("incydr_collector_lag_seconds", "stream=\"fileEvents\"", 0.0),
        ("incydr_collector_source_state", "state=\"Collecting\"", 1.0),
        ("incydr_collector_request_duration_seconds_count", "vendor=\"incydr\",status=\"200\"", 2.0),
        (
            "incydr_collector_request_duration_seconds_bucket",
            "vendor=\"sumo\",status=\"200\",le=\"+Inf\"",
            1.0,
        ),
        ("incydr_collector_request_budget_allowed", "source=", 1.0),
        ("incydr_collector_api_requests_total", "route=\"unknown\",status=\"404\"", 1.0),
        ("process_resident_memory_bytes", "", 1_000_000.0),
    ] {
        let value = text
            .lines()
            .find(|line| line.starts_with(name) && line.contains(labels))
            .and_then(|line| line.rsplit(' ').next()?.parse::<f64>().ok());
        assert!(value >= Some(least), "{name} {labels}: {value:?}\n{text}");
    }
    assert!(!text.contains("made/up"));
}

#[tokio::test]
async fn every_series_follows_the_description_of_its_family_and_none_is_told_twice() {
    let hosted = OneSource::with_file_events(10, |_, _| ()).await;
    hosted.settled(10).await;
    let (_, text) = hosted.ask_as_nobody("/metrics").await;
    let (mut series, mut families, mut current) = (HashSet::new(), HashSet::new(), "");
    for line in text.lines() {
        if let Some(described) = line.strip_prefix("# TYPE ") {
            current = described.split(' ').next().expect("a name");
            assert!(families.insert(current), "{line}");
            assert!(current.starts_with("incydr_collector_") || current.starts_with("process_"), "{line}");
        } else if !line.starts_with("# HELP ") {
            let (key, value) = line.rsplit_once(' ').expect("a value");
            let name = key.split('{').next().expect("a name");
            assert!(value.parse::<f64>().is_ok(), "{line}");
            assert!(name.starts_with(current), "{line} is outside of {current}");
            assert!(series.insert(key), "{line} is told twice");
        }
    }
}
