//! A dead letter: found, inspected, refused once more, and delivered when the destination takes it.

use serde_json::json;

use crate::browser::Browser;
use crate::daemon::Daemon;
use crate::locator::Locator;
use crate::stage::{POISON, page_of, poison};

#[tokio::test]
async fn a_dead_letter_is_inspected_and_redelivered() {
    let daemon = Daemon::with_file_events(20).await;
    let refusal = poison(&daemon);
    let collector = daemon.collector("Office").await;
    let source = daemon.source(&collector, "Code42", json!({})).await;
    let letters = format!("{source}/deadLetters");
    daemon.until(&letters, |answer| answer.json()["deadLetters"][0].is_object()).await;
    let browser = Browser::signed_in(&daemon).await;
    browser.go(page_of(&source)).await;
    browser.click(&Locator::xpath("//main//a[contains(@href, '/dead-letters')]")).await;
    browser.see("the payload was refused").await;
    browser.is_accessible().await;
    browser.click(&Locator::link("Inspect")).await;
    browser.read(&Locator::css("pre"), POISON).await;
    browser.is_accessible().await;
    browser.click(&Locator::button("Redeliver")).await;
    browser.read(&Locator::css("[role=alert]"), "the payload was refused").await;
    daemon.sumo.faults().remove(refusal);
    browser.click(&Locator::button("Redeliver")).await;
    browser.see("The dead letter was delivered.").await;
    browser.see("There is none").await;
    daemon.receive_all().await;
    daemon.assert_complete(0);
    browser.close_after(&["status 400", "status of 400"]).await;
}

#[tokio::test]
async fn a_dead_letter_is_discarded_after_a_confirmation() {
    let daemon = Daemon::with_file_events(5).await;
    poison(&daemon);
    let collector = daemon.collector("Office").await;
    let source = daemon.source(&collector, "Code42", json!({})).await;
    let letters = format!("{source}/deadLetters");
    daemon.until(&letters, |answer| answer.json()["deadLetters"][0].is_object()).await;
    let browser = Browser::signed_in(&daemon).await;
    browser.go(&format!("{}/dead-letters", page_of(&source))).await;
    browser.click(&Locator::link("Discard")).await;
    browser.read(&Locator::css("dialog[open]"), "is given up for good").await;
    browser.click(&Locator::button("Discard")).await;
    browser.see("The dead letter was discarded.").await;
    assert_eq!(daemon.get(&letters).await.expect(200)["deadLetters"], json!([]));
    browser.close().await;
}
