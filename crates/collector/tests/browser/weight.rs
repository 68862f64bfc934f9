//! What the first page of a large installation costs a browser that has nothing yet.

use serde_json::json;

use crate::browser::Browser;
use crate::daemon::Daemon;
use crate::locator::Locator;

/// As many sources as a page shows and more, so that it is full.
const SOURCES: usize = 60;
/// Before compression.
const MOST_BYTES: u64 = 60 * 1024;

#[tokio::test]
async fn a_page_of_a_large_installation_is_small() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("Office").await;
    for number in 0..SOURCES {
        let category = json!({ "category": format!("security/code42/department-{number}") });
        daemon.source(&collector, &format!("Code42 of department {number}"), category).await;
    }
    let browser = Browser::signed_in(&daemon).await;
    browser.find(&Locator::css("tr.child")).await;
    let script =
        "return [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
        .reduce((sum, entry) => sum + entry.decodedBodySize, 0)";
    let bytes = browser.script(script, json!([])).await.as_u64().expect("bytes");
    assert!(bytes > 20_000 && bytes <= MOST_BYTES, "{bytes} bytes");
    browser.close().await;
}
