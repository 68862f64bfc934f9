//! What the first page costs a browser.

use serde_json::json;

use crate::browser::Browser;
use crate::daemon::Daemon;
use crate::locator::Locator;

/// As many sources as a page shows and more, so that it is full.
const SOURCES: usize = 60;
/// Page, stylesheet, script and icon together, before compression.
const MOST_BYTES: u64 = 60 * 1024;

#[tokio::test]
async fn the_first_page_of_a_large_installation_is_small() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("Office").await;
    for number in 0..SOURCES {
        let category = json!({ "category": format!("security/code42/department-{number}") });
        daemon.source(&collector, &format!("Code42 of department {number}"), category).await;
    }
    let browser = Browser::signed_in(&daemon).await;
    browser.find(&Locator::css("tr.child")).await;
    let script = "return ['navigation', 'resource'].flatMap((kind) => performance.getEntriesByType(kind))
        .filter((entry) => entry.initiatorType !== 'other')
        .map((entry) => [entry.name, entry.decodedBodySize])";
    let loaded = browser.script(script, json!([])).await;
    let bytes: u64 = loaded.as_array().expect("a list").iter().map(|of| of[1].as_u64().expect("bytes")).sum();
    assert!(bytes > 20_000 && bytes <= MOST_BYTES, "{bytes} bytes: {loaded}");
    browser.close().await;
}
