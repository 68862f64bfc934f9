//! Tokens and permissions: what a new token cures, and what only a person can correct.

use incydr_simulator::{Fault, FaultRule, GivenEvent, Target};
use serde_json::json;

use super::{PAGE, assert_never_ill, collect, searches, tenant_of};
use crate::health_log::{health_events, last_state, parsed};

// F50
#[tokio::test]
async fn a_token_that_is_revoked_on_any_page_is_renewed_once_and_nobody_is_alarmed() {
    let stage = tenant_of(2 * PAGE + 1).await;
    // Each page that meets a revoked token is asked for twice.
    for nth in [1, 3, 5] {
        stage.incydr.faults().add(FaultRule::nth(Target::FileEvents, nth, Fault::RevokeToken));
    }
    assert_never_ill(&collect(&stage).succeed().await);
    stage.assert_complete(0);
    assert_eq!((searches::requests_to(&stage, "oauth"), searches::count(&stage)), (4, 6));
}

// F51; credentials that stop working later are simulated beside the supervisor.
#[tokio::test]
async fn credentials_that_never_worked_end_the_run_with_a_hint_after_one_request() {
    let stage = tenant_of(300).await;
    stage.write_source(&["fileEvents"], json!({ "secretKey": "not-the-secret" }));
    let ended = collect(&stage).following().start().end().await;
    assert_eq!(ended.status.code(), Some(1));
    assert_eq!(health_events(&ended.log), ["opened ThirdPartyConfigError/InvalidClient"]);
    assert_eq!(last_state(&ended.log).as_deref(), Some("Error"));
    let opened = ended.log.iter().find(|line| line.contains("health event opened")).expect("it opened");
    let opened = parsed(opened).expect("JSON");
    assert_eq!(opened["error_code"], 401);
    assert!(opened["error_info"].as_str().is_some_and(|info| info.contains("invalid_client")), "{opened}");
    let said = ended.log.join("\n");
    assert!(said.contains("error: ") && said.contains("hint: "), "{said}");
    assert!(!said.contains("not-the-secret"));
    assert_eq!(stage.incydr.requests().len(), 1);
    assert_eq!(stage.sumo.message_count(), 0);
}

// F52
#[tokio::test]
async fn a_stream_without_permission_is_given_up_and_the_others_go_on() {
    let stage = tenant_of(300).await;
    stage.write_source(&["fileEvents", "auditLogs"], json!({}));
    stage.incydr.faults().add(FaultRule::always(Target::Audit, Fault::status(403)));
    let mut running = collect(&stage).following().start();
    let opened = parsed(&running.hear("health event opened").await).expect("JSON");
    let said = (&opened["event"], &opened["tracker"], &opened["stream"], &opened["error_code"]);
    assert_eq!(said, (&json!("ThirdPartyConfigError"), &json!("Scope"), &json!("auditLogs"), &json!(403)));
    let now = stage.incydr.clock().now();
    stage.incydr.add_events([GivenEvent::plain("afterwards", now)], now);
    stage.sumo.wait_for_messages(301).await;
    assert_eq!(searches::requests_to(&stage, "audit"), 1, "nothing more is asked");
    running.signal("TERM").await;
    let ended = running.end().await;
    assert_eq!(ended.status.code(), Some(1));
    assert!(ended.log.join("\n").contains("hint: give the API client the permission"));
    assert_eq!(health_events(&ended.log), ["opened ThirdPartyConfigError/Scope"]);
    stage.assert_complete(0);
}

// F52
#[tokio::test]
async fn a_run_whose_only_stream_lacks_the_permission_ends_with_a_hint() {
    let stage = tenant_of(300).await;
    stage.incydr.faults().add(FaultRule::always(Target::FileEvents, Fault::status(403)));
    let ended = collect(&stage).following().start().end().await;
    assert_eq!(ended.status.code(), Some(1));
    assert!(ended.log.join("\n").contains("hint: give the API client the permission"));
    assert_eq!(searches::count(&stage), 1);
}
