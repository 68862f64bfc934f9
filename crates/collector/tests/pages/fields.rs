//! The page of the schema of fields.

use serde_json::json;

use crate::daemon::Daemon;
use crate::html::{HOSTILE, assert_hides, assert_inert, assert_only_to_look_at, assert_shows, tag};
use crate::visitor::Visitor;

/// The address of the field with this name.
async fn field(daemon: &Daemon, name: &str) -> String {
    let fields = daemon.get("/api/v1/fields").await.expect(200)["data"].clone();
    let mut fields = fields.as_array().expect("a list").iter();
    let found = fields.find(|field| field["fieldName"] == name).expect("the field");
    format!("/fields/{}", found["fieldId"].as_str().expect("an id"))
}

async fn state(daemon: &Daemon, field: &str) -> String {
    let shown = daemon.get(&format!("/api/v1{field}")).await.expect(200);
    format!("{} {}", shown["dataType"].as_str().expect("text"), shown["state"].as_str().expect("text"))
}

#[tokio::test]
async fn a_field_is_added_disabled_enabled_and_deleted() {
    let daemon = Daemon::start().await;
    let visitor = Visitor::new(&daemon).await;
    assert_shows(&visitor.look("/fields").await, &["There are no fields yet.", "0 of 200"]);
    let added = visitor.change("/fields", &[("name", " env "), ("type", "Long")]).await;
    assert_shows(&visitor.look(&added).await, &["The field was added to the schema.", "1 of 200", "Enabled"]);
    let env = field(&daemon, "env").await;
    assert_eq!(state(&daemon, &env).await, "Long Enabled");
    let disabled = visitor.change(&format!("{env}/disable"), &[]).await;
    assert_shows(&visitor.look(&disabled).await, &["The field was disabled", "Disabled: values are dropped"]);
    assert_eq!(state(&daemon, &env).await, "Long Disabled");
    assert_eq!(visitor.change(&format!("{env}/enable"), &[]).await, "/fields?notice=field-enabled");
    assert_eq!(state(&daemon, &env).await, "Long Enabled");
    assert_shows(&visitor.look(&format!("{env}/delete")).await, &["Delete “env”?"]);
    assert_eq!(visitor.change(&format!("{env}/delete"), &[]).await, "/fields?notice=field-deleted");
    assert_eq!(visitor.get(&format!("{env}/delete")).await.status, 404);
}

#[tokio::test]
async fn each_refusal_is_told_at_its_place() {
    let daemon = Daemon::start().await;
    let visitor = Visitor::new(&daemon).await;
    let collector = daemon.collector("Office").await;
    daemon.source(&collector, "Code42", json!({ "fields": { "env": "prod" } })).await;
    visitor.change("/fields", &[("name", "env"), ("type", "String")]).await;
    let taken = visitor.page_after("/fields", &[("name", "ENV"), ("type", "Int")], 400).await;
    assert_shows(&taken, &["A field with the same name already exists.", "<option selected>Int</option>"]);
    assert_shows(
        tag(&taken, "id=\"name\""),
        &["value=\"ENV\"", "aria-invalid=\"true\" aria-describedby=\"wrong\""],
    );
    let odd = visitor.page_after("/fields", &[("name", "a=b"), ("type", "String")], 400).await;
    assert_shows(&odd, &["Name holds a comma or an equals sign; remove it."]);
    let untyped = visitor.page_after("/fields", &[("name", "team"), ("type", "Word")], 400).await;
    assert_shows(tag(&untyped, "id=\"type\""), &["aria-invalid=\"true\""]);
    assert_hides(tag(&untyped, "id=\"name\""), &["aria-invalid"]);
    let used = visitor.page_after(&format!("{}/delete", field(&daemon, "env").await), &[], 400).await;
    assert_shows(
        &used,
        &["role=\"alert\">The field &#39;env&#39; is used by", "Code42", "remove it there first."],
    );
    assert_eq!(visitor.send("/fields/0000000000000099/enable", &[]).await.status, 404);
}

#[tokio::test]
async fn dropped_fields_are_shown_with_what_lets_them_leave() {
    let daemon = Daemon::with_file_events(5).await;
    let visitor = Visitor::new(&daemon).await;
    daemon.post("/api/v1/fields", &json!({ "fieldName": "off" })).await.expect(200);
    visitor.change(&format!("{}/disable", field(&daemon, "off").await), &[]).await;
    let collector = daemon.collector("Office").await;
    daemon.source(&collector, "Code42", json!({ "fields": { "off": "1", "unknown": "2" } })).await;
    daemon.receive_all().await;
    let dropped = |answer: &crate::client::Answer| answer.json()["data"].as_array().map(Vec::len) == Some(2);
    daemon.until("/api/v1/fields/dropped", dropped).await;
    let page = visitor.look("/fields").await;
    assert_shows(&page, &["Dropped: disabled", "Dropped: not in the schema", "Add unknown to the schema"]);
    visitor.change("/fields", &[("name", "unknown"), ("type", "String")]).await;
    visitor.change(&format!("{}/enable", field(&daemon, "off").await), &[]).await;
    assert_hides(&visitor.look("/fields").await, &["Dropped fields"]);
}

#[tokio::test]
async fn fields_are_searched_and_their_names_are_inert() {
    let daemon = Daemon::start().await;
    let visitor = Visitor::new(&daemon).await;
    for name in [HOSTILE, "team"] {
        visitor.change("/fields", &[("name", name), ("type", "String")]).await;
    }
    assert_inert(&visitor.look("/fields").await);
    assert_inert(&visitor.look(&format!("{}/delete", field(&daemon, HOSTILE).await)).await);
    let found = visitor.look("/fields?search=TEA").await;
    assert_shows(&found, &[">team</th>"]);
    assert_hides(&found, &["script&#62;"]);
    let search: String = url::form_urlencoded::byte_serialize(format!("none{HOSTILE}").as_bytes()).collect();
    assert_inert(&visitor.look(&format!("/fields?search={search}")).await);
}

#[tokio::test]
async fn those_who_may_not_change_the_schema_only_look_at_it() {
    let daemon = Daemon::start().await;
    Visitor::new(&daemon).await.change("/fields", &[("name", "env"), ("type", "String")]).await;
    let env = field(&daemon, "env").await;
    let guest = Visitor::of_role(&daemon, "view").await;
    let collector = daemon.collector("Office").await;
    let keeper = Visitor::of_collector(&daemon, "manage", &collector).await;
    for visitor in [guest, keeper] {
        let page = visitor.look("/fields").await;
        assert_only_to_look_at(&page);
        assert_shows(&page, &[">env</th>", "1 of 200", "Built-in fields (11)"]);
        for address in ["/fields", &format!("{env}/disable"), &format!("{env}/delete")] {
            let answer = visitor.send(address, &[("name", "new"), ("type", "String")]).await;
            assert_eq!(answer.status, 403, "{address}");
        }
        assert_eq!(visitor.get(&format!("{env}/delete")).await.status, 403);
    }
    assert_eq!(state(&daemon, &env).await, "String Enabled");
}
