//! The marks beside the fields of a form: a circle for what the schema has, a triangle for what it does not.

use serde_json::json;

use crate::browser::Browser;
use crate::daemon::Daemon;
use crate::locator::Locator;
use crate::stage::page_of;

const KNOWN: &str = "//*[@data-mark='known']";
const UNKNOWN: &str = "//*[@data-mark='unknown']";
const OFFER: &str = "Automatically activate all fields on save";

#[tokio::test]
async fn fields_are_marked_as_one_types_and_added_to_the_schema_on_demand() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("Office").await;
    daemon.post("/api/v1/fields", &json!({ "fieldName": "team" })).await.expect(200);
    let source = daemon.source(&collector, "Code42", json!({})).await;
    let browser = Browser::signed_in(&daemon).await;
    browser.go(&format!("{}/edit", page_of(&source))).await;
    assert!(!browser.shows(&Locator::labeled(OFFER)).await);

    let row = Locator::xpath("//*[@data-rows]/*[contains(@class, 'pair')][last()]");
    browser.click(&Locator::button("+ Add")).await;
    let name = browser.find(&row.within("//input[@name='field-name']")).await;
    browser.type_into(&name, "tea").await;
    browser.find(&row.within(UNKNOWN)).await;
    browser.find(&Locator::labeled(OFFER)).await;
    browser.press("m").await;
    browser.find(&row.within(KNOWN)).await;
    browser.lose(&row.within(UNKNOWN)).await;
    browser.lose(&Locator::labeled(OFFER)).await;
    let value = browser.find(&row.within("//input[@name='field-value']")).await;
    browser.type_into(&value, "incident response").await;

    browser.click(&Locator::button("+ Add")).await;
    let name = browser.find(&row.within("//input[@name='field-name']")).await;
    browser.type_into(&name, "department").await;
    let value = browser.find(&row.within("//input[@name='field-value']")).await;
    browser.type_into(&value, "sales").await;
    let mark = browser.attribute(&row.within(&format!("{UNKNOWN}//*[@role='img']")), "aria-label").await;
    assert!(
        mark.is_some_and(|mark| mark.contains("does not have this field")),
        "the mark says what it means"
    );
    browser.is_accessible().await;
    browser.click(&Locator::labeled(OFFER)).await;
    browser.click(&Locator::button("Save")).await;
    browser.see("The source was updated.").await;

    let fields = daemon.get("/api/v1/fields").await.expect(200).to_string();
    assert!(fields.contains("department"), "{fields}");
    let kept = daemon.get(&source).await.expect(200)["source"]["config"]["fields"].clone();
    assert_eq!(kept, json!({ "team": "incident response", "department": "sales" }));
    browser.go(&format!("{}/edit", page_of(&source))).await;
    browser.find(&row.within(KNOWN)).await;
    browser.close().await;
}
