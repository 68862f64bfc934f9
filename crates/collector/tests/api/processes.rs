//! What a configuration and a place outlive: the end of the process, and its death.

use incydr_simulator::{Fault, FaultRule, Target};
use incydr_store::Inspection;
use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

use crate::client::Answer;
use crate::daemon::Daemon;

#[tokio::test]
async fn a_restart_of_the_process_resumes_every_source_at_its_checkpoint() {
    let mut daemon = Daemon::with_file_events(300).await;
    let (one, other) = (daemon.collector("one").await, daemon.collector("other").await);
    let first = daemon.source(&one, "first", json!({})).await;
    let second = daemon.source(&other, "second", json!({ "dataCollection": ["auditLogs"] })).await;
    daemon.receive_all().await;
    daemon.reach(&first, "Collecting").await;
    daemon.reach(&second, "Collecting").await;
    let before = daemon.get(&first).await;
    daemon.restart().await;
    daemon.reach(&first, "Collecting").await;
    daemon.reach(&second, "Collecting").await;
    let after = daemon.get(&first).await;
    assert_eq!(after.etag(), before.etag(), "the version is the same over processes");
    assert_eq!(after.json()["source"]["config"], before.json()["source"]["config"]);
    daemon.incydr.add_burst(50, daemon.incydr.clock().now());
    daemon.post(&format!("{first}/action/restart"), &json!({})).await.expect(200);
    daemon.receive_all().await;
    daemon.assert_complete(0);
}

// F67
#[tokio::test]
async fn a_deletion_of_a_collector_that_was_cut_off_is_taken_up_with_all_its_sources() {
    let mut daemon = Daemon::with_file_events(10).await;
    let collector = daemon.collector("c").await;
    let source = daemon.source(&collector, "Code42", json!({})).await;
    daemon.receive_all().await;
    daemon.reach(&source, "Collecting").await;
    daemon.stop().await;
    let state_file = daemon.data_dir().join("state.db");
    // As if the process had ended between marking the collector and marking its source.
    let mut connection =
        SqliteConnectOptions::new().filename(&state_file).connect().await.expect("it is free");
    sqlx::query("UPDATE collectors SET stopping = TRUE").execute(&mut connection).await.expect("marked");
    connection.close().await.expect("closed");
    daemon.begin().await;
    daemon.hear(&["source deleted", "Code42"]).await;
    assert_eq!(Inspection::of(&state_file).places().await, Ok(vec![]));
    let log = daemon.get("/api/v1/incydr/auditLog").await.expect(200)["data"].clone();
    for (index, action) in ["PlaceRemoved", "SourceDeleted"].into_iter().enumerate() {
        assert_eq!(
            (&log[index]["action"], &log[index]["actor"]),
            (&json!(action), &json!("incydr-collector"))
        );
    }
}

#[tokio::test]
async fn a_kill_in_the_midst_of_collection_keeps_the_configuration_and_loses_nothing() {
    let mut daemon = Daemon::with_file_events(20_000).await;
    let collector = daemon.collector("c").await;
    let source = daemon.source(&collector, "Code42", json!({ "description": "kept" })).await;
    let field = daemon.post("/api/v1/fields", &json!({ "fieldName": "team" })).await.expect(200);
    let etag = daemon.get(&source).await.etag();
    for part in 1..=3 {
        daemon.sumo.wait_for_messages(part * 5_000).await;
        daemon.kill().await;
        daemon.begin().await;
        let shown = daemon.get(&source).await;
        assert_eq!(shown.etag(), etag);
        assert_eq!(shown.expect(200)["source"]["config"]["description"], "kept");
    }
    assert_eq!(daemon.get("/api/v1/fields").await.expect(200)["data"], json!([field]));
    daemon
        .until(&source, |_| {
            let verdict = daemon
                .incydr
                .truth()
                .compare(&daemon.sumo.received(), &[incydr_simulator::RecordKind::FileEvent]);
            verdict.is_complete()
        })
        .await;
    let largest = daemon.sumo.received().batches.iter().map(|batch| batch.messages).max().unwrap_or(0);
    daemon.assert_complete(3 * 4 * largest);
}

#[tokio::test]
async fn a_kill_right_after_an_answer_has_kept_what_the_answer_said() {
    let mut daemon = Daemon::start().await;
    for number in 0..5 {
        let collector = daemon.collector(&format!("c{number}")).await;
        let source = daemon.source(&collector, "Code42", json!({})).await;
        daemon.kill().await;
        daemon.begin().await;
        daemon.get(&source).await.expect(200);
        let body = json!({ "collector": { "name": format!("renamed{number}") } });
        daemon.put(&collector, "*", &body).await.expect(200);
        daemon.kill().await;
        daemon.begin().await;
        assert_eq!(daemon.get(&collector).await.expect(200)["collector"]["name"], format!("renamed{number}"));
    }
}

#[tokio::test]
async fn a_deletion_that_a_kill_interrupts_is_finished_by_the_next_process() {
    let mut daemon = Daemon::with_file_events(50).await;
    let rule = daemon.sumo.faults().add(FaultRule::always(Target::Sumo, Fault::Delay { millis: 60_000 }));
    let collector = daemon.collector("c").await;
    let source = daemon.source(&collector, "Code42", json!({})).await;
    daemon.sumo.faults().wait_until_struck(rule, 1).await;
    daemon.delete(&source).await.expect(200);
    daemon.kill().await;
    daemon.sumo.faults().remove(rule);
    daemon.begin().await;
    daemon.until(&source, |answer| answer.status == 404).await;
    daemon.get(&collector).await.expect(200);
}

#[tokio::test]
async fn the_first_key_is_made_once_and_works_for_ever() {
    let mut daemon = Daemon::start().await;
    daemon.restart().await;
    let keys = daemon.printed().iter().filter(|line| line.starts_with("Access key:")).count();
    assert_eq!(keys, 1);
    daemon.get("/api/v1/collectors").await.expect(200);
    assert!(daemon.client.address.ip().is_loopback());
}

// S01
#[tokio::test]
async fn an_address_beyond_this_machine_is_refused_without_tls() {
    let dir = tempfile::TempDir::new().expect("a folder");
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_incydr-collector"));
    command.args(["run", "--listen", "0.0.0.0:0", "--data-dir"]).arg(dir.path());
    let output = command.output().await.expect("the binary starts");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("needs TLS"));
    assert!(output.stdout.is_empty(), "no key was made");
}

#[tokio::test]
async fn the_figures_of_the_last_hour_outlive_an_orderly_restart() {
    let mut daemon = Daemon::with_file_events(30).await;
    let collector = daemon.collector("incydr").await;
    let source = daemon.source(&collector, "Code42", json!({})).await;
    let streams = format!("{source}/streams");
    let has_all = |answer: &Answer| {
        let minutes = answer.json()["streams"][0]["eventsPerMinute"].as_array().cloned().unwrap_or_default();
        minutes.iter().filter_map(Value::as_u64).sum::<u64>() == 30
    };
    daemon.until(&streams, has_all).await;
    daemon.restart().await;
    daemon.until(&streams, has_all).await;
}
