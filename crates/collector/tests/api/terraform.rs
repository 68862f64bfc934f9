//! The call sequences of Sumo Logic's Terraform provider, with its headers and bodies byte for byte.

use serde_json::{Value, json};

use crate::client::{Answer, Client, Request};
use crate::daemon::Daemon;

/// Sends as the provider does: the same headers with every request, a body only where it has one.
async fn call(
    client: &Client,
    method: &'static str,
    path: &str,
    body: Option<&str>,
    if_match: Option<&str>,
) -> Answer {
    let mut request = Request::new(method, format!("/api/{path}"))
        .header("User-Agent", "SumoLogicTerraformProvider/3.2.9")
        .header("Content-Type", "application/json");
    if let Some(tag) = if_match {
        request = request.header("If-Match", tag);
    }
    request = request.header("Accept-Encoding", "gzip");
    client
        .send(match body {
            Some(body) => request.body(body),
            None => request,
        })
        .await
}

/// The provider's `Put`: reads the `ETag` of the same URL, whatever that answers, and puts with it.
async fn put(client: &Client, path: &str, body: &str) -> Answer {
    let probe = call(client, "GET", path, None, None).await;
    let tag = probe.header("etag").unwrap_or_default().to_owned();
    call(client, "PUT", path, Some(body), Some(&tag)).await
}

fn is_integer(value: &Value) -> bool {
    value.is_i64() || value.is_u64()
}

#[tokio::test]
async fn sumologic_collector_is_created_read_updated_imported_and_destroyed() {
    let daemon = Daemon::start().await;
    let client = &daemon.client;
    let body = r#"{"collector":{"collectorType":"Hosted","name":"my collector.eu","description":"Just testing this","category":"my/category","timeZone":"Etc/UTC","fields":{"team":"ir"},"ephemeral":false}}"#;
    let created = call(client, "POST", "v1/collectors", Some(body), None).await.expect(201);
    assert!(is_integer(&created["collector"]["id"]));
    let path = format!("v1/collectors/{}", created["collector"]["id"]);
    let read = call(client, "GET", &path, None, None).await.expect(200);
    let wanted: Value = serde_json::from_str(body).expect("JSON");
    for (key, value) in wanted["collector"].as_object().expect("an object") {
        assert_eq!(read["collector"][key], *value, "any difference would be a plan for ever: {key}");
    }
    assert!(is_integer(&read["collector"]["lastSeenAlive"]));
    let named = call(client, "GET", "v1/collectors/name/my%20collector.eu", None, None).await.expect(200);
    assert_eq!(named["collector"]["id"], read["collector"]["id"]);

    let id = &created["collector"]["id"];
    let update = format!(
        r#"{{"collector":{{"id":{id},"collectorType":"Hosted","name":"my collector.eu","timeZone":"Etc/UTC","ephemeral":false}}}}"#
    );
    put(client, &path, &update).await.expect(200);
    let read = call(client, "GET", &path, None, None).await.expect(200);
    for cleared in ["description", "category", "fields"] {
        assert_eq!(read["collector"].get(cleared), None, "{cleared}");
    }
    assert!(call(client, "DELETE", &path, None, None).await.status < 400);
    assert_eq!(call(client, "GET", &path, None, None).await.status, 404);
    assert_eq!(call(client, "GET", "v1/collectors/name/my%20collector.eu", None, None).await.status, 404);
}

