//! Access keys: made, shown once, revoked, expired, and limited to one collector.

use serde_json::{Value, json};

use crate::client::{Client, Request};
use crate::daemon::Daemon;

const KEYS: &str = "/api/v1/incydr/accessKeys";

/// Makes a key and gives whoever has it.
pub(crate) async fn make(daemon: &Daemon, wanted: Value) -> Client {
    let key = daemon.post(KEYS, &json!({ "accessKey": wanted })).await.expect(201)["accessKey"].clone();
    let text = |name: &str| key[name].as_str().expect("text").to_owned();
    daemon.client.with_key(&text("accessId"), &text("key"))
}

fn id_of(client: &Client) -> String {
    client.credentials.as_ref().expect("credentials").0.clone()
}

#[tokio::test]
async fn a_key_is_shown_once_and_is_worth_nothing_when_it_is_revoked() {
    let daemon = Daemon::start().await;
    let viewer = make(&daemon, json!({ "label": "dashboard", "role": "view" })).await;
    viewer.get("/api/v1/collectors").await.expect(200);
    let listed = daemon.get(KEYS).await.expect(200);
    let keys = listed["accessKeys"].as_array().expect("a list");
    assert_eq!(keys.len(), 2);
    assert!(keys.iter().all(|key| key.get("key").is_none() && key.get("hash").is_none()), "{listed}");
    let of_viewer = keys.iter().find(|key| key["accessId"] == id_of(&viewer)).expect("it is listed");
    assert_eq!((&of_viewer["label"], &of_viewer["role"]), (&"dashboard".into(), &"view".into()));
    assert!(of_viewer["lastUsed"].is_string(), "{of_viewer}");
    let secret = viewer.credentials.clone().expect("credentials").1;
    assert!(!listed.to_string().contains(&secret));
    assert_eq!(daemon.delete(&format!("{KEYS}/{}", id_of(&viewer))).await.status, 204);
    viewer.get("/api/v1/collectors").await.problem(401, "unauthorized");
    daemon.delete(&format!("{KEYS}/{}", id_of(&viewer))).await.problem(404, "accessKeys.invalid");
}

#[tokio::test]
async fn the_last_key_that_may_manage_for_ever_cannot_be_revoked() {
    let daemon = Daemon::start().await;
    let own = format!("{KEYS}/{}", id_of(&daemon.client));
    make(&daemon, json!({ "label": "viewer", "role": "view" })).await;
    make(&daemon, json!({ "label": "soon over", "role": "manage", "expires": "2099-01-01T00:00:00Z" })).await;
    let number =
        daemon.post("/api/v1/collectors", &json!({ "collector": { "name": "c" } })).await.expect(201);
    let scope = number["collector"]["id"].clone();
    make(&daemon, json!({ "label": "scoped", "role": "manage", "collectorId": scope })).await;
    daemon.delete(&own).await.problem(400, "accessKeys.last");
    let heir = make(&daemon, json!({ "label": "heir", "role": "manage" })).await;
    assert_eq!(daemon.delete(&own).await.status, 204);
    heir.delete(&format!("{KEYS}/{}", id_of(&heir))).await.problem(400, "accessKeys.last");
}

#[tokio::test]
async fn mistakes_in_a_wanted_key_are_named() {
    let daemon = Daemon::start().await;
    for (wanted, named) in [
        (json!({ "role": "view" }), "label"),
        (json!({ "label": "x" }), "role"),
        (json!({ "label": "x", "role": "admin" }), "role"),
        (json!({ "label": "", "role": "view" }), "label"),
        (json!({ "label": "l".repeat(129), "role": "view" }), "label"),
        (json!({ "label": "x", "role": "view", "collectorId": 4711 }), "collectorId"),
        (json!({ "label": "x", "role": "view", "collectorId": "1" }), "collectorId"),
        (json!({ "label": "x", "role": "view", "expires": "yesterday" }), "expires"),
        (json!({ "label": "x", "role": "view", "expires": "2020-01-01T00:00:00Z" }), "expires"),
        (json!({ "label": "x", "role": "view", "key": "chosen" }), "key"),
    ] {
        let refused = daemon.post(KEYS, &json!({ "accessKey": wanted })).await.expect(400);
        assert!(refused["message"].as_str().expect("text").contains(named), "{named}: {refused}");
    }
}

