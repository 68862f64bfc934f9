//! The way from an empty installation to a source that collects, with a wrong secret first.

use incydr_simulator::ApiClient;
use serde_json::json;

use crate::browser::Browser;
use crate::daemon::Daemon;
use crate::locator::Locator;

const WRONG_SECRET: &str = "a-secret-that-was-mistyped";

#[tokio::test]
async fn a_source_with_a_wrong_secret_says_so_and_collects_once_it_is_corrected() {
    let daemon = Daemon::with_file_events(50).await;
    daemon.collector("Office").await;
    let browser = Browser::signed_in(&daemon).await;
    browser.click(&Locator::link("Add Source")).await;
    browser.fill("Search for a type of source", "incydr").await;
    browser.click(&Locator::button("Search")).await;
    browser.is_accessible().await;
    browser.click(&Locator::xpath("//main//a[contains(., 'Code42 Incydr')]")).await;
    fill_in(&browser, &daemon).await;
    browser.is_accessible().await;
    browser.click(&Locator::button("Save")).await;
    browser.see("The source was created.").await;
    browser.see("invalid_client").await;

    browser.click(&Locator::link("Collection")).await;
    let row = Locator::row("Code42 production");
    let category = row.within("/td[@data-label='Source Category']");
    browser.read(&category, "Error Code: 401").await;
    browser.read(&category, r#"Error Details: {"error":"invalid_client"}"#).await;
    browser.read(&category, "security/code42").await;
    browser.read(&row.within("/td[@data-label='Status']"), "Error").await;
    browser.read(&row.within("/td[@data-label='Health']"), "Error").await;
    browser.is_accessible().await;

    browser.click(&Locator::link("Edit Code42 production")).await;
    assert_eq!(browser.attribute(&Locator::labeled("Secret Key"), "value").await, None);
    let html = browser.script("return document.documentElement.outerHTML", json!([])).await;
    assert!(!html.as_str().expect("text").contains(WRONG_SECRET), "a secret is never echoed");
    assert_eq!(
        browser.attribute(&Locator::labeled("Name"), "value").await.as_deref(),
        Some("Code42 production")
    );
    browser.fill("Secret Key", &ApiClient::default().secret).await;
    browser.click(&Locator::button("Save")).await;
    browser.see("The source was updated.").await;
    browser.script("window.wasNotReloaded = true", json!([])).await;
    browser.see("Collecting").await;
    for state in ["Pending", "Started", "Initialized", "Authenticated", "Collecting"] {
        browser.see(state).await;
    }
    browser.until_true("return window.wasNotReloaded").await;
    browser.click(&Locator::link("Collection")).await;
    browser.read(&row.within("/td[@data-label='Status']"), "Collecting").await;
    browser.read(&row.within("/td[@data-label='Health']"), "Healthy").await;
    browser.read(&row.within("/td[@data-label='Events']"), "50").await;
    daemon.receive_all().await;
    daemon.assert_complete(0);
    browser.close().await;
}

/// Fills in the form in its order, with a wrong secret.
async fn fill_in(browser: &Browser, daemon: &Daemon) {
    browser.fill("Name", "Code42 production").await;
    browser.fill("Description (optional)", "All departments").await;
    browser.fill("Source Category (optional)", "security/code42").await;
    browser.click(&Locator::choice("Base URL", &daemon.incydr.base_url())).await;
    browser.fill("Client ID", &ApiClient::default().id).await;
    browser.fill("Secret Key", WRONG_SECRET).await;
    for stream in ["Alerts", "Audit Logs"] {
        browser.click(&Locator::labeled(stream)).await;
    }
}

#[tokio::test]
async fn mistakes_stand_at_their_fields_and_what_was_typed_stays() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("Office").await;
    let browser = Browser::signed_in(&daemon).await;
    browser.go(&format!("{}/sources/new/code42-incydr", crate::stage::page_of(&collector))).await;
    browser.fill("Description (optional)", "kept as typed").await;
    browser.fill("Client ID", "key-1").await;
    browser.fill("Secret Key", WRONG_SECRET).await;
    browser.click(&Locator::button("Save")).await;
    browser.read(&Locator::css("[role=alert]"), "The source was not saved.").await;
    let name = Locator::labeled("Name");
    assert_eq!(browser.attribute(&name, "aria-invalid").await.as_deref(), Some("true"));
    let described = browser.attribute(&name, "aria-describedby").await.expect("what is wrong is said");
    assert!(!browser.text_of(&Locator::css(format!("#{described}"))).await.is_empty());
    let description = Locator::labeled("Description (optional)");
    assert_eq!(browser.attribute(&description, "value").await.as_deref(), Some("kept as typed"));
    assert_eq!(browser.attribute(&Locator::labeled("Secret Key"), "value").await, None);
    browser.is_accessible().await;
    browser.close_after(&["status 400", "status of 400"]).await;
}
