//! A source that somebody considers, tried before it is created or changed.

use incydr_simulator::{Fault, FaultRule, Target};
use serde_json::{Value, json};

use crate::daemon::Daemon;
use crate::keys;

const STREAMS: [&str; 3] = ["fileEvents", "alerts", "auditLogs"];

/// The finding about something.
#[track_caller]
fn about<'a>(check: &'a Value, tried: &str) -> &'a Value {
    let findings = check["findings"].as_array().expect("a list");
    findings.iter().find(|finding| finding["tried"] == tried).unwrap_or_else(|| panic!("no {tried}: {check}"))
}

#[tokio::test]
async fn a_source_that_works_is_told_for_each_stream_and_nothing_is_created_or_sent() {
    let daemon = Daemon::with_file_events(50).await;
    let collector = daemon.collector("incydr").await;
    let source = daemon.source_json("Code42", json!({ "dataCollection": STREAMS }));
    let check = daemon.post(&format!("{collector}/sources/action/check"), &source).await.expect(200);
    assert_eq!(check["works"], true, "{check}");
    for tried in ["authentication", "fileEvents", "alerts", "auditLogs", "sumo"] {
        assert_eq!(about(&check, tried)["works"], true, "{check}");
    }
    assert_eq!(about(&check, "fileEvents")["records"], 50);
    let sources = daemon.get(&format!("{collector}/sources")).await.expect(200);
    assert_eq!((&sources["sources"], daemon.sumo.message_count()), (&json!([]), 0));
}

#[tokio::test]
async fn a_wrong_secret_is_told_with_the_vendor_s_status_and_words_and_what_to_do() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("incydr").await;
    let source = daemon.source_json("Code42", json!({ "secretKey": "canary-wrong" }));
    let answer = daemon.post(&format!("{collector}/sources/action/check"), &source).await;
    let check = answer.expect(200);
    let refused = about(&check, "authentication");
    assert_eq!((&check["works"], &refused["works"]), (&json!(false), &json!(false)));
    assert_eq!((&refused["errorType"], &refused["errorCode"]), (&json!("THIRD-PARTY-CONFIG"), &json!(401)));
    assert!(refused["errorInfo"].as_str().expect("text").contains("invalid_client"), "{check}");
    assert!(refused["remedy"].as_str().expect("text").contains("`secretKey`"), "{check}");
    assert!(
        check["findings"].as_array().expect("a list").iter().all(|finding| finding["tried"] != "fileEvents")
    );
    assert!(!answer.text().contains("canary") && !daemon.log().contains("canary"));
}

#[tokio::test]
async fn a_stream_without_permission_is_told_and_the_others_work() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("incydr").await;
    daemon.incydr.faults().add(FaultRule::always(Target::FileEvents, Fault::status(403)));
    let source = daemon.source_json("Code42", json!({ "dataCollection": STREAMS }));
    let check = daemon.post(&format!("{collector}/sources/action/check"), &source).await.expect(200);
    let refused = about(&check, "fileEvents");
    assert_eq!((&refused["tracker"], &refused["errorCode"]), (&json!("Scope"), &json!(403)), "{check}");
    assert_eq!(
        (&about(&check, "alerts")["works"], &check["works"]),
        (&json!(true), &json!(false)),
        "{check}"
    );
}

#[tokio::test]
async fn a_masked_secret_is_that_of_the_source_which_the_body_names() {
    let daemon = Daemon::start().await;
    let (collector, other) = (daemon.collector("incydr").await, daemon.collector("other").await);
    let source = daemon.source(&collector, "Code42", json!({})).await;
    let mut shown = daemon.get(&source).await.expect(200);
    assert_eq!(shown["source"]["config"]["secretKey"], "********");
    let check = daemon.post(&format!("{collector}/sources/action/check"), &shown).await.expect(200);
    assert_eq!(check["works"], true, "{check}");
    let elsewhere = daemon.post(&format!("{other}/sources/action/check"), &shown).await;
    elsewhere.problem(404, "collectors.source.invalid");
    shown["source"].as_object_mut().expect("an object").remove("id");
    let nameless = daemon.post(&format!("{collector}/sources/action/check"), &shown).await;
    assert!(
        nameless.problem(400, "collectors.validation.fields.invalid").contains("`source.config.secretKey`")
    );
}

#[tokio::test]
async fn what_is_no_source_is_refused_before_anything_is_asked() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("incydr").await;
    let address = format!("{collector}/sources/action/check");
    let abroad = daemon.source_json("Code42", json!({ "baseURL": "https://example.com" }));
    daemon.post(&address, &abroad).await.problem(400, "collectors.validation.fields.invalid");
    let source = daemon.source_json("Code42", json!({}));
    daemon
        .post("/api/v1/collectors/4711/sources/action/check", &source)
        .await
        .problem(404, "collectors.collector.invalid");
    let viewer = keys::make(&daemon, json!({ "label": "viewer", "role": "view" })).await;
    assert_eq!(viewer.post(&address, &source).await.status, 403);
    assert_eq!(daemon.requests_to("oauth"), 0);
}
