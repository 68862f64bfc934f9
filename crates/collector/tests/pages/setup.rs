//! The form of a source: adding one, trying it, editing one.

use incydr_simulator::ApiClient;
use serde_json::json;

use crate::daemon::Daemon;
use crate::html::hidden;
use crate::visitor::{Visitor, page_of};

/// What the form sends for a source of the simulated tenant; `more` replaces or adds.
fn values<'a>(daemon: &'a Values, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let usual = [
        ("name", "Code42"),
        ("category", "sec/code42"),
        ("base_url", daemon.base_url.as_str()),
        ("client_id", daemon.client_id.as_str()),
        ("secret_key", daemon.secret.as_str()),
        ("stream", "fileEvents"),
        ("action", "save"),
    ];
    let kept = usual.into_iter().filter(|(name, _)| more.iter().all(|(other, _)| other != name));
    kept.chain(more.iter().copied()).collect()
}

/// What a person would type.
struct Values {
    base_url: String,
    client_id: String,
    secret: String,
}

impl Values {
    fn of(daemon: &Daemon) -> Self {
        let ApiClient { id, secret, .. } = ApiClient::default();
        Self { base_url: daemon.incydr.base_url().trim_end_matches('/').to_owned(), client_id: id, secret }
    }
}

#[tokio::test]
async fn a_source_that_is_added_collects() {
    let daemon = Daemon::with_file_events(50).await;
    let collector = daemon.collector("Office").await;
    let visitor = Visitor::new(&daemon).await;
    let form = format!("{}/sources/new/code42-incydr", page_of(&collector));
    assert!(visitor.look(&form).await.contains(">https://api.us.code42.com<"));
    let typed = Values::of(&daemon);
    let more = [
        ("siem_forward", "yes"),
        ("field-name", "env"),
        ("field-value", "prod"),
        ("activate-fields", "yes"),
        ("rule_type", "Mask"),
        ("rule_name", "mail"),
        ("rule_regexp", "\"email\":\"([^\"]+)\""),
        ("rule_mask", "#"),
        ("polling_interval", "10"),
    ];
    let next = visitor.change(&form, &values(&typed, &more)).await;
    let page = next.strip_suffix("?notice=source-created").expect("the page of the source");
    let source = format!("/api/v1{page}");
    let config = daemon.reach(&source, "Collecting").await["config"].clone();
    assert_eq!(config["fields"], json!({ "_siemForward": true, "env": "prod" }));
    assert_eq!(config["filters"][0]["mask"], "#");
    assert_eq!((&config["pollingInterval"], &config["secretKey"]), (&json!(10), &json!("********")));
    daemon.receive_all().await;
    assert!(daemon.get("/api/v1/fields").await.text().contains("\"env\""), "it was activated");
}

#[tokio::test]
async fn a_mistake_is_told_at_its_input_and_nothing_typed_is_lost_but_the_secret() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("Office").await;
    daemon.source(&collector, "Taken", json!({})).await;
    let visitor = Visitor::new(&daemon).await;
    let form = format!("{}/sources/new/code42-incydr", page_of(&collector));
    let typed = Values::of(&daemon);
    for (name, value, at) in [
        ("name", "", "name"),
        ("name", "Taken", "name"),
        ("client_id", "", "client_id"),
        ("secret_key", "", "secret_key"),
        ("polling_interval", "soon", "polling_interval"),
        ("base_url", "https://evil.example", "base_url"),
        ("stream", "everything", "stream"),
    ] {
        let page = visitor.page_after(&form, &values(&typed, &[(name, value)]), 400).await;
        assert!(page.contains(&format!("id=\"{at}-wrong\"")), "{name}: {page}");
        assert!(page.contains("value=\"sec/code42\""), "{name}: {page}");
        assert!(!page.contains(&typed.secret), "{name}: {page}");
    }
    let sources = daemon.get(&format!("{collector}/sources")).await.expect(200);
    assert_eq!(sources["sources"].as_array().map(Vec::len), Some(1), "nothing was created");
}

