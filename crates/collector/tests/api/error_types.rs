//! The error types of the specification's table with their retry behavior, and its troubleshooting.

use incydr_simulator::{Fault, FaultRule, Target};
use serde_json::{Value, json};

use crate::daemon::Daemon;

async fn only_event(daemon: &Daemon) -> Value {
    let is_open = |answer: &crate::client::Answer| answer.json()["data"] != json!([]);
    let events = daemon.until("/api/v1/healthEvents", is_open).await.json();
    assert_eq!(events["data"].as_array().map(Vec::len), Some(1), "{events}");
    events["data"][0].clone()
}

async fn no_event(daemon: &Daemon) {
    daemon.until("/api/v1/healthEvents", |answer| answer.json()["data"] == json!([])).await;
}

// Error type: ThirdPartyConfig. Retries: none until the source is updated. Health event: ThirdPartyConfigError.
// Troubleshooting: Error Code 401, Error Details {"error":"invalid_client"}; the correct Secret Key resolves it.
#[tokio::test]
async fn a_wrong_secret_shows_401_and_invalid_client_and_is_not_tried_again_until_the_source_is_updated() {
    let daemon = Daemon::with_file_events(20).await;
    let collector = daemon.collector("c").await;
    let source = daemon.source(&collector, "Code42", json!({ "secretKey": "another secret" })).await;
    let shown = daemon.reach(&source, "Error").await;
    assert_eq!(shown["state"]["errorType"], "THIRD-PARTY-CONFIG");
    assert_eq!(shown["state"]["errorCode"], 401);
    let info: Value =
        serde_json::from_str(shown["state"]["errorInfo"].as_str().expect("text")).expect("JSON");
    assert_eq!(info["error"], "invalid_client");
    assert_eq!(only_event(&daemon).await["eventName"], "ThirdPartyConfigError");

    let asked = daemon.incydr.requests().len();
    let other = daemon.source(&collector, "Another", json!({})).await;
    daemon.reach(&other, "Collecting").await;
    daemon.receive_all().await;
    let of_wrong =
        |daemon: &Daemon| daemon.incydr.requests().iter().filter(|one| one.status == Some(401)).count();
    assert_eq!(of_wrong(&daemon), 1, "one refusal among {asked} requests, and no retry");
    daemon.delete(&other).await.expect(200);

    let etag = daemon.get(&source).await.etag();
    daemon.put(&source, &etag, &daemon.source_json("Code42", json!({}))).await.expect(200);
    daemon.reach(&source, "Collecting").await;
    no_event(&daemon).await;
}

// Troubleshooting: make sure the correct Client ID is used.
#[tokio::test]
async fn a_wrong_client_id_shows_401_as_well() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("c").await;
    let source = daemon.source(&collector, "Code42", json!({ "clientID": "key-of-nobody" })).await;
    let state = daemon.reach(&source, "Error").await["state"].clone();
    assert_eq!((&state["errorType"], &state["errorCode"]), (&"THIRD-PARTY-CONFIG".into(), &401.into()));
}

// Troubleshooting: make sure the Base URL matches your domain.
#[tokio::test]
async fn a_base_url_of_another_domain_is_refused_at_once_and_says_which_domains_there_are() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("c").await;
    let body = daemon.source_json("Code42", json!({ "baseURL": "https://console.us2.code42.com" }));
    let refused = daemon.post(&format!("{collector}/sources"), &body).await;
    let message = refused.problem(400, "collectors.validation.fields.invalid");
    assert!(message.contains("baseURL") && message.contains("https://api.us2.code42.com"), "{message}");
}

// Error type: ThirdPartyConfig: "No retries are attempted until the Source is updated"; a restart is the other way.
#[tokio::test]
async fn a_restart_tries_a_wrong_configuration_once_more() {
    let daemon = Daemon::start().await;
    let refusal = Fault::answer(401, "{\"error\":\"invalid_client\"}");
    let rule = daemon.incydr.faults().add(FaultRule::next(Target::Oauth, 1, refusal));
    let collector = daemon.collector("c").await;
    let source = daemon.source(&collector, "Code42", json!({})).await;
    daemon.reach(&source, "Error").await;
    daemon.incydr.faults().wait_until_struck(rule, 1).await;
    let restarted = daemon.post(&format!("{source}/action/restart"), &json!({})).await;
    assert_eq!(restarted.expect(200), json!({}));
    daemon.reach(&source, "Collecting").await;
    no_event(&daemon).await;
}

// Error type: ThirdPartyGeneric. Retries: yes, indefinitely. Health event: ThirdPartyGenericError.
#[tokio::test]
async fn a_failing_vendor_is_retried_until_it_answers() {
    let daemon = Daemon::with_file_events(20).await;
    let rule = daemon.incydr.faults().add(FaultRule::always(Target::Oauth, Fault::status(503)));
    let collector = daemon.collector("c").await;
    let source = daemon.source(&collector, "Code42", json!({})).await;
    let state = daemon.reach(&source, "Error").await["state"].clone();
    assert_eq!((&state["errorType"], &state["errorCode"]), (&"THIRD-PARTY-GENERIC".into(), &503.into()));
    assert_eq!(only_event(&daemon).await["eventName"], "ThirdPartyGenericError");
    daemon.incydr.faults().wait_until_struck(rule, 4).await;
    daemon.incydr.faults().remove(rule);
    daemon.reach(&source, "Collecting").await;
    no_event(&daemon).await;
    daemon.receive_all().await;
}

// Error type: FirstPartyGeneric. Retries: yes, indefinitely. Health event: FirstPartyGenericError.
#[tokio::test]
async fn a_failing_destination_is_retried_until_it_takes_the_events() {
    let daemon = Daemon::with_file_events(20).await;
    let rule = daemon.sumo.faults().add(FaultRule::always(Target::Sumo, Fault::status(503)));
    let collector = daemon.collector("c").await;
    let source = daemon.source(&collector, "Code42", json!({})).await;
    let state = daemon.reach(&source, "Error").await["state"].clone();
    assert_eq!((&state["errorType"], &state["errorCode"]), (&"FIRST-PARTY-GENERIC".into(), &503.into()));
    assert_eq!(only_event(&daemon).await["eventName"], "FirstPartyGenericError");
    daemon.sumo.faults().wait_until_struck(rule, 3).await;
    daemon.sumo.faults().remove(rule);
    daemon.reach(&source, "Collecting").await;
    no_event(&daemon).await;
    daemon.receive_all().await;
    daemon.assert_complete(0);
}
