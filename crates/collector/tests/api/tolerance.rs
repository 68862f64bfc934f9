//! What official clients send although nobody would expect it.

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::client::{Request, read_answer};
use crate::daemon::Daemon;

#[tokio::test]
async fn doubled_and_trailing_slashes_and_a_lost_api_prefix_mean_the_same_address() {
    let daemon = Daemon::start().await;
    let address = daemon.collector("c").await;
    let id = address.rsplit('/').next().expect("a number");
    for written in [
        format!("/api/v1//collectors/{id}"),
        format!("/api/v1/collectors/{id}/"),
        format!("//api///v1/collectors//{id}//"),
        format!("/v1/collectors/{id}"),
        format!("/v1//collectors/{id}/"),
    ] {
        assert_eq!(daemon.get(&written).await.expect(200)["collector"]["name"], "c", "{written}");
    }
    daemon.get("/api/v1//collectors/offline").await.expect(200);
    let sources = format!("/v1/collectors/{id}/sources/");
    daemon.post(&sources, &daemon.source_json("Code42", json!({}))).await.expect(201);
    daemon.get("/v1/fields/").await.expect(200);
}

#[tokio::test]
async fn a_body_is_ignored_where_none_is_taken_whatever_its_media_type() {
    let daemon = Daemon::start().await;
    let address = daemon.collector("c").await;
    for body in ["null", "{}", "no JSON", "{\"collector\":{}}"] {
        let get = Request::new("GET", &*address).header("Content-Type", "application/json").body(body);
        daemon.client.send(get).await.expect(200);
    }
    let delete = Request::new("DELETE", &*address).header("Content-Type", "application/json").body("null");
    daemon.client.send(delete).await.expect(200);
}

#[tokio::test]
async fn json_is_json_with_whatever_media_type() {
    let daemon = Daemon::start().await;
    let types = [
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON;charset=UTF-8",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/octet-stream",
    ];
    for (number, media_type) in types.into_iter().enumerate() {
        let body = json!({ "collector": { "name": format!("c{number}") } }).to_string();
        let post = Request::new("POST", "/api/v1/collectors").header("Content-Type", media_type).body(body);
        daemon.client.send(post).await.expect(201);
    }
    let bare = Request::new("POST", "/api/v1/collectors").body("{\"collector\":{\"name\":\"bare\"}}");
    daemon.client.send(bare).await.expect(201);
}

#[tokio::test]
async fn a_body_may_come_in_chunks_and_after_a_100_continue() {
    let daemon = Daemon::start().await;
    let text = json!({ "api.version": "v1", "collector": { "name": "in chunks" } }).to_string();
    let mut chunks = String::new();
    for part in text.as_bytes().chunks(7) {
        chunks += &format!("{:x}\r\n{}\r\n", part.len(), String::from_utf8_lossy(part));
    }
    chunks += "0\r\n\r\n";
    let post = Request::new("POST", "/api/v1/collectors").header("Transfer-Encoding", "chunked").body(chunks);
    daemon.client.send(post).await.expect(201);

    let body = json!({ "collector": { "name": "continued" } }).to_string();
    let (id, key) = daemon.client.credentials.clone().expect("credentials");
    let credentials =
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("{id}:{key}"));
    let head = format!(
        "POST /api/v1/collectors HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {credentials}\r\nExpect: 100-continue\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let mut stream = daemon.client.connect().await;
    stream.write_all(head.as_bytes()).await.expect("it reads");
    let mut interim = [0; 25];
    tokio::io::AsyncReadExt::read_exact(&mut stream, &mut interim).await.expect("it wants the body");
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(body.as_bytes()).await.expect("it reads");
    read_answer(&mut stream).await.expect(201);
}

#[tokio::test]
async fn head_is_answered_like_get_without_a_body() {
    let daemon = Daemon::start().await;
    let address = daemon.collector("c").await;
    let (head, get) = (daemon.client.send(Request::new("HEAD", &*address)).await, daemon.get(&address).await);
    assert_eq!((head.status, head.body.len(), head.etag()), (200, 0, get.etag()));
}

