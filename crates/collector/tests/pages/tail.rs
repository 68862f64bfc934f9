//! The last delivered events as they pass.

use incydr_simulator::SumoOptions;
use serde_json::json;
use tempfile::TempDir;

use crate::daemon::{Daemon, tenant_with};
use crate::html::{assert_hides, assert_shows};
use crate::visitor::{Visitor, page_of};

#[tokio::test]
async fn a_tail_is_off_and_says_how_it_is_switched_on() {
    let daemon = Daemon::with_file_events(5).await;
    let collector = daemon.collector("Office").await;
    let source = daemon.source(&collector, "Code42", json!({})).await;
    daemon.receive_all().await;
    let shown = Visitor::new(&daemon).await.look(&format!("{}/tail", page_of(&source))).await;
    assert_shows(&shown, &["The tail is switched off", "[pages]\ntail = true"]);
    assert_hides(&shown, &["@timestamp"]);
}

#[tokio::test]
async fn a_tail_shows_the_last_events_that_fit() {
    let dir = TempDir::new().expect("a folder");
    let config = dir.path().join("collector.toml");
    std::fs::write(&config, "[pages]\ntail = true\n").expect("a file");
    let options = ["--config", config.to_str().expect("text")];
    let daemon = Daemon::with(tenant_with(40), SumoOptions::default(), &options).await;
    let collector = daemon.collector("Office").await;
    let source = daemon.source(&collector, "Code42", json!({})).await;
    daemon.receive_all().await;
    daemon
        .until(&format!("{source}/streams"), |answer| answer.json()["streams"][0]["acknowledged"] == 40)
        .await;
    let visitor = Visitor::new(&daemon).await;
    let tail = format!("{}/tail", page_of(&source));
    let shown = visitor.look(&tail).await;
    assert_shows(
        &shown,
        &["40 events delivered", "id=\"event-40\"", "id=\"event-11\"", "  &#34;@timestamp&#34;: &#34;"],
    );
    assert_hides(&shown, &["id=\"event-10\"", "<details open>"]);
    assert_shows(
        &visitor.look(&format!("{tail}?text=%40TIMESTAMP&open=true")).await,
        &["id=\"event-40\"", "<details open>"],
    );
    for nothing in ["?text=no-event-has-this", "?stream=auditLogs"] {
        let shown = visitor.look(&format!("{tail}{nothing}")).await;
        assert_shows(&shown, &["None of the last events fits."]);
        assert_hides(&shown, &["id=\"event-40\""]);
    }
    assert_eq!(visitor.get(&format!("{tail}?stream=nonsense")).await.status, 400);
}
