//! The invented records themselves.

use std::collections::HashSet;

use incydr_simulator::{
    DataOptions, GivenEvent, GivenRecord, IncydrOptions, Moment, Poison, RateOptions, RecordKind,
    SimulatedIncydr, Visibility, as_line,
};
use serde_json::{Value, json};

use crate::client::{post, search, token};

async fn page_of(file_events: u64, mean_event_bytes: usize, seed: u64) -> Vec<u8> {
    let event_visibility = Visibility::immediate();
    let data =
        DataOptions { seed, file_events, mean_event_bytes, event_visibility, ..DataOptions::default() };
    let rate = RateOptions { per_minute: None, ..RateOptions::default() };
    let incydr =
        SimulatedIncydr::start(IncydrOptions { data, rate, ..IncydrOptions::default() }).await.unwrap();
    let token = token(&incydr).await;
    post(&incydr, &token, "/v2/file-events", &search(10_000, "")).await.body
}

#[tokio::test]
async fn the_default_events_shrink_six_to_ten_times_under_the_fastest_zstd() {
    for (mean, seed) in [(3_100, 1), (3_400, 5), (8_192, 1)] {
        let page = page_of(3_000, mean, seed).await;
        let size = page.len() / 3_000;
        // Batches are compressed one by one, and are at most 1 MB.
        let batches = page.chunks(1_000_000);
        let compressed: usize = batches.map(|batch| zstd::encode_all(batch, 1).unwrap().len()).sum();
        let ratio = page.len() as f64 / compressed as f64;
        println!("mean {mean}: {size} bytes an event, {ratio:.2} x");
        assert!(size.abs_diff(mean) * 10 < mean, "events of {mean} bytes have {size}");
        assert!((6.0..10.0).contains(&ratio), "events of {mean} bytes shrink {ratio} times");
    }
}

#[tokio::test]
async fn the_same_seed_makes_the_same_kinds_of_events_and_another_seed_others() {
    let shapes = async |seed| -> HashSet<String> {
        let page: Value = serde_json::from_slice(&page_of(200, 3_100, seed).await).unwrap();
        let events = page["fileEvents"].as_array().unwrap();
        events.iter().map(|event| event["event"]["id"].to_string()).collect()
    };
    assert_eq!(shapes(1).await, shapes(1).await);
    assert!(shapes(1).await.is_disjoint(&shapes(2).await));
}

#[tokio::test]
async fn the_events_of_a_day_are_as_varied_as_real_ones() {
    let page: Value = serde_json::from_slice(&page_of(2_000, 3_100, 1).await).unwrap();
    let events = page["fileEvents"].as_array().unwrap();
    let distinct = |pointer: &str| {
        events
            .iter()
            .filter_map(|event| event.pointer(pointer))
            .map(Value::to_string)
            .collect::<HashSet<_>>()
            .len()
    };
    assert!(distinct("/user/email") > 100);
    assert!(distinct("/event/vector") >= 5);
    assert!(distinct("/event/observer") >= 4);
    assert_eq!(distinct("/risk/severity"), 5);
    assert!(distinct("/file/hash/sha256") > 1_500);
    let fraction_lens: HashSet<usize> =
        events.iter().map(|event| event["event"]["inserted"].as_str().unwrap().len()).collect();
    assert_eq!(fraction_lens, HashSet::from([27, 30]), "microseconds and nanoseconds");
    assert!(events.iter().any(|event| event.get("git").is_none()), "old documents lack whole branches");
    assert!(
        events.iter().any(|event| event.get("conversation").is_some()),
        "new documents have unknown ones"
    );
}

#[tokio::test]
async fn sample_documents_are_served_as_they_stand_in_their_files() {
    let folder = tempfile::tempdir().unwrap();
    let event = "{\n  \"event\": {\"id\": \"e-1\", \"inserted\": \"2026-01-10T08:00:00.123456Z\"}\n}\n";
    let session =
        json!({"sessionId": "s-1", "beginTime": 1_768_000_000_000_i64, "endTime": 1_768_000_100_000_i64});
    let row = r#"{"type$": "audit_log::logged_in/1", "timestamp": "2026-01-10T08:00:00Z"}"#;
    std::fs::write(folder.path().join("file_event_one.json"), event).unwrap();
    std::fs::write(folder.path().join("session.json"), session.to_string()).unwrap();
    std::fs::write(folder.path().join("audit_logged_in.json"), row).unwrap();
    std::fs::write(folder.path().join("other.json"), "not json").unwrap();
    let incydr = SimulatedIncydr::start(IncydrOptions::default()).await.unwrap();
    incydr.load_samples(folder.path()).unwrap();
    let truth = incydr.truth();
    let kinds: Vec<RecordKind> = truth.entries.iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds, [RecordKind::FileEvent, RecordKind::Session, RecordKind::AuditRow]);
    assert_eq!(
        truth.entries[0].len,
        as_line(event.as_bytes()).len() as u64,
        "the truth knows the document on one line"
    );
    let token = token(&incydr).await;
    let page = post(&incydr, &token, "/v2/file-events", &search(10, "")).await;
    assert!(String::from_utf8(page.body).unwrap().contains(event), "the page holds it with its line breaks");
}

#[test]
fn a_sample_that_lacks_its_id_or_time_is_refused() {
    assert!(GivenEvent::parse(r#"{"event":{"inserted":"2026-01-10T08:00:00Z"}}"#).is_err());
    assert!(GivenEvent::parse(r#"{"event":{"id":"e-1"}}"#).is_err());
    assert!(GivenRecord::audit(r#"{"type$":"x"}"#).is_err());
    assert!(GivenRecord::session(r#"{"sessionId":"x"}"#).is_err());
}

#[test]
fn a_sized_event_has_exactly_that_size_and_is_valid() {
    for len in [65_535, 65_536, 65_537] {
        let event = GivenEvent::sized("sized", Moment::from_millis(0), len);
        assert_eq!(event.bytes.len(), len);
        assert_eq!(GivenEvent::parse(event.bytes.clone()).unwrap().id, "sized");
    }
    assert!(
        Poison::ALL
            .iter()
            .all(|&poison| { GivenEvent::poison(poison, "bad", Moment::default()).id == "bad" })
    );
}
