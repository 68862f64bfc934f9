//! Everything can be read and sent without JavaScript.

use serde_json::json;

use crate::browser::Browser;
use crate::daemon::Daemon;
use crate::locator::Locator;

#[tokio::test]
async fn a_collector_is_added_edited_and_deleted_without_javascript() {
    let daemon = Daemon::start().await;
    let browser = Browser::open(&daemon).await;
    browser.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": true })).await;
    let (id, key) = daemon.client.credentials.clone().expect("the first key");
    browser.sign_in("/collection", &id, &key).await;
    browser.click(&Locator::link("Add Collector")).await;
    browser.fill("Name", "Office").await;
    for (name, value) in [("team", "ir"), ("site", "north")] {
        browser.click(&Locator::button("+ Add")).await;
        let row = Locator::xpath("//*[@data-rows]/*[contains(@class, 'pair')][last()]");
        let input = browser.find(&row.within("//input[@name='field-name'][not(@value) or @value='']")).await;
        browser.type_into(&input, name).await;
        let input = browser.find(&row.within("//input[@name='field-value']")).await;
        browser.type_into(&input, value).await;
    }
    browser.click(&Locator::button("Save")).await;
    browser.find(&Locator::row("Office")).await;
    let collectors = daemon.get("/api/v1/collectors").await.expect(200);
    assert_eq!(collectors["collectors"][0]["fields"], json!({ "team": "ir", "site": "north" }));

    browser.click(&Locator::link("Edit Office")).await;
    browser.fill("Name", "Head office").await;
    browser.click(&Locator::button("Save")).await;
    browser.find(&Locator::row("Head office")).await;

    browser.click(&Locator::link("Delete Head office")).await;
    browser.see("Delete “Head office”?").await;
    browser.click(&Locator::link("Cancel")).await;
    browser.click(&Locator::link("Delete Head office")).await;
    browser.click(&Locator::button("Delete")).await;
    browser.see("No collector yet").await;
    browser.click(&Locator::button("Sign out")).await;
    browser.arrive("/sign-in").await;
    browser.close().await;
}
