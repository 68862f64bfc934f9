//! The schema of fields.

use serde_json::{Value, json};

use crate::client::Request;
use crate::daemon::Daemon;

const FIELDS: &str = "/api/v1/fields";

async fn create(daemon: &Daemon, name: &str) -> String {
    let created = daemon.post(FIELDS, &json!({ "fieldName": name })).await.expect(200);
    created["fieldId"].as_str().expect("text").to_owned()
}

#[tokio::test]
async fn a_field_is_created_shown_disabled_enabled_and_deleted() {
    let daemon = Daemon::start().await;
    assert_eq!(daemon.get(FIELDS).await.expect(200), json!({ "data": [] }));
    let id = create(&daemon, "Team").await;
    assert!(
        id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase()),
        "{id}"
    );
    let one = format!("{FIELDS}/{id}");
    let field =
        |state: &str| json!({ "fieldName": "Team", "fieldId": id, "dataType": "String", "state": state });
    assert_eq!(daemon.get(&one).await.expect(200), field("Enabled"), "in the case that was sent");
    let disabled = daemon.delete(&format!("{one}/disable")).await;
    assert_eq!((disabled.status, disabled.body.len()), (204, 0));
    assert_eq!(daemon.get(FIELDS).await.expect(200), json!({ "data": [field("Disabled")] }));
    for body in ["null", "", "{}"] {
        let enable = Request::new("PUT", format!("{one}/enable")).header("If-Match", "").body(body);
        assert_eq!(daemon.client.send(enable).await.status, 204);
    }
    assert_eq!(daemon.get(&one).await.expect(200), field("Enabled"));
    assert_eq!(daemon.delete(&one).await.status, 204);
    for method in ["GET", "DELETE"] {
        let gone = daemon.client.send(Request::new(method, &*one)).await;
        gone.listed_problem(404, "field:not_found");
    }
    for part in ["enable", "disable"] {
        let method = if part == "enable" { "PUT" } else { "DELETE" };
        let gone = daemon.client.send(Request::new(method, format!("{one}/{part}"))).await;
        gone.listed_problem(404, "field:not_found");
    }
}

#[tokio::test]
async fn the_probe_for_an_etag_is_refused_at_once_in_a_way_that_is_not_repeated() {
    let daemon = Daemon::start().await;
    let id = create(&daemon, "team").await;
    let probe = daemon.get(&format!("{FIELDS}/{id}/enable")).await;
    assert_eq!(probe.header("allow"), Some("PUT"));
    probe.listed_problem(405, "method.unsupported");
}

#[tokio::test]
async fn wrong_names_types_and_duplicates_are_refused() {
    let daemon = Daemon::start().await;
    create(&daemon, "team").await;
    for name in ["team", "TEAM", "_sourceCategory", "_COLLECTOR"] {
        daemon.post(FIELDS, &json!({ "fieldName": name })).await.listed_problem(400, "field:already_exists");
    }
    for body in [
        json!({}),
        json!({ "fieldName": "" }),
        json!({ "fieldName": null }),
        json!({ "fieldName": 7 }),
        json!({ "fieldName": "a,b" }),
        json!({ "fieldName": "a\nb" }),
        json!({ "fieldName": "f".repeat(256) }),
    ] {
        let refused = daemon.post(FIELDS, &body).await.expect(400);
        assert!(refused["errors"][0]["message"].as_str().expect("text").contains("fieldName"), "{refused}");
    }
    let wrong_type = daemon.post(FIELDS, &json!({ "fieldName": "x", "dataType": "Date" })).await.expect(400);
    assert!(wrong_type["errors"][0]["message"].as_str().expect("text").contains("dataType"));
    for data_type in ["String", "Long", "Int", "Double", "Boolean"] {
        let body = json!({ "fieldName": data_type, "dataType": data_type });
        assert_eq!(daemon.post(FIELDS, &body).await.expect(200)["dataType"], data_type);
    }
}

#[tokio::test]
async fn built_in_fields_are_listed_apart_and_cannot_be_changed() {
    let daemon = Daemon::start().await;
    let listed = daemon.get(&format!("{FIELDS}/builtin")).await.expect(200);
    let fields = listed["data"].as_array().expect("a list");
    let names: Vec<_> = fields.iter().filter_map(|field| field["fieldName"].as_str()).collect();
    for name in ["_collector", "_source", "_sourceCategory", "_sourceHost", "_sourceName", "_messageTime"] {
        assert!(names.contains(&name), "{name}");
    }
    let id = fields[0]["fieldId"].as_str().expect("text");
    assert_eq!(daemon.get(&format!("{FIELDS}/builtin/{id}")).await.expect(200), fields[0]);
    daemon.get(&format!("{FIELDS}/builtin/00000000000FFFFF")).await.listed_problem(404, "field:not_found");
    daemon.delete(&format!("{FIELDS}/{id}")).await.listed_problem(404, "field:not_found");
    daemon.delete(&format!("{FIELDS}/{id}/disable")).await.listed_problem(404, "field:not_found");
}

