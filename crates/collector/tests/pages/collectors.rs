//! The form of a collector, and its deletion.

use serde_json::json;

use crate::daemon::Daemon;
use crate::html::{HOSTILE, assert_hides, assert_inert, assert_shows, hidden, tag};
use crate::visitor::{Visitor, number_of};

const NEW: &str = "/collectors/new";

fn form<'a>(name: &'a str, fields: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let rows = fields.iter().flat_map(|&(name, value)| [("field-name", name), ("field-value", value)]);
    [("name", name), ("description", ""), ("category", ""), ("time-zone", "")]
        .into_iter()
        .chain(rows)
        .collect()
}

#[tokio::test]
async fn a_collector_is_created_and_unknown_fields_are_activated_where_that_is_wanted() {
    let daemon = Daemon::start().await;
    let visitor = Visitor::new(&daemon).await;
    let mut values = form("Office", &[("env", "prod"), ("", ""), ("_siemForward", "true")]);
    values.push(("activate-fields", "yes"));
    assert_eq!(visitor.change(NEW, &values).await, "/collection?notice=collector-created");
    let created = daemon.get("/api/v1/collectors").await.expect(200)["collectors"][0].clone();
    assert_eq!(created["name"], "Office");
    assert_eq!(created["fields"], json!({ "env": "prod", "_siemForward": true }));
    assert_eq!(created.get("category"), None);
    assert_eq!(daemon.get("/api/v1/fields").await.expect(200)["data"][0]["fieldName"], "env");
}

#[tokio::test]
async fn an_edit_keeps_what_the_form_does_not_show() {
    let daemon = Daemon::start().await;
    let visitor = Visitor::new(&daemon).await;
    let body = json!({ "collector": {
        "collectorType": "Hosted", "name": "Office", "hostName": "host", "targetCpu": 3, "category": "old",
        "description": "two\nlines", "timeZone": "Europe/Berlin", "fields": { "env": "prod" },
    } });
    let id = daemon.post("/api/v1/collectors", &body).await.expect(201)["collector"]["id"].clone();
    let edit = format!("/collectors/{id}/edit");
    let page = visitor.look(&edit).await;
    assert_shows(
        &page,
        &["value=\"Office\"", ">two\nlines</textarea>", "value=\"Europe/Berlin\"", "value=\"env\""],
    );
    let etag = hidden(&page, "etag");
    let values = [
        ("etag", etag.as_str()),
        ("name", "Office"),
        ("description", "two\r\nlines"),
        ("category", ""),
        ("time-zone", "Europe/Berlin"),
        ("field-name", "env"),
        ("field-value", "test"),
    ];
    assert_eq!(visitor.change(&edit, &values).await, "/collection?notice=collector-updated");
    let updated = daemon.get(&format!("/api/v1/collectors/{id}")).await.expect(200)["collector"].clone();
    for (key, value) in [
        ("hostName", json!("host")),
        ("targetCpu", json!(3)),
        ("description", json!("two\nlines")),
        ("fields", json!({ "env": "test" })),
    ] {
        assert_eq!(updated[key], value);
    }
    assert_eq!(updated.get("category"), None);
}

#[tokio::test]
async fn each_mistake_is_told_at_its_place_and_nothing_that_was_typed_is_lost() {
    let daemon = Daemon::start().await;
    let visitor = Visitor::new(&daemon).await;
    daemon.collector("Taken").await;
    let taken = visitor.page_after(NEW, &form("Taken", &[("env", HOSTILE)]), 400).await;
    assert_shows(tag(&taken, "id=\"name\""), &["aria-invalid=\"true\"", "aria-describedby=\"name-wrong\""]);
    assert_shows(&taken, &["A resource with the same name already exists."]);
    assert_inert(&taken);
    let unnamed = visitor.page_after(NEW, &form("", &[]), 400).await;
    assert_shows(
        &unnamed,
        &["<span class=\"wrong\" id=\"name-wrong\">Name is empty; give the collector a name."],
    );
    let mut elsewhere = form("Office", &[]);
    elsewhere[3] = ("time-zone", "Atlantis/Center");
    let elsewhere = visitor.page_after(NEW, &elsewhere, 400).await;
    assert_shows(tag(&elsewhere, "id=\"timeZone\""), &["aria-invalid=\"true\"", "value=\"Atlantis/Center\""]);
    let empty = visitor.page_after(NEW, &form("Office", &[("env", "prod"), ("team", " ")]), 400).await;
    assert_shows(&empty, &["id=\"fields-wrong\">Field `team` is empty; give it a value or remove it."]);
    assert_hides(tag(&empty, "value=\"env\""), &["aria-invalid"]);
    assert_shows(tag(&empty, "value=\"team\""), &["aria-invalid=\"true\" aria-describedby=\"fields-wrong\""]);
    let twice = visitor.page_after(NEW, &form("Office", &[("env", "1"), ("env", "2")]), 400).await;
    assert_hides(tag(&twice, "value=\"1\""), &["aria-invalid"]);
    assert_shows(tag(&twice, "value=\"2\""), &["aria-invalid"]);
}

