//! From the Health column to what is wrong.

use serde_json::json;

use crate::browser::Browser;
use crate::daemon::Daemon;
use crate::locator::Locator;
use crate::stage::page_of;

#[tokio::test]
async fn a_health_event_is_opened_from_the_health_column_and_resolves_before_ones_eyes() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("Office").await;
    let source = daemon.source(&collector, "Code42", json!({ "secretKey": "a wrong secret" })).await;
    daemon.reach(&source, "Error").await;
    let browser = Browser::signed_in(&daemon).await;
    let health = Locator::row("Code42").within("/td[@data-label='Health']//a");
    browser.read(&health, "Error").await;
    let explanation = browser.attribute(&health, "title").await.expect("the number of events, on hover");
    assert!(explanation.contains('1'), "{explanation}");
    browser.click(&health).await;
    browser.arrive("/health-events").await;
    browser.see("ThirdPartyConfigError").await;
    browser.is_accessible().await;
    browser.click(&Locator::xpath("//main//table//th//a[normalize-space(.)='Code42']")).await;
    browser.see("invalid_client").await;
    browser.see("401").await;
    browser.is_accessible().await;

    browser.go("/health-events").await;
    browser.see("ThirdPartyConfigError").await;
    let right = daemon.source_json("Code42", json!({}));
    daemon.put(&source, "*", &right).await.expect(200);
    browser.see("No health event is open.").await;
    browser.go("/health-events?state=resolved").await;
    browser.see("ThirdPartyConfigError").await;
    browser.go(page_of(&source)).await;
    browser.see("Healthy").await;
    browser.close().await;
}
