//! Pages stay up to date by themselves, ask for nothing else, and say so when they cannot.

use serde_json::json;

use crate::browser::Browser;
use crate::daemon::Daemon;
use crate::locator::Locator;
use crate::stage::{access_key, collecting};

#[tokio::test]
async fn a_page_says_that_the_connection_is_lost_and_goes_on_when_the_server_is_back() {
    let mut daemon = Daemon::start().await;
    daemon.listen = daemon.client.address;
    collecting(&daemon, "Code42", json!({})).await;
    let browser = Browser::signed_in(&daemon).await;
    browser.find(&Locator::row("Code42")).await;
    browser.until_true("return document.documentElement.dataset.live === 'yes'").await;
    browser.script("window.wasNotReloaded = true", json!([])).await;
    daemon.stop().await;
    let banner = Locator::css("#connection");
    browser.read(&banner, "Connection lost").await;
    browser.find(&Locator::row("Code42")).await;
    browser.complain("ERR_CONNECTION_REFUSED").await;
    daemon.begin().await;
    browser.lose(&banner).await;
    daemon.collector("Warehouse").await;
    browser.find(&Locator::row("Warehouse")).await;
    browser.until_true("return window.wasNotReloaded").await;
    browser.close_after(&["ERR_CONNECTION_REFUSED"]).await;
}

#[tokio::test]
async fn a_page_of_a_revoked_key_shows_nothing_new_and_says_that_it_is_not_live() {
    let daemon = Daemon::start().await;
    let (id, key) = access_key(&daemon, "view").await;
    let browser = Browser::open(&daemon).await;
    browser.sign_in("/collection", &id, &key).await;
    browser.until_true("return document.documentElement.dataset.live === 'yes'").await;
    daemon.delete(&format!("/api/v1/incydr/accessKeys/{id}")).await.expect(204);
    daemon.collector("Secret").await;
    browser.read(&Locator::css("#connection"), "Not live any more").await;
    assert!(!browser.shows(&Locator::row("Secret")).await);
    browser.reload().await;
    browser.arrive("/sign-in").await;
    browser.close_after(&["MIME type"]).await;
}

#[tokio::test]
async fn after_it_has_loaded_a_page_asks_for_nothing_but_its_events() {
    let daemon = Daemon::with_file_events(50).await;
    collecting(&daemon, "Code42", json!({})).await;
    let browser = Browser::signed_in(&daemon).await;
    browser.arrive("/collection").await;
    browser.until_true("return document.documentElement.dataset.live === 'yes'").await;
    let before = browser.requests().await.len();
    browser.reload().await;
    browser.until_true("return document.documentElement.dataset.live === 'yes'").await;
    // Two changes arrive, so that the page has been live for a while.
    for name in ["Warehouse", "Laboratory"] {
        daemon.collector(name).await;
        browser.find(&Locator::row(name)).await;
    }
    let requests = browser.requests().await.split_off(before);
    let origin = format!("http://{}/", daemon.client.address);
    assert!(requests.iter().all(|request| request.url.starts_with(&origin)), "{requests:#?}");
    let of_kind = |kind: &str| requests.iter().filter(|request| request.kind == kind).count();
    // The icon is asked for by the page and by the window.
    let of_loading = ["Document", "Stylesheet", "Script", "Image", "Other"].map(of_kind);
    assert_eq!((of_loading, of_kind("EventSource"), requests.len()), ([1; 5], 1, 6), "{requests:#?}");
    browser.close().await;
}