#[tokio::test]
async fn whoever_edits_an_old_version_is_told_and_decides() {
    let daemon = Daemon::start().await;
    let visitor = Visitor::new(&daemon).await;
    let collector = daemon.collector("Office").await;
    let edit = format!("/collectors/{}/edit", number_of(&collector));
    let old = hidden(&visitor.look(&edit).await, "etag");
    let faster = json!({ "collector": { "name": "Office", "category": "of somebody else" } });
    daemon.put(&collector, &old, &faster).await.expect(200);
    let mut values = form("Office", &[("env", "mine")]);
    let stale = visitor.page_after(&edit, &[&values[..], &[("etag", &old)]].concat(), 412).await;
    assert_shows(&stale, &["Somebody else has changed this collector", "of somebody else", "value=\"mine\""]);
    let new = hidden(&stale, "etag");
    values.push(("etag", &new));
    visitor.change(&edit, &values).await;
    let saved = daemon.get(&collector).await.expect(200)["collector"].clone();
    assert_eq!((&saved["fields"], saved.get("category")), (&json!({ "env": "mine" }), None));
}

#[tokio::test]
async fn rows_are_added_and_removed_without_script_and_nothing_is_saved_by_that() {
    let daemon = Daemon::start().await;
    let visitor = Visitor::new(&daemon).await;
    let values = form("Office", &[("env", "1"), ("team", "2")]);
    let rows = |page: &str| page.split("<template>").next().expect("rows").matches("class=\"pair\"").count();
    let added = visitor.page_after(NEW, &[&values[..], &[("action", "add-field")]].concat(), 200).await;
    assert_eq!(rows(&added), 3);
    let removed =
        visitor.page_after(NEW, &[&values[..], &[("action", "remove-field:0")]].concat(), 200).await;
    assert_eq!(rows(&removed), 1);
    assert_shows(&removed, &["value=\"Office\"", "value=\"team\""]);
    assert_hides(&removed, &["value=\"env\""]);
    assert_eq!(daemon.get("/api/v1/collectors").await.expect(200)["collectors"], json!([]));
}

#[tokio::test]
async fn the_marks_of_fields_follow_the_schema() {
    let daemon = Daemon::start().await;
    let visitor = Visitor::new(&daemon).await;
    daemon.post("/api/v1/fields", &json!({ "fieldName": "Env" })).await.expect(200);
    let values = form("", &[("ENV", "1"), ("team", "2")]);
    let page = visitor.page_after(NEW, &values, 400).await;
    let marks: Vec<_> =
        page.match_indices("data-mark=\"").map(|(at, _)| tag(&page[at - 6..], "data-mark")).collect();
    let hidden: Vec<_> = marks[..4].iter().map(|mark| mark.contains("hidden")).collect();
    assert_eq!(hidden, [false, true, true, false], "{marks:?}");
    assert_hides(tag(&page, "data-offer"), &["hidden"]);
    assert_shows(tag(&page, "data-schema"), &["&#34;env&#34;"]);
}

#[tokio::test]
async fn a_deletion_says_how_many_sources_stop_and_then_ends_them() {
    let daemon = Daemon::start().await;
    let visitor = Visitor::new(&daemon).await;
    let collector = daemon.collector(HOSTILE).await;
    let delete = format!("/collectors/{}/delete", number_of(&collector));
    assert_shows(&visitor.look(&delete).await, &["The collector has no sources."]);
    for name in ["one", "two"] {
        daemon.source(&collector, name, json!({})).await;
    }
    let page = visitor.look(&delete).await;
    assert_shows(&page, &["Its 2 sources stop"]);
    assert_inert(&page);
    assert_eq!(visitor.change(&delete, &[]).await, "/collection?notice=collector-deleted");
    daemon.until(&collector, |answer| answer.status == 404).await;
    assert_eq!(visitor.get(&delete).await.status, 404);
}

#[tokio::test]
async fn forms_are_for_those_who_may_use_them() {
    let daemon = Daemon::start().await;
    let (own, other) = (daemon.collector("Own").await, daemon.collector("Other").await);
    let [own, other] = [own, other].map(|address| format!("/collectors/{}", number_of(&address)));
    let guest = Visitor::of_role(&daemon, "view").await;
    for page in [NEW.to_owned(), format!("{own}/edit"), format!("{own}/delete")] {
        assert_eq!(guest.get(&page).await.status, 403, "{page}");
        assert_eq!(guest.send(&page, &form("New", &[])).await.status, 403, "{page}");
    }
    let keeper = Visitor::of_collector(&daemon, "manage", &own).await;
    assert_eq!(keeper.get(NEW).await.status, 403);
    assert_shows(
        &keeper.page_after(NEW, &form("New", &[]), 403).await,
        &["This key is for one collector only."],
    );
    assert_eq!(keeper.get(&format!("{other}/edit")).await.status, 404);
    let edit = keeper.look(&format!("{own}/edit")).await;
    assert_hides(&edit, &["Automatically activate"]);
    assert_eq!(
        daemon.get("/api/v1/collectors").await.expect(200)["collectors"].as_array().map(Vec::len),
        Some(2)
    );
}