#[tokio::test]
async fn a_connection_is_tried_before_anything_is_saved() {
    let daemon = Daemon::with_file_events(5).await;
    let collector = daemon.collector("Office").await;
    let visitor = Visitor::new(&daemon).await;
    let form = format!("{}/sources/new/code42-incydr", page_of(&collector));
    let typed = Values::of(&daemon);
    let works = visitor.page_after(&form, &values(&typed, &[("action", "test")]), 200).await;
    assert!(works.contains("Everything works. Nothing was saved yet."), "{works}");
    assert!(!works.contains(&typed.secret), "{works}");
    let wrong = [("action", "test"), ("secret_key", "wrong")];
    let fails = visitor.page_after(&form, &values(&typed, &wrong), 200).await;
    assert!(fails.contains("Not everything works") && fails.contains("invalid_client"), "{fails}");
    let sources = daemon.get(&format!("{collector}/sources")).await.expect(200);
    assert_eq!(sources["sources"].as_array().map(Vec::len), Some(0));
}

#[tokio::test]
async fn an_edited_source_keeps_its_secret_and_what_the_form_does_not_show() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("Office").await;
    let source = daemon.source(&collector, "Code42", json!({ "hashAlgorithm": "SHA-256" })).await;
    daemon.reach(&source, "Collecting").await;
    let visitor = Visitor::new(&daemon).await;
    let form = format!("{}/edit", page_of(&source));
    let page = visitor.look(&form).await;
    let typed = Values::of(&daemon);
    assert!(page.contains("value=\"Code42\"") && !page.contains(&typed.secret), "{page}");
    let etag = hidden(&page, "etag");
    let more =
        [("etag", etag.as_str()), ("secret_key", ""), ("name", "Renamed"), ("hash_algorithm", "SHA-256")];
    let tried = [&more[..], &[("action", "test")]].concat();
    let works = visitor.page_after(&form, &values(&typed, &tried), 200).await;
    assert!(works.contains("Everything works"), "the stored secret is tried: {works}");
    visitor.change(&form, &values(&typed, &more)).await;
    let changed = daemon.reach(&source, "Collecting").await;
    assert_eq!(
        (&changed["name"], &changed["config"]["hashAlgorithm"]),
        (&json!("Renamed"), &json!("SHA-256"))
    );
    let stale = visitor.page_after(&form, &values(&typed, &more), 412).await;
    assert!(stale.contains("Somebody else has changed it meanwhile"), "{stale}");
    let newest = hidden(&stale, "etag");
    let again = values(&typed, &[("etag", newest.as_str()), ("secret_key", ""), ("name", "Again")]);
    visitor.change(&form, &again).await;
}

#[tokio::test]
async fn rows_can_be_added_without_a_script() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("Office").await;
    let visitor = Visitor::new(&daemon).await;
    let form = format!("{}/sources/new/code42-incydr", page_of(&collector));
    let typed = Values::of(&daemon);
    let rows = |page: &str| {
        let (page, _template) = page.split_once("<template>").expect("what the script makes rows of");
        page.matches("name=\"field-name\"").count()
    };
    let grown = visitor.page_after(&form, &values(&typed, &[("action", "add-field")]), 200).await;
    assert_eq!(rows(&grown), 1, "{grown}");
    let ruled = visitor.page_after(&form, &values(&typed, &[("action", "add-rule")]), 200).await;
    assert_eq!(ruled.matches("name=\"rule_name\"").count(), 2, "one row, and the template");
}

#[tokio::test]
async fn a_type_of_source_is_found_by_its_name() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("Office").await;
    let visitor = Visitor::new(&daemon).await;
    let pick = format!("{}/sources/new", page_of(&collector));
    assert!(visitor.look(&format!("{pick}?search=incydr")).await.contains("sources/new/code42-incydr"));
    assert!(
        visitor.look(&format!("{pick}?search=okta")).await.contains("No type of source is called “okta”")
    );
    let viewer = Visitor::of_role(&daemon, "view").await;
    assert_eq!(viewer.get(&pick).await.status, 403);
}
