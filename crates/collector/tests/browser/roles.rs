//! A key with the role `view` sees everything and no control that changes anything.

use serde_json::json;

use crate::browser::Browser;
use crate::daemon::Daemon;
use crate::locator::Locator;
use crate::stage::{access_key, page_of, poison};

/// Forms that are sent, and links that lead to pages for a change.
const CONTROLS: &str = "return [...document.querySelectorAll('form[method=post]')]
    .filter((form) => form.action !== location.origin + '/sign-out')
    .map((form) => form.action)
    .concat([...document.querySelectorAll('a')].map((link) => link.href)
        .filter((href) => /\\/(new|edit|delete|restart|poll|cancel|discard|redeliver|revoke|enable|disable)$/.test(href)))";

#[tokio::test]
async fn whoever_may_only_look_sees_no_control_and_is_refused_the_pages_behind_them() {
    let daemon = Daemon::with_file_events(5).await;
    poison(&daemon);
    let collector = daemon.collector("Office").await;
    let source = daemon.source(&collector, "Code42", json!({ "fields": { "nowhere": "x" } })).await;
    daemon
        .until(&format!("{source}/deadLetters"), |answer| answer.json()["deadLetters"][0].is_object())
        .await;
    daemon.post("/api/v1/fields", &json!({ "fieldName": "team" })).await.expect(200);
    let (id, key) = access_key(&daemon, "view").await;
    let browser = Browser::open(&daemon).await;
    browser.sign_in("/collection", &id, &key).await;
    browser.see("(view only)").await;
    browser.find(&Locator::row("Code42")).await;
    let (collector, source) = (page_of(&collector), page_of(&source));
    for below in ["", "/json", "/backfills", "/dead-letters", "/tail"] {
        browser.go(&format!("{source}{below}")).await;
        browser.has_no_control().await;
    }
    for page in ["/collection", "/health-events?state=all", "/fields", "/about"] {
        browser.go(page).await;
        browser.has_no_control().await;
    }
    assert!(!browser.shows(&Locator::link("Access Keys")).await);
    let refused = ["/collectors/new".to_owned(), format!("{collector}/sources/new")]
        .into_iter()
        .chain(["/edit", "/restart", "/delete"].map(|below| format!("{source}{below}")));
    for page in refused {
        browser.go(&page).await;
        browser.see("This is not allowed").await;
    }
    browser.close_after(&["status 403", "status of 403"]).await;
}

impl Browser {
    async fn has_no_control(&self) {
        self.find(&Locator::css("main h1")).await;
        let controls = self.script(CONTROLS, json!([])).await;
        assert_eq!(controls, json!([]), "on {}", self.page().await);
    }
}
