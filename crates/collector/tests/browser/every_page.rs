//! Every page, in both themes and at two widths: accessible, and never wider than the window.

use serde_json::json;

use crate::browser::Browser;
use crate::daemon::Daemon;
use crate::locator::Locator;
use crate::stage::{page_of, poison, watermark};

#[tokio::test]
async fn pages_of_the_installation_are_accessible_and_fit_a_narrow_window() {
    let daemon = Daemon::start().await;
    let browser = Browser::open(&daemon).await;
    browser.go("/sign-in").await;
    browser.is_well_made().await;
    let (id, key) = daemon.client.credentials.clone().expect("the first key");
    browser.sign_in("/collection", &id, &key).await;
    browser.see("No collector yet").await;
    browser.is_well_made().await;
    let collector = page_of(&daemon.collector("Office").await).to_owned();
    let field = daemon.post("/api/v1/fields", &json!({ "fieldName": "team" })).await.expect(200);
    let field = field["fieldId"].as_str().expect("an id");
    for page in [
        "/collectors/new",
        &format!("{collector}/edit"),
        &format!("{collector}/delete"),
        &format!("{collector}/sources/new"),
        &format!("{collector}/sources/new/code42-incydr"),
        "/health-events",
        "/fields",
        &format!("/fields/{field}/delete"),
        "/access-keys",
        &format!("/access-keys/{id}/revoke"),
        "/about",
        "/no-such-page",
    ] {
        browser.go(page).await;
        browser.find(&Locator::css("main h1")).await;
        browser.is_well_made().await;
    }
    browser.close_after(&["/no-such-page"]).await;
}

#[tokio::test]
async fn pages_of_a_source_are_accessible_and_fit_a_narrow_window() {
    let daemon = Daemon::with_file_events(200).await;
    poison(&daemon);
    let collector = daemon.collector("Office").await;
    let source =
        daemon.source(&collector, "Code42", json!({ "category": "security/code42/file-events" })).await;
    daemon.source(&collector, "Code42 of the subsidiary", json!({ "secretKey": "a wrong secret" })).await;
    let letters = format!("{source}/deadLetters");
    let letter = daemon.until(&letters, |answer| answer.json()["deadLetters"][0].is_object()).await.json();
    let letter = &letter["deadLetters"][0]["id"];
    let now = watermark(&daemon, &source).await;
    let wanted = json!({ "backfill": { "stream": "fileEvents", "from": "2020-01-01T00:00:00Z", "to": now } });
    let backfill =
        daemon.post(&format!("{source}/backfills"), &wanted).await.expect(201)["backfill"]["id"].clone();
    let events =
        daemon.until("/api/v1/healthEvents", |answer| answer.json()["data"][0].is_object()).await.json();
    let event = events["data"][0]["eventId"].as_str().expect("an id");
    let source = page_of(&source);
    let browser = Browser::signed_in(&daemon).await;
    for page in [
        "/collection",
        source,
        &format!("{source}/edit"),
        &format!("{source}/json"),
        &format!("{source}/restart"),
        &format!("{source}/delete"),
        &format!("{source}/backfills"),
        &format!("{source}/backfills/{backfill}"),
        &format!("{source}/dead-letters"),
        &format!("{source}/dead-letters/{letter}"),
        &format!("{source}/dead-letters/{letter}/discard"),
        &format!("{source}/tail"),
        "/health-events",
        &format!("/health-events/{event}"),
    ] {
        browser.go(page).await;
        browser.find(&Locator::css("main h1")).await;
        browser.is_well_made().await;
    }
    browser.close().await;
}

impl Browser {
    async fn is_well_made(&self) {
        self.is_accessible().await;
        self.resize(400).await;
        let overflow =
            self.script("return document.documentElement.scrollWidth - innerWidth", json!([])).await;
        let page = self.page().await;
        assert!(overflow.as_i64() <= Some(0), "{page} is {overflow} pixels wider than the window");
        self.resize(1_280).await;
        let headings = self.script("return document.querySelectorAll('h1').length", json!([])).await;
        assert_eq!(headings, 1, "headings of the first level on {page}");
    }
}
