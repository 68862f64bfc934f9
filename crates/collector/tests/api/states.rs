//! The states of the specification's table, as the API shows them.

use incydr_simulator::{BreakPoint, Fault, FaultRule, Target};
use serde_json::json;

use crate::daemon::Daemon;

/// An answer that never comes holds the life cycle where it is.
fn hang() -> Fault {
    Fault::Hang { at: BreakPoint::BeforeHead }
}

// State: Pending.
#[tokio::test]
async fn a_source_that_was_just_submitted_is_stored_and_pending() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("c").await;
    let body = daemon.source_json("Code42", json!({}));
    let created = daemon.post(&format!("{collector}/sources"), &body).await.expect(201);
    assert_eq!(created["source"]["state"], json!({ "state": "Pending" }));
    daemon.hear(&["Code42", "Pending"]).await;
}

// State: Started.
#[tokio::test]
async fn a_pending_source_is_started_when_its_task_is_created() {
    let daemon = Daemon::start().await;
    daemon.incydr.faults().add(FaultRule::always(Target::Oauth, hang()));
    let collector = daemon.collector("c").await;
    daemon.source(&collector, "Code42", json!({})).await;
    daemon.hear(&["Code42", "Started"]).await;
}

// State: Initialized.
#[tokio::test]
async fn a_source_is_initialized_while_it_waits_for_its_token() {
    let daemon = Daemon::start().await;
    daemon.incydr.faults().add(FaultRule::always(Target::Oauth, hang()));
    let collector = daemon.collector("c").await;
    let source = daemon.source(&collector, "Code42", json!({})).await;
    let shown = daemon.reach(&source, "Initialized").await;
    assert_eq!((&shown["alive"], &shown["state"]), (&true.into(), &json!({ "state": "Initialized" })));
}

// State: Authenticated.
#[tokio::test]
async fn a_source_with_a_token_is_authenticated_until_its_first_answer() {
    let daemon = Daemon::start().await;
    daemon.incydr.faults().add(FaultRule::always(Target::FileEvents, hang()));
    let collector = daemon.collector("c").await;
    let source = daemon.source(&collector, "Code42", json!({})).await;
    daemon.reach(&source, "Authenticated").await;
}

// State: Collecting.
#[tokio::test]
async fn a_collecting_source_delivers_every_event() {
    let daemon = Daemon::with_file_events(50).await;
    let collector = daemon.collector("c").await;
    let source = daemon.source(&collector, "Code42", json!({})).await;
    let shown = daemon.reach(&source, "Collecting").await;
    assert_eq!(shown["alive"], true);
    daemon.receive_all().await;
    daemon.assert_complete(0);
}

// State: Error.
#[tokio::test]
async fn a_source_with_an_issue_is_in_error_and_not_alive() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("c").await;
    let source = daemon.source(&collector, "Code42", json!({ "secretKey": "another secret" })).await;
    assert_eq!(daemon.reach(&source, "Error").await["alive"], false);
}

// State: Stopping.
#[tokio::test]
async fn a_deleted_source_is_stopping_until_its_deliveries_have_ended_and_then_it_is_gone() {
    let daemon = Daemon::with_file_events(50).await;
    let rule = daemon.sumo.faults().add(FaultRule::always(Target::Sumo, Fault::Delay { millis: 3_000 }));
    let collector = daemon.collector("c").await;
    let source = daemon.source(&collector, "Code42", json!({})).await;
    daemon.sumo.faults().wait_until_struck(rule, 1).await;
    let deleted = daemon.delete(&source).await;
    assert_eq!((deleted.status, deleted.body.len()), (200, 0));
    let shown = daemon.get(&source).await.expect(200);
    assert_eq!(shown["source"]["state"], json!({ "state": "Stopping" }));
    assert_eq!(shown["source"]["alive"], false);
    daemon.delete(&source).await.expect(200);
    let restart = format!("{source}/action/restart");
    daemon.post(&restart, &json!({})).await.problem(400, "collectors.source.stopping");
    let update = daemon.put(&source, "*", &daemon.source_json("Code42", json!({}))).await;
    update.problem(400, "collectors.source.stopping");

    let again = daemon.source(&collector, "Code42", json!({})).await;
    assert_ne!(again, source, "the name of a stopping source can be used again");
    daemon.until(&source, |answer| answer.status == 404).await.problem(404, "collectors.source.invalid");
    let listed = daemon.get(&format!("{collector}/sources")).await.expect(200);
    assert_eq!(listed["sources"].as_array().map(Vec::len), Some(1));
}
