//! Backfills through the API.

use serde_json::{Value, json};

use crate::one_source::OneSource;

/// All that a tenant of the simulator has.
fn whole_history(dry_run: bool) -> Value {
    let until = "2024-01-01T00:00:00Z";
    json!({ "backfill": { "stream": "fileEvents", "from": "2020-01-01T00:00:00Z", "to": until }, "dryRun": dry_run })
}

#[tokio::test]
async fn a_backfill_runs_beside_the_stream_to_its_end_and_stays_in_the_list() {
    let hosted = OneSource::with_file_events(200, |_, _| ()).await;
    let watermark = hosted.settled(200).await["watermark"].clone();
    let wanted =
        json!({ "backfill": { "stream": "fileEvents", "from": "2020-01-01T00:00:00Z", "to": watermark } });
    let mut considered = wanted.clone();
    considered["dryRun"] = json!(true);
    let (status, answer) = hosted.ask("POST", "/backfills", Some(considered)).await;
    assert_eq!((status, &answer["dryRun"]["events"]), (200, &json!(200)), "{answer}");
    assert_eq!(hosted.see("/backfills").await, json!({ "backfills": [] }));

    let (status, created) = hosted.ask("POST", "/backfills", Some(wanted)).await;
    assert_eq!((status, &created["backfill"]["state"]), (201, &json!("Running")), "{created}");
    let one = format!("/backfills/{}", created["backfill"]["id"]);
    let done = hosted.see_when(&one, |seen| seen["backfill"]["state"] == "Completed").await;
    assert_eq!(done["backfill"]["progress"]["acknowledged"], 200);
    assert!(!done["backfill"]["ended"].is_null());
    assert_eq!(hosted.see("/backfills").await["backfills"][0]["id"], created["backfill"]["id"]);
    assert_eq!(hosted.verdict().duplicates, 200, "a backfill knows nothing of the stream");
    assert_eq!(hosted.settled(200).await["acknowledged"], 200, "nor the stream of it");
}

#[tokio::test]
async fn what_the_vendor_does_not_count_is_considered_without_a_count() {
    let hosted = OneSource::with_file_events(10, |_, _| ()).await;
    hosted.settled(10).await;
    let mut wanted = whole_history(true);
    wanted["backfill"]["stream"] = json!("auditLogs");
    let (status, answer) = hosted.ask("POST", "/backfills", Some(wanted)).await;
    assert_eq!(status, 200);
    assert!(answer["dryRun"]["events"].is_null() && answer["dryRun"]["note"].is_string(), "{answer}");
}

#[tokio::test]
async fn a_backfill_that_is_cancelled_stays_cancelled() {
    let hosted = OneSource::with_file_events(10, |_, _| ()).await;
    hosted.settled(10).await;
    let (_, created) = hosted.ask("POST", "/backfills", Some(whole_history(false))).await;
    let one = format!("/backfills/{}", created["backfill"]["id"]);
    let (status, _) = hosted.ask("DELETE", &one, None).await;
    assert_eq!(status, 200);
    let ended = hosted.see(&one).await["backfill"].clone();
    assert!(ended["state"] == "Cancelled" || ended["state"] == "Completed", "{ended}");
    let (status, _) = hosted.ask("DELETE", &one, None).await;
    assert_eq!((status, hosted.see(&one).await["backfill"]["state"].clone()), (200, ended["state"].clone()));
}

#[tokio::test]
async fn a_backfill_that_makes_no_sense_is_refused_in_words() {
    let hosted = OneSource::with_file_events(10, |_, _| ()).await;
    for (key, value) in [
        ("stream", "alerts"),
        ("stream", "nonsense"),
        ("from", "2024-01-01T00:00:00Z"),
        ("to", "2999-01-01T00:00:00Z"),
        ("to", "yesterday"),
    ] {
        let mut wanted = whole_history(false);
        wanted["backfill"][key] = json!(value);
        let (status, problem) = hosted.ask("POST", "/backfills", Some(wanted)).await;
        assert_eq!(status, 400, "{key} {value}: {problem}");
        assert!(problem["message"].as_str().is_some_and(|message| message.ends_with('.')));
    }
    let (status, _) = hosted.ask("GET", "/backfills/7", None).await;
    assert_eq!(status, 404);
}
