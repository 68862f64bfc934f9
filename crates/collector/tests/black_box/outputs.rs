//! What arrives where: on standard output, in the archive, in several places, and in the headers of Sumo Logic.

use std::collections::BTreeSet;

use incydr_simulator::{Digest, RecordKind};
use serde_json::{Value, json};

use crate::health_log::{assert_never_ill, assert_only};
use crate::stage::Stage;

const EVENTS: u64 = 1_000;

/// Exactly the lines of all file events, each once.
fn assert_all_events(stage: &Stage, lines: &[Vec<u8>]) {
    let mut found: Vec<_> = lines.iter().map(|line| Digest::of(line)).collect();
    let mut wanted: Vec<_> =
        stage.incydr.truth().of_kind(RecordKind::FileEvent).map(|entry| entry.digest).collect();
    found.sort();
    wanted.sort();
    assert!(found == wanted, "{} lines for {} events", found.len(), wanted.len());
}

#[tokio::test]
async fn standard_output_holds_every_event_as_it_came_and_nothing_else() {
    let stage = Stage::with_file_events(EVENTS).await;
    let file = stage.path("events.ndjson");
    stage.collect().to_stdout(&file).succeed().await;
    let bytes = std::fs::read(&file).expect("the output");
    assert_eq!(bytes.last(), Some(&b'\n'));
    let lines: Vec<_> = bytes[..bytes.len() - 1].split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    assert_all_events(&stage, &lines);
}

#[tokio::test]
async fn the_archive_is_laid_out_by_stream_and_by_the_day_of_each_event() {
    let stage = Stage::with_file_events(EVENTS).await;
    let log = stage.collect().to_archive().succeed().await;
    assert_never_ill(&log);
    assert_all_events(&stage, &stage.archived_lines());
    let mut days = BTreeSet::new();
    for entry in std::fs::read_dir(stage.path("archive/stream=fileEvents")).expect("the stream's folder") {
        let folder = entry.expect("readable").path();
        let name = folder.file_name().and_then(|name| name.to_str()).expect("text").to_owned();
        let day = name.strip_prefix("date=").expect("a day").to_owned();
        for file in std::fs::read_dir(&folder).expect("the day's folder") {
            let file = file.expect("readable").path();
            assert!(file.to_string_lossy().ends_with(".ndjson.zst"), "{}", file.display());
            let text = zstd::decode_all(std::fs::File::open(&file).expect("readable")).expect("zstd");
            for line in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
                let event: Value = serde_json::from_slice(line).expect("JSON");
                let inserted = event["event"]["inserted"].as_str().expect("a time").to_owned();
                assert_eq!(inserted[..10], day);
            }
        }
        days.insert(day);
    }
    assert!(days.len() >= 2, "24 hours touch two days: {days:?}");
}

#[tokio::test]
async fn an_event_is_done_only_when_every_destination_has_it() {
    let stage = Stage::with_file_events(EVENTS).await;
    stage.sumo.go_down().await;
    let mut running = stage.collect().to_sumo().to_archive().start();
    running.hear("SinkUnreachable").await;
    assert!(stage.archived_lines().is_empty());
    stage.sumo.come_up().await.expect("the port is still free");
    let ended = running.end().await;

    assert!(ended.status.success());
    assert_only(&ended.log, "SinkUnreachable");
    stage.assert_complete(0);
    assert_all_events(&stage, &stage.archived_lines());
}

#[tokio::test]
async fn every_request_to_sumo_says_what_the_source_is_and_where_its_events_belong() {
    let stage = Stage::with_file_events(EVENTS).await;
    let fields = json!({ "env": "prod", "team": "secops", "_siemForward": true });
    stage.write_source(
        &["fileEvents"],
        json!({ "name": "Code 42 é", "category": "sec/code42", "fields": fields }),
    );
    stage.collect().to_sumo().succeed().await;
    stage.assert_complete(0);
    let requests = stage.sumo.requests();
    assert!(requests.len() >= 3);
    for request in requests {
        assert_eq!(request.header("x-sumo-name"), Some("Code 42 é"));
        assert_eq!(request.header("x-sumo-category"), Some("sec/code42"));
        assert_eq!(request.header("x-sumo-host"), Some("127.0.0.1"));
        assert_eq!(request.header("x-sumo-client"), Some("incydr-collector"));
        assert_eq!(request.header("content-encoding"), Some("gzip"));
        let fields: BTreeSet<_> = request.header("x-sumo-fields").expect("fields").split(", ").collect();
        let parser = "_siemParser=/Parsers/System/Code42/Code42 Incydr";
        assert_eq!(fields, BTreeSet::from(["env=prod", "team=secops", "_siemForward=true", parser]));
    }
}
