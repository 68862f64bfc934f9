//! Streams as the API shows them, and what it lets do with them.

use serde_json::json;

use crate::one_source::OneSource;

#[tokio::test]
async fn streams_show_what_has_become_of_their_events_and_what_proves_them_complete() {
    let hosted = OneSource::with_file_events(500, |_, _| ()).await;
    let stream = hosted.settled(500).await;
    assert_eq!((&stream["stream"], &stream["acknowledged"]), (&json!("fileEvents"), &json!(500)));
    assert!(stream["lagSeconds"].as_f64() >= Some(0.0) && stream["lastError"].is_null());
    assert_eq!(stream["eventsPerMinute"].as_array().map(Vec::len), Some(60));
    let seen = hosted.see("/streams").await;
    assert_eq!(seen["streams"].as_array().map(Vec::len), Some(2));
    assert!(seen["budget"]["used"].as_u64() > Some(0));
    let proofs = hosted.see("/streams/fileEvents/proofs").await;
    assert_eq!(
        (&proofs["proofs"][0]["expected"], &proofs["proofs"][0]["unique"]),
        (&json!(500), &json!(500))
    );
    let (status, problem) = hosted.ask("GET", "/streams/alerts/proofs", None).await;
    assert_eq!(status, 404, "{problem}");
    let history = hosted.see("/history").await;
    let states: Vec<_> =
        history["states"].as_array().expect("a list").iter().map(|state| &state["state"]).collect();
    assert_eq!((states.first(), states.last()), (Some(&&json!("Collecting")), Some(&&json!("Pending"))));
}

#[tokio::test]
async fn a_poll_that_is_asked_for_does_not_wait_for_the_interval() {
    let hosted = OneSource::with_file_events(100, |_, _| ()).await;
    let before = hosted.settled(100).await;
    let (status, answer) = hosted.ask("POST", "/action/poll", None).await;
    assert_eq!((status, answer), (200, json!({})));
    hosted.see_when("/streams", |seen| seen["streams"][0]["lastSuccess"] != before["lastSuccess"]).await;
}

/// S37.
#[tokio::test]
async fn a_reset_needs_the_newest_configuration_and_delivers_again() {
    let hosted = OneSource::with_file_events(300, |_, _| ()).await;
    let before = hosted.settled(300).await;
    let to = json!({ "to": "2020-01-01T00:00:00Z" });
    let path = "/streams/fileEvents/action/reset";
    let (status, _) = hosted.ask("POST", path, Some(to.clone())).await;
    assert_eq!(status, 403);
    let (status, _) = hosted.change(path, Some("\"0\""), to.clone()).await;
    assert_eq!(status, 412);
    let (status, problem) = hosted.change(path, None, json!({ "to": "2999-01-01T00:00:00Z" })).await;
    assert_eq!(status, 400, "{problem}");
    let dry = json!({ "to": "2020-01-01T00:00:00Z", "dryRun": true });
    let (_, considered) = hosted.change(path, None, dry).await;
    assert_eq!((&considered["reset"]["events"], &considered["reset"]["requests"]), (&json!(300), &json!(1)));
    assert_eq!(hosted.verdict().duplicates, 0, "to consider it changes nothing");

    let (status, reset) = hosted.change(path, None, to).await;
    assert_eq!((status, &reset["reset"]["before"]), (200, &before["watermark"]), "{reset}");
    let after = hosted.settled(600).await;
    assert_eq!(after["acknowledged"], 600);
    assert_eq!(hosted.verdict().duplicates, 300);
    let log = hosted.audit_log().await;
    assert!(log.to_string().contains("CheckpointReset"), "{log}");
}
