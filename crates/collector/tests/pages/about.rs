//! The page about the installation.

use serde_json::json;

use crate::daemon::Daemon;
use crate::html::{HOSTILE, assert_hides, assert_inert, assert_only_to_look_at, assert_shows};
use crate::visitor::Visitor;

const ABOUT: &str = "/about";

#[tokio::test]
async fn the_page_tells_where_everything_is_and_no_secret() {
    let daemon = Daemon::start().await;
    let visitor = Visitor::new(&daemon).await;
    let collector = daemon.collector("Office").await;
    daemon.source(&collector, "Code42", json!({})).await;
    let page = visitor.look(ABOUT).await;
    let sumo = daemon.sumo.url();
    let (place, code) = sumo.rsplit_once('/').expect("an address");
    assert_shows(
        &page,
        &[
            env!("CARGO_PKG_VERSION"),
            &format!("<code>http://{}</code>", daemon.client.address),
            &daemon.data_dir().display().to_string(),
            &format!("<code>{place}/********</code>"),
            "<dt>Collectors</dt><dd>1</dd>",
            "<dt>Sources</dt><dd>1</dd>",
            "No source has trouble delivering.",
            "href=\"/metrics\"",
            "href=\"/api/v1/openapi.json\"",
        ],
    );
    assert_hides(&page, &[code]);
}

#[tokio::test]
async fn the_audit_log_is_paged_verified_and_inert() {
    let daemon = Daemon::start().await;
    for number in 0..25 {
        let wanted = json!({ "fieldName": format!("field{number}{HOSTILE}") });
        daemon.post("/api/v1/fields", &wanted).await.expect(200);
    }
    let visitor = Visitor::new(&daemon).await;
    let newest = visitor.look(ABOUT).await;
    assert_inert(&newest);
    assert_shows(&newest, &["SignedIn", "field24", "FieldCreated", "Verified", "is whole."]);
    assert_hides(&newest, &["field0&", "Newest"]);
    let (_, rest) = newest.split_once("href=\"/about?token=").expect("older entries");
    let older = visitor.look(&format!("/about?token={}", rest.split('#').next().expect("a token"))).await;
    assert_shows(&older, &["field0&", "Newest"]);
    assert_hides(&older, &["field24"]);
    assert_eq!(visitor.get("/about?token=x").await.status, 400);
}

#[tokio::test]
async fn the_page_tells_each_reader_what_concerns_them() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("Own").await;
    daemon.collector("Other").await;
    let guest = Visitor::of_role(&daemon, "view").await.look(ABOUT).await;
    assert_only_to_look_at(&guest);
    assert_shows(&guest, &["<dt>Collectors</dt><dd>2</dd>", "Data folder"]);
    assert_hides(&guest, &["Audit log"]);
    let keeper = Visitor::of_collector(&daemon, "manage", &collector).await.look(ABOUT).await;
    assert_only_to_look_at(&keeper);
    assert_shows(&keeper, &["<dt>Collectors</dt><dd>1</dd>"]);
    assert_hides(&keeper, &["Audit log", "Data folder", "receiver"]);
}
