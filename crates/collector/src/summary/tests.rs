use super::*;

fn summary() -> Summary {
    let watermark = Timestamp::parse(b"2025-01-28T01:24:24.362Z");
    let now = Timestamp::parse(b"2025-01-28T01:24:26.862Z").expect("time");
    let events = StreamTally {
        fetched: 12_345,
        acknowledged: 12_337,
        duplicates: 4,
        excluded: 3,
        dead_letters: 1,
        oversize: 1,
        troubles: 2,
        windows: 1,
        bytes: 34_100_000,
        sent_bytes: 4_000_000,
        watermark,
    };
    let alerts =
        StreamTally { fetched: 1, acknowledged: 1, bytes: 900, sent_bytes: 300, ..Default::default() };
    let tallies = [(Stream::FileEvents, events), (Stream::Alerts, alerts)];
    Summary::new("Code42", &tallies, Duration::from_millis(61_500), now)
}

#[test]
fn the_json_has_the_documented_keys() {
    let json = serde_json::to_value(summary()).expect("json");
    let expected = serde_json::json!({
        "source": "Code42",
        "durationSeconds": 61.5,
        "streams": {
            "fileEvents": {
                "fetched": 12_345, "delivered": 12_337, "duplicates": 4, "excluded": 3, "deadLetters": 1,
                "oversize": 1, "retries": 2, "windows": 1, "bytes": 34_100_000, "sentBytes": 4_000_000, "lagSeconds": 2.5,
                "watermark": "2025-01-28T01:24:24.362Z"
            },
            "alerts": {
                "fetched": 1, "delivered": 1, "duplicates": 0, "excluded": 0, "deadLetters": 0,
                "oversize": 0, "retries": 0, "windows": 0, "bytes": 900, "sentBytes": 300, "lagSeconds": null, "watermark": null
            }
        },
        "totals": {
            "fetched": 12_346, "delivered": 12_338, "duplicates": 4, "excluded": 3, "deadLetters": 1,
            "oversize": 1, "retries": 2, "bytes": 34_100_900, "sentBytes": 4_000_300, "lagSeconds": 2.5
        }
    });
    assert_eq!(json, expected);
}

#[test]
fn the_table_lines_up() {
    let expected = "\
Code42 in 1m 1s
  stream      fetched  delivered  duplicates  excluded  dead letters     size    sent  lag
  fileEvents   12,345     12,337           4         3             1  34.1 MB  4.0 MB   2s
  alerts            1          1           0         0             0    900 B   300 B    -
  all          12,346     12,338           4         3             1  34.1 MB  4.0 MB   2s
";
    assert_eq!(summary().to_string(), expected);
}

#[test]
fn the_file_is_replaced_whole_and_no_draft_stays() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("summary.json");
    std::fs::write(&path, "old").expect("write");
    summary().write_json(&path).expect("written");
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).expect("read")).expect("json");
    assert_eq!(json["totals"]["delivered"], 12_338);
    assert_eq!(std::fs::read_dir(folder.path()).expect("folder").count(), 1);
}

#[test]
fn a_summary_that_cannot_be_written_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("taken");
    std::fs::create_dir(&path).expect("folder");
    assert!(summary().write_json(&path).is_err());
    assert_eq!(std::fs::read_dir(folder.path()).expect("folder").count(), 1);
}
