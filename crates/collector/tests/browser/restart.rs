//! The documented restart flow: information icon, pop-up, Restart Source, Confirm, notification.

use incydr_simulator::{Fault, FaultRule, Target};
use serde_json::json;

use crate::browser::{Browser, key};
use crate::daemon::Daemon;
use crate::locator::Locator;
use crate::stage::collecting;

const NOTIFICATION: &str = "The restart of the source was initiated successfully.";

#[tokio::test]
async fn a_source_is_restarted_from_its_information_icon() {
    let daemon = Daemon::start().await;
    let source = collecting(&daemon, "Code42", json!({})).await;
    let browser = Browser::signed_in(&daemon).await;
    browser.click(&Locator::link("API usage information of Code42")).await;
    let dialog = Locator::css("dialog[open]");
    browser.read(&dialog, r#""clientID""#).await;
    assert!(!browser.text_of(&dialog).await.contains("simulated-secret"), "secrets are masked");
    browser.is_accessible().await;
    browser.click(&Locator::xpath("//dialog//a[.='Restart Source']")).await;
    browser.read(&dialog, "Restart Code42?").await;
    browser.is_accessible().await;
    let authentication =
        daemon.incydr.faults().add(FaultRule::next(Target::Oauth, 1, Fault::Delay { millis: 1 }));
    browser.click(&Locator::button("Confirm")).await;
    browser.read(&Locator::css(".notices"), NOTIFICATION).await;
    daemon.incydr.faults().wait_until_struck(authentication, 1).await;
    daemon.reach(&source, "Collecting").await;
    browser.reload().await;
    browser.find(&Locator::css("main h1")).await;
    assert!(!browser.shows(&Locator::css(".notice")).await, "a notification is shown once");
    browser.close().await;
}

#[tokio::test]
async fn signing_in_and_restarting_a_source_need_only_a_keyboard() {
    let daemon = Daemon::start().await;
    collecting(&daemon, "Code42", json!({})).await;
    let (id, access_key) = daemon.client.credentials.clone().expect("the first key");
    let browser = Browser::open(&daemon).await;
    browser.go("/collection").await;
    browser.find(&Locator::labeled("Access ID")).await;
    browser.press(&format!("{id}{tab}{access_key}{enter}", tab = key::TAB, enter = key::ENTER)).await;
    browser.arrive("/collection").await;
    browser.press(key::TAB).await;
    assert_eq!(browser.focused().await, "Skip to the content");
    browser.tab_to("API usage information of Code42").await;
    browser.press(key::ENTER).await;
    browser.read(&Locator::css("dialog[open]"), "API usage information").await;
    browser.press(key::ESCAPE).await;
    browser.lose(&Locator::css("dialog[open]")).await;
    assert_eq!(browser.focused().await, "API usage information of Code42", "where one was before");
    browser.press(key::ENTER).await;
    browser.read(&Locator::css("dialog[open]"), "API usage information").await;
    browser.tab_to("Restart Source").await;
    browser.press(key::ENTER).await;
    browser.read(&Locator::css("dialog[open]"), "Restart Code42?").await;
    if browser.focused().await != "Confirm" {
        browser.tab_to("Confirm").await;
    }
    browser.press(key::ENTER).await;
    browser.read(&Locator::css(".notices"), NOTIFICATION).await;
    browser.close().await;
}

impl Browser {
    /// What has the focus says this. Whatever has it can be seen to have it.
    async fn focused(&self) -> String {
        let script = "const focused = document.activeElement;
            const style = getComputedStyle(focused);
            const isSeen = focused === document.body || style.outlineStyle !== 'none' && style.outlineWidth !== '0px';
            if (!isSeen) throw new Error('the focus cannot be seen on ' + focused.outerHTML);
            return focused.getAttribute('aria-label') ?? focused.innerText.trim();";
        self.script(script, json!([])).await.as_str().unwrap_or_default().to_owned()
    }

    /// Goes on to the next control until it says this.
    async fn tab_to(&self, wanted: &str) {
        let mut passed = Vec::new();
        while passed.len() < 60 {
            self.press(key::TAB).await;
            let focused = self.focused().await;
            if focused == wanted {
                return;
            }
            passed.push(focused);
        }
        panic!("{wanted} cannot be reached; there were {passed:?}");
    }
}
