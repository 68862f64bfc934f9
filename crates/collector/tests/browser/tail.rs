//! The tail: what a source has just delivered, as it passes.

use incydr_simulator::{GivenEvent, SumoOptions};
use serde_json::json;
use tempfile::TempDir;

use crate::browser::Browser;
use crate::daemon::{Daemon, tenant_with};
use crate::locator::Locator;
use crate::stage::{collecting, page_of};

const HOSTILE_EVENT: &str = r#"{"@timestamp":"TIME","event":{"id":"hostile","inserted":"TIME","action":"<img src=x onerror=ran=1></pre><script>ran=1</script>"}}"#;

#[tokio::test]
async fn delivered_events_pass_live_as_mere_text_and_can_be_filtered() {
    let folder = TempDir::new().expect("a folder");
    let configuration = folder.path().join("collector.toml");
    std::fs::write(&configuration, "[pages]\ntail = true\n").expect("it can be written");
    let options = ["--config", configuration.to_str().expect("text")];
    let daemon = Daemon::with(tenant_with(3), SumoOptions::default(), &options).await;
    let source = collecting(&daemon, "Code42", json!({ "pollingInterval": 10 })).await;
    let browser = Browser::signed_in(&daemon).await;
    browser.go(&format!("{}/tail", page_of(&source))).await;
    browser.find(&Locator::css(".tail li")).await;
    let now = daemon.incydr.clock().now();
    let event = HOSTILE_EVENT.replace("TIME", &now.iso(3));
    daemon.incydr.add_events([GivenEvent::raw("hostile", now, event)], now);
    browser.read(&Locator::css(".tail"), "<img src=x onerror=ran=1></pre><script>").await;
    browser.until_true("return window.ran === undefined && document.scripts.length === 1").await;
    browser.is_accessible().await;
    browser.fill("Text", "hostile").await;
    browser.click(&Locator::button("Filter")).await;
    browser.until_true("return document.querySelectorAll('.tail li').length === 1").await;
    browser.click(&Locator::link("Expand all")).await;
    browser.read(&Locator::css(".tail pre"), "\"action\": \"<img").await;
    browser.close().await;
}