#[tokio::test]
async fn sumologic_cloud_to_cloud_source_is_created_read_updated_imported_and_destroyed() {
    let daemon = Daemon::start().await;
    let client = &daemon.client;
    let collector = daemon.collector("my collector").await.trim_start_matches("/api/").to_owned();
    let secret = incydr_simulator::ApiClient::default();
    let config = |name: &str| {
        let base = daemon.incydr.base_url();
        let (id, secret) = (&secret.id, &secret.secret);
        format!(
            r#"{{"baseURL":"{base}","category":"code42","clientID":"{id}","dataCollection":["auditEvents","sessions","fileEvents"],"description":"","fields":{{"_siemForward":false}},"name":"{name}","secretKey":"{secret}"}}"#
        )
    };
    let body = format!(
        r#"{{"source":{{"sourceType":"Universal","config":{},"schemaRef":{{"type":"Code42 Incydr"}}}}}}"#,
        config("Code42 Incydr")
    );
    let created = call(client, "POST", &format!("{collector}/sources"), Some(&body), None).await.expect(201);
    let id = created["source"]["id"].clone();
    assert!(is_integer(&id) && created["source"]["config"].is_object());
    assert_eq!(created["source"]["schemaRef"], json!({ "type": "Code42 Incydr" }));
    let path = format!("{collector}/sources/{id}");
    call(client, "GET", &path, None, None).await.expect(200);
    daemon.reach(&format!("/api/{path}"), "Collecting").await;

    let update = format!(
        r#"{{"source":{{"id":{id},"sourceType":"Universal","config":{},"schemaRef":{{"type":"Code42 Incydr"}}}}}}"#,
        config("Renamed")
    );
    put(client, &path, &update).await.expect(200);
    let read = call(client, "GET", &path, None, None).await.expect(200);
    assert_eq!(read["source"]["config"]["name"], "Renamed");

    let named = call(client, "GET", "v1/collectors/name/my%20collector", None, None).await.expect(200);
    let sources = format!("v1/collectors/{}/sources", named["collector"]["id"]);
    let listed = call(client, "GET", &sources, None, None).await.expect(200);
    let found =
        listed["sources"].as_array().expect("a list").iter().find(|source| source["name"] == "Renamed");
    assert_eq!(found.map(|source| &source["id"]), Some(&id), "an import by name finds it");

    assert!(call(client, "DELETE", &path, None, None).await.status < 400);
    assert!(call(client, "DELETE", &collector, None, None).await.status < 400, "at once after its source");
    assert_eq!(call(client, "GET", &path, None, None).await.status, 404);
    assert_eq!(call(client, "GET", &collector, None, None).await.status, 404);
}

#[tokio::test]
async fn a_replaced_cloud_to_cloud_source_takes_over_the_name_at_once() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("c").await;
    let mut source = daemon.source(&collector, "Code42", json!({})).await;
    for _ in 0..3 {
        let path = source.trim_start_matches("/api/").to_owned();
        assert!(call(&daemon.client, "DELETE", &path, None, None).await.status < 400);
        source = daemon.source(&collector, "Code42", json!({})).await;
    }
    daemon.reach(&source, "Collecting").await;
}

#[tokio::test]
async fn sumologic_field_is_created_found_switched_and_destroyed() {
    let daemon = Daemon::start().await;
    let client = &daemon.client;
    let body = r#"{"fieldId":"","dataType":"String","state":"Enabled","fieldName":"MyField_1"}"#;
    let created = call(client, "POST", "v1/fields", Some(body), None).await.expect(200);
    let listed = call(client, "GET", "v1/fields", None, None).await.expect(200);
    let fields = listed["data"].as_array().expect("a list");
    let found = fields.iter().find(|field| field["fieldName"] == "MyField_1").expect("the exact name");
    assert_eq!(found["fieldId"], created["fieldId"]);
    let path = format!("v1/fields/{}", found["fieldId"].as_str().expect("text"));
    assert_eq!(call(client, "GET", &path, None, None).await.expect(200)["state"], "Enabled");

    assert_eq!(call(client, "DELETE", &format!("{path}/disable"), None, None).await.status, 204);
    assert_eq!(call(client, "GET", &path, None, None).await.expect(200)["state"], "Disabled");
    assert_eq!(put(client, &format!("{path}/enable"), "null").await.status, 204);
    assert_eq!(call(client, "GET", &path, None, None).await.expect(200)["state"], "Enabled");
    assert_eq!(call(client, "DELETE", &path, None, None).await.status, 204);
    assert_eq!(call(client, "GET", &path, None, None).await.status, 404);
}
