//! A backfill: estimated, begun, watched to its end; another is canceled.

use incydr_simulator::{Fault, FaultRule, Target};
use serde_json::json;

use crate::browser::Browser;
use crate::daemon::Daemon;
use crate::locator::Locator;
use crate::stage::{collecting, page_of, watermark};

#[tokio::test]
async fn a_backfill_is_estimated_begun_and_followed_to_its_end() {
    let daemon = Daemon::with_file_events(200).await;
    let source = collecting(&daemon, "Code42", json!({})).await;
    daemon.receive_all().await;
    let browser = Browser::signed_in(&daemon).await;
    estimate_all(&browser, &daemon, &source).await;
    browser.see("200").await;
    browser.is_accessible().await;
    let rule =
        daemon.incydr.faults().add(FaultRule::always(Target::FileEvents, Fault::Delay { millis: 2_500 }));
    browser.click(&Locator::button("Begin")).await;
    browser.see("The backfill has begun.").await;
    browser.script("window.wasNotReloaded = true", json!([])).await;
    browser.see("Running").await;
    daemon.incydr.faults().remove(rule);
    browser.see("Completed").await;
    browser.see("100 %").await;
    browser.until_true("return window.wasNotReloaded").await;
    let bar = browser.attribute(&Locator::css("progress"), "value").await;
    assert_eq!(bar.as_deref(), Some("100"));
    browser.close().await;
}

#[tokio::test]
async fn a_backfill_is_canceled_after_a_confirmation() {
    let daemon = Daemon::with_file_events(200).await;
    let source = collecting(&daemon, "Code42", json!({})).await;
    daemon.receive_all().await;
    let browser = Browser::signed_in(&daemon).await;
    estimate_all(&browser, &daemon, &source).await;
    daemon.incydr.faults().add(FaultRule::always(Target::FileEvents, Fault::Delay { millis: 60_000 }));
    browser.click(&Locator::button("Begin")).await;
    browser.see("Running").await;
    browser.click(&Locator::xpath("//main//a[starts-with(normalize-space(.), 'Cancel')]")).await;
    browser.read(&Locator::css("dialog[open]"), "What it has delivered stays delivered").await;
    browser.click(&Locator::button("Cancel backfill")).await;
    browser.see("The backfill was canceled.").await;
    browser.see("Cancel").await;
    daemon.until(&format!("{source}/backfills"), |answer| answer.text().contains("Cancelled")).await;
    browser.close().await;
}

/// Asks what a backfill of everything that the source has collected would bring.
async fn estimate_all(browser: &Browser, daemon: &Daemon, source: &str) {
    browser.go(&format!("{}/backfills", page_of(source))).await;
    browser.click(&Locator::xpath("//summary[normalize-space(.)='Exact instants']")).await;
    browser.fill("From", "2020-01-01T00:00:00Z").await;
    browser.fill("To", &watermark(daemon, source).await).await;
    browser.click(&Locator::button("Estimate")).await;
}