#[tokio::test]
async fn the_scheme_of_credentials_may_be_written_in_any_case_and_nothing_else_is_accepted() {
    let daemon = Daemon::start().await;
    let (id, key) = daemon.client.credentials.clone().expect("credentials");
    let encode = |text: String| base64::Engine::encode(&base64::engine::general_purpose::STANDARD, text);
    let right = encode(format!("{id}:{key}"));
    for header in [format!("Basic {right}"), format!("basic {right}"), format!("BASIC {right}")] {
        let get = Request::new("GET", "/api/v1/collectors").header("Authorization", &header);
        daemon.client.send(get).await.expect(200);
    }
    for header in [
        right.clone(),
        format!("Basic{right}"),
        format!("Bearer {right}"),
        format!("Basic {}", encode(id.clone())),
        format!("Basic {}", encode(format!(":{key}"))),
        format!("Basic {id}:{key}"),
        "Basic".to_owned(),
        "Basic \u{fc}".to_owned(),
        String::new(),
    ] {
        let get = Request::new("GET", "/api/v1/collectors").header("Authorization", &header);
        daemon.client.send(get).await.problem(401, "unauthorized");
    }
}

#[tokio::test]
async fn several_requests_go_over_one_connection() {
    let daemon = Daemon::start().await;
    let (id, key) = daemon.client.credentials.clone().expect("credentials");
    let credentials =
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("{id}:{key}"));
    let get = |target: &str, connection: &str| {
        format!(
            "GET {target} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {credentials}\r\nConnection: {connection}\r\n\r\n"
        )
    };
    let both = get("/api/v1/collectors/7", "keep-alive") + &get("/api/v1/fields/quota", "close");
    let mut stream = daemon.client.connect().await;
    stream.write_all(both.as_bytes()).await.expect("it reads");
    let first = read_answer(&mut stream).await;
    assert_eq!(first.status, 404);
    let length: usize =
        first.header("content-length").and_then(|length| length.parse().ok()).expect("a length");
    let second = String::from_utf8_lossy(&first.body[length..]).into_owned();
    let body = second.split("\r\n\r\n").nth(1).expect("a body");
    assert_eq!(serde_json::from_str::<Value>(body).expect("JSON"), json!({ "quota": 200, "remaining": 200 }));
}

#[tokio::test]
async fn what_is_null_is_absent_and_null_for_what_is_needed_is_missing() {
    let daemon = Daemon::start().await;
    let collector = json!({
        "id": null, "name": "c", "description": null, "category": null, "timeZone": null, "fields": null,
        "hostName": null, "ephemeral": null, "sourceSyncMode": null, "cutoffTimestamp": null, "links": null,
    });
    let body = json!({ "collector": collector, "autoActivateFields": null, "api.version": null });
    let created = daemon.post("/api/v1/collectors", &body).await.expect(201)["collector"].clone();
    for key in ["description", "category", "timeZone", "fields", "ephemeral"] {
        assert_eq!(created.get(key), None, "{key}");
    }
    let sources = format!("/api/v1/collectors/{}/sources", created["id"]);
    let exclude = json!([{ "filterType": "Exclude", "name": "x", "regexp": "x", "mask": null }]);
    let more = json!({
        "description": null, "category": null, "fields": null, "pollingInterval": null, "lookBack": null,
        "alertsApi": null, "filters": exclude, "hashAlgorithm": null,
    });
    let source = daemon.source_json("s", more);
    let kept = daemon.post(&sources, &source).await.expect(201)["source"]["config"].clone();
    assert_eq!(
        (kept.get("category"), kept.get("lookBack"), kept["filters"][0].get("mask")),
        (None, None, None)
    );
    for (pointer, named) in
        [("/source/config/name", "`source.config.name`"), ("/source/config", "`source.config`")]
    {
        let mut source = source.clone();
        *source.pointer_mut(pointer).expect("it is there") = Value::Null;
        let refused = daemon.post(&sources, &source).await;
        let message = refused.problem(400, "collectors.validation.fields.missing");
        assert!(message.contains(named), "{message}");
    }
}