// S04
#[tokio::test]
async fn a_key_for_one_collector_sees_and_changes_nothing_else() {
    let daemon = Daemon::start().await;
    let (own, other) = (daemon.collector("own").await, daemon.collector("other").await);
    let wrong = json!({ "secretKey": "another secret" });
    let own_source = daemon.source(&own, "mine", wrong.clone()).await;
    let foreign = daemon.source(&other, "theirs", wrong).await;
    let events = |answer: &crate::client::Answer| answer.json()["data"].as_array().map_or(0, Vec::len);
    daemon.until("/api/v1/healthEvents", |answer| events(answer) == 2).await;
    let scope: u64 = own.rsplit('/').next().and_then(|id| id.parse().ok()).expect("a number");
    let scoped = make(&daemon, json!({ "label": "scoped", "role": "manage", "collectorId": scope })).await;

    let listed = scoped.get("/api/v1/collectors").await.expect(200);
    assert_eq!(listed["collectors"].as_array().map(Vec::len), Some(1));
    scoped.get(&own_source).await.expect(200);
    let absent = scoped.get("/api/v1/collectors/4711").await;
    let body = daemon.source_json("new", json!({}));
    let (from, to) = ("2020-01-01T00:00:00Z", "2020-02-01T00:00:00Z");
    let backfill = json!({ "backfill": { "stream": "fileEvents", "from": from, "to": to } });
    let reset = json!({ "to": to });
    for refused in [
        scoped.get(&other).await,
        scoped.put(&other, "*", &json!({ "collector": { "name": "x" } })).await,
        scoped.delete(&other).await,
        scoped.get(&format!("{other}/sources")).await,
        scoped.get(&format!("{other}/sources?download=true")).await,
        scoped.post(&format!("{other}/sources"), &body).await,
        scoped.get(&foreign).await,
        scoped.put(&foreign, "*", &body).await,
        scoped.delete(&foreign).await,
        scoped.post(&format!("{foreign}/action/restart"), &json!({})).await,
        scoped.post(&format!("{foreign}/action/poll"), &json!({})).await,
        scoped.get(&format!("{foreign}/streams")).await,
        scoped.get(&format!("{foreign}/streams/fileEvents/proofs")).await,
        scoped.post(&format!("{foreign}/streams/fileEvents/action/reset"), &reset).await,
        scoped.get(&format!("{foreign}/history")).await,
        scoped.get(&format!("{foreign}/backfills")).await,
        scoped.post(&format!("{foreign}/backfills"), &backfill).await,
        scoped.delete(&format!("{foreign}/backfills/1")).await,
        scoped.get(&format!("{foreign}/deadLetters")).await,
        scoped.post(&format!("{foreign}/deadLetters/1/action/redeliver"), &json!({})).await,
        scoped.delete(&format!("{foreign}/deadLetters/1")).await,
    ] {
        refused.problem(404, "collectors.collector.invalid");
        assert_eq!(refused.json()["message"], absent.json()["message"], "as if it did not exist");
    }
    scoped.get("/api/v1/collectors/name/other").await.problem(404, "collectors.collector.invalid");
    scoped.get(&foreign.replacen(&other, &own, 1)).await.problem(404, "collectors.source.invalid");

    let hex = |address: &str| {
        format!(
            "{:016X}",
            address.rsplit('/').next().and_then(|id| id.parse::<u64>().ok()).expect("a number")
        )
    };
    let asked = json!({ "data": [
        { "id": hex(&foreign), "type": "Source" }, { "id": hex(&other), "type": "Collector" },
        { "id": hex(&own_source), "type": "Source" },
    ] });
    for answer in [
        scoped.get("/api/v1/healthEvents").await,
        scoped.get("/api/v1/incydr/healthEvents/history").await,
        scoped.post("/api/v1/healthEvents/resources", &asked).await,
    ] {
        assert_eq!(events(&answer), 1, "{}", answer.text());
        assert_eq!(answer.json()["data"][0]["resourceIdentity"]["name"], "mine");
    }
}

// S04: what concerns everybody is not for those who may see one collector.
#[tokio::test]
async fn a_key_for_one_collector_changes_nothing_that_concerns_all() {
    let daemon = Daemon::start().await;
    let own = daemon.collector("own").await;
    let scope: u64 = own.rsplit('/').next().and_then(|id| id.parse().ok()).expect("a number");
    let scoped = make(&daemon, json!({ "label": "scoped", "role": "manage", "collectorId": scope })).await;
    let field = daemon.post("/api/v1/fields", &json!({ "fieldName": "team" })).await.expect(200);
    let field = format!("/api/v1/fields/{}", field["fieldId"].as_str().expect("text"));
    for request in [
        Request::new("POST", "/api/v1/collectors").json(&json!({ "collector": { "name": "x" } })),
        Request::new("POST", "/api/v1/fields").json(&json!({ "fieldName": "x" })),
        Request::new("DELETE", &*field),
        Request::new("DELETE", format!("{field}/disable")),
        Request::new("PUT", format!("{field}/enable")),
        Request::new("GET", "/api/v1/fields/dropped"),
        Request::new("POST", KEYS).json(&json!({ "accessKey": { "label": "x", "role": "manage" } })),
        Request::new("DELETE", format!("{KEYS}/{}", id_of(&daemon.client))),
        Request::new("GET", "/api/v1/incydr/auditLog"),
        Request::new("GET", "/api/v1/incydr/auditLog/verification"),
    ] {
        let refused = scoped.send(request.clone()).await;
        assert_eq!(refused.status, 403, "{}", refused.text());
    }
    let mut body = daemon.source_json("new", json!({ "fields": { "x": "y" } }));
    body["autoActivateFields"] = json!(true);
    scoped.post(&format!("{own}/sources"), &body).await.problem(403, "forbidden");
    let keys = scoped.get(KEYS).await.expect(200);
    assert_eq!(keys["accessKeys"].as_array().map(Vec::len), Some(1), "its own");
}

// S25
#[tokio::test]
async fn every_change_stands_in_the_audit_log_with_who_made_it_and_no_secret() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("c").await;
    let source = daemon.source(&collector, "Code42", json!({ "secretKey": "canary-of-the-log" })).await;
    daemon.post(&format!("{source}/action/restart"), &json!({})).await.expect(200);
    let log = daemon.get("/api/v1/incydr/auditLog").await.expect(200);
    let entries = log["data"].as_array().expect("a list").iter();
    let done: Vec<_> = entries.map(|one| (one["actor"].as_str(), one["action"].as_str())).collect();
    let client = id_of(&daemon.client);
    let own = |action| (Some(client.as_str()), Some(action));
    assert_eq!(
        done,
        [
            own("SourceRestarted"),
            own("SourceCreated"),
            own("CollectorCreated"),
            (Some("incydr-collector"), Some("AccessKeyCreated")),
        ]
    );
    assert_eq!(log["data"][1]["after"]["config"]["secretKey"], "********");
    assert!(!log.to_string().contains("canary"));
    let verdict = daemon.get("/api/v1/incydr/auditLog/verification").await.expect(200);
    assert_eq!((&verdict["whole"], &verdict["entries"]), (&true.into(), &4.into()));
}
