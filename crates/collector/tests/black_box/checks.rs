//! `check`: what works, what does not, and why, without collecting anything.

use std::process::Output;

use incydr_simulator::{Fault, FaultRule, Target};
use serde_json::json;

use crate::stage::Stage;

const STREAMS: [&str; 3] = ["fileEvents", "alerts", "auditLogs"];

/// The table, and the exit code.
fn told(output: Output) -> (String, Option<i32>) {
    (String::from_utf8(output.stdout).expect("text"), output.status.code())
}

/// The line of the table about something.
fn line<'a>(table: &'a str, about: &str) -> &'a str {
    table
        .lines()
        .find(|line| line.contains(about))
        .unwrap_or_else(|| panic!("nothing about {about}:\n{table}"))
}

#[tokio::test]
async fn everything_that_works_is_ok_and_nothing_is_sent_or_kept() {
    let stage = Stage::with_file_events(50).await;
    stage.write_source(&STREAMS, json!({}));
    let (table, code) = told(stage.check(&stage.sumo.url()).await);
    assert_eq!(code, Some(0), "{table}");
    for about in ["authentication", "fileEvents", "alerts", "auditLogs", "/receiver/v1/http/********"] {
        assert!(line(&table, about).starts_with("ok "), "{table}");
    }
    assert_eq!(stage.sumo.message_count(), 0);
    assert!(!stage.path("state.db").exists());
}

#[tokio::test]
async fn a_wrong_secret_is_a_401_in_the_service_s_own_words() {
    let stage = Stage::with_file_events(50).await;
    stage.write_source(&STREAMS, json!({ "secretKey": "not-the-secret" }));
    let (table, code) = told(stage.check(&stage.sumo.url()).await);
    assert_eq!(code, Some(1), "{table}");
    let line = line(&table, "authentication");
    assert!(line.starts_with("FAILED ") && line.contains("401") && line.contains("invalid_client"), "{line}");
    assert!(table.contains("`clientID` and `secretKey`"), "{table}");
}

#[tokio::test]
async fn a_stream_without_permission_is_a_403_and_the_others_are_ok() {
    let stage = Stage::with_file_events(50).await;
    stage.write_source(&STREAMS, json!({}));
    stage.incydr.faults().add(FaultRule::always(Target::FileEvents, Fault::status(403)));
    let (table, code) = told(stage.check(&stage.sumo.url()).await);
    assert_eq!(code, Some(1), "{table}");
    let refused = line(&table, "fileEvents");
    assert!(refused.starts_with("FAILED ") && refused.contains("403"), "{table}");
    assert!(
        line(&table, "alerts").starts_with("ok ") && line(&table, "auditLogs").starts_with("ok "),
        "{table}"
    );
    assert!(table.contains("the permission to read this"), "{table}");
}

#[tokio::test]
async fn an_address_that_sumo_does_not_know_is_a_401() {
    let stage = Stage::with_file_events(50).await;
    let wrong = stage.sumo.url().replace("ZaV", "XaV");
    let (table, code) = told(stage.check(&wrong).await);
    assert_eq!(code, Some(1), "{table}");
    let refused = line(&table, "/receiver/v1/http/********");
    assert!(refused.starts_with("FAILED ") && refused.contains("401"), "{table}");
    assert!(table.contains("copy the address of the HTTP source again"), "{table}");
    assert!(!table.contains("XaV"), "{table}");
}
