//! Deleting a source: a confirmation, Stopping, and then it is gone.

use incydr_simulator::{BreakPoint, Fault, FaultRule, Target};
use serde_json::json;

use crate::browser::Browser;
use crate::daemon::Daemon;
use crate::locator::Locator;

#[tokio::test]
async fn a_deleted_source_is_stopping_until_its_deliveries_have_ended_and_then_its_row_goes() {
    let daemon = Daemon::with_file_events(50).await;
    // It is waited for as long as a source may stop, so that the page, which looks every two seconds, sees that.
    let hang = Fault::Hang { at: BreakPoint::BeforeHead };
    let rule = daemon.sumo.faults().add(FaultRule::always(Target::Sumo, hang));
    let collector = daemon.collector("Office").await;
    daemon.source(&collector, "Code42", json!({})).await;
    daemon.sumo.faults().wait_until_struck(rule, 1).await;
    let browser = Browser::signed_in(&daemon).await;
    browser.script("window.wasNotReloaded = true", json!([])).await;
    browser.click(&Locator::link("Delete Code42")).await;
    let dialog = Locator::css("dialog[open]");
    browser.read(&dialog, "Delete Code42?").await;
    browser.click(&Locator::xpath("//dialog//a[.='Cancel']")).await;
    browser.lose(&dialog).await;
    browser.until_true("return window.wasNotReloaded").await;

    browser.click(&Locator::link("Delete Code42")).await;
    browser.is_accessible().await;
    browser.click(&Locator::button("Delete Source")).await;
    browser.see("The source is stopping, and will then be gone.").await;
    browser.arrive("/collection").await;
    let row = Locator::row("Code42");
    browser.read(&row.within("/td[@data-label='Status']"), "Stopping").await;
    browser.lose(&Locator::link("Delete Code42")).await;
    browser.lose(&row).await;
    browser.find(&Locator::row("Office")).await;
    browser.close().await;
}