#[tokio::test]
async fn a_field_in_use_cannot_be_deleted() {
    let daemon = Daemon::start().await;
    let id = create(&daemon, "team").await;
    let collector = daemon.collector("c").await;
    let source = daemon.source(&collector, "Code42", json!({ "fields": { "Team": "ir" } })).await;
    let message = daemon.delete(&format!("{FIELDS}/{id}")).await.listed_problem(400, "field:in_use");
    assert!(message.contains("Code42"), "{message}");
    daemon.put(&source, "*", &daemon.source_json("Code42", json!({}))).await.expect(200);
    assert_eq!(daemon.delete(&format!("{FIELDS}/{id}")).await.status, 204);
    let labeled = json!({ "collector": { "name": "labeled", "fields": { "team": "ir" } } });
    daemon.post("/api/v1/collectors", &labeled).await.expect(201);
    let id = create(&daemon, "team").await;
    daemon.delete(&format!("{FIELDS}/{id}")).await.listed_problem(400, "field:in_use");
}

fn sent_fields(daemon: &Daemon) -> String {
    let requests = daemon.sumo.requests();
    requests.last().and_then(|request| request.header("x-sumo-fields")).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_field_outside_of_the_schema_is_dropped_and_listed_until_it_is_added() {
    let daemon = Daemon::with_file_events(3).await;
    let collector = daemon.collector("c").await;
    let source = daemon.source(&collector, "Code42", json!({ "fields": { "team": "ir" } })).await;
    daemon.receive_all().await;
    assert!(!sent_fields(&daemon).contains("team"), "{}", sent_fields(&daemon));
    let is_listed =
        |answer: &crate::client::Answer| answer.json() == json!({ "data": [{ "fieldName": "team" }] });
    daemon.until(&format!("{FIELDS}/dropped"), is_listed).await;

    let id = create(&daemon, "TEAM").await;
    assert_eq!(daemon.get(&format!("{FIELDS}/dropped")).await.expect(200), json!({ "data": [] }));
    deliver_more(&daemon, &source).await;
    assert!(sent_fields(&daemon).contains("team=ir"), "{}", sent_fields(&daemon));
    assert_eq!(daemon.delete(&format!("{FIELDS}/{id}/disable")).await.status, 204);
    deliver_more(&daemon, &source).await;
    assert!(!sent_fields(&daemon).contains("team"), "a disabled field is kept back as well");
}

async fn deliver_more(daemon: &Daemon, source: &str) {
    daemon.incydr.add_burst(3, daemon.incydr.clock().now());
    daemon.post(&format!("{source}/action/restart"), &json!({})).await.expect(200);
    daemon.receive_all().await;
}

#[tokio::test]
async fn fields_are_added_with_the_source_when_it_asks_for_that() {
    let daemon = Daemon::with_file_events(3).await;
    let id = create(&daemon, "disabled").await;
    assert_eq!(daemon.delete(&format!("{FIELDS}/{id}/disable")).await.status, 204);
    let collector = daemon.collector("c").await;
    let mut body = daemon.source_json("Code42", json!({ "fields": { "team": "ir", "Disabled": "no" } }));
    body["autoActivateFields"] = json!("yes");
    let refused = daemon.post(&format!("{collector}/sources"), &body).await;
    assert!(refused.problem(400, "collectors.validation.fields.invalid").contains("autoActivateFields"));
    body["autoActivateFields"] = json!(true);
    daemon.post(&format!("{collector}/sources"), &body).await.expect(201);
    daemon.receive_all().await;
    let sent = sent_fields(&daemon);
    assert!(sent.contains("team=ir") && sent.contains("Disabled=no"), "{sent}");
    let fields = daemon.get(FIELDS).await.expect(200);
    let enabled = |field: &Value| field["state"] == "Enabled";
    assert!(fields["data"].as_array().is_some_and(|fields| fields.len() == 2 && fields.iter().all(enabled)));
}

#[tokio::test]
async fn the_quota_tells_how_many_fields_may_follow() {
    let daemon = Daemon::start().await;
    let before = daemon.get(&format!("{FIELDS}/quota")).await.expect(200);
    assert_eq!(before, json!({ "quota": 200, "remaining": 200 }));
    for number in 0..200 {
        create(&daemon, &format!("field{number}")).await;
    }
    assert_eq!(daemon.get(&format!("{FIELDS}/quota")).await.expect(200)["remaining"], 0);
    let refused = daemon.post(FIELDS, &json!({ "fieldName": "one too many" })).await;
    refused.listed_problem(400, "field:quota_exceeded");
    let collector = daemon.collector("c").await;
    let mut body = daemon.source_json("Code42", json!({ "fields": { "team": "ir" } }));
    body["autoActivateFields"] = json!(true);
    daemon.post(&format!("{collector}/sources"), &body).await.expect(400);
}
