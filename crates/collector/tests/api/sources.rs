//! Sources: echo, masks, export, optimistic locking, names, restart.

use std::net::TcpListener;

use incydr_simulator::{CannedAnswer, Fault, FaultRule, Target};
use incydr_store::Inspection;
use serde_json::{Value, json};

use crate::client::{Answer, Request};
use crate::daemon::Daemon;

/// A port that nobody should connect to; `accept` fails while nobody has.
fn decoy() -> TcpListener {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.set_nonblocking(true).expect("a socket");
    listener
}

#[tokio::test]
async fn a_source_is_shown_as_it_was_sent_with_its_state_and_copies_of_its_name_and_category() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("c").await;
    let more = json!({
        "description": "two\nlines", "fields": { "_siemForward": true, "team": "ir" }, "pollingInterval": 60,
        "lookBack": { "fileEvents": 60 }, "dataCollection": ["sessions", "fileEvents"], "hashAlgorithm": "SHA-256",
        "filters": [{ "filterType": "Mask", "name": "mails", "regexp": "(\\S+)@example\\.com", "mask": "#" }],
    });
    let body = daemon.source_json("Code42", more);
    let created = daemon.post(&format!("{collector}/sources"), &body).await;
    let (etag, created) = (created.etag(), created.expect(201));
    let mut expected = body["source"].clone();
    expected["config"]["secretKey"] = json!("********");
    let source = &created["source"];
    for key in ["sourceType", "schemaRef", "config"] {
        assert_eq!(source[key], expected[key], "{key}");
    }
    assert!(source["id"].is_u64());
    assert_eq!((&source["name"], &source["category"]), (&"Code42".into(), &"code42".into()));
    let address = format!("{collector}/sources/{}", source["id"]);
    let shown = daemon.get(&address).await;
    assert_eq!(shown.etag(), etag);
    assert_eq!(shown.expect(200)["source"]["config"], expected["config"]);
    let listed = daemon.get(&format!("{collector}/sources?limit=10&offset=0")).await.expect(200);
    assert_eq!(listed["sources"][0]["config"], expected["config"]);
    assert_eq!(daemon.get(&format!("{collector}/sources?offset=1")).await.expect(200)["sources"], json!([]));
}

#[tokio::test]
async fn a_byte_order_mark_is_no_part_of_what_is_kept() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("c").await;
    let marked = format!("\u{feff}{}", daemon.source_json("Code42", json!({ "description": "d" })));
    let create = Request::new("POST", format!("{collector}/sources")).body(marked);
    let created = daemon.client.send(create).await.expect(201);
    let address = format!("{collector}/sources/{}", created["source"]["id"]);
    assert_eq!(daemon.reach(&address, "Collecting").await["config"]["description"], "d");
    let marked = format!("\u{feff}{}", json!({ "collector": { "name": "marked", "description": "d" } }));
    let created =
        daemon.client.send(Request::new("POST", "/api/v1/collectors").body(marked)).await.expect(201);
    assert_eq!(created["collector"]["description"], "d");
}

#[tokio::test]
async fn keys_that_mean_something_to_a_parser_are_kept_like_any_other() {
    let mut daemon = Daemon::start().await;
    let collector = daemon.collector("c").await;
    let sources = format!("{collector}/sources");
    let magic = r#""fields":{"$serde_json::private::RawValue":"1"}"#;
    let body =
        daemon.source_json("Code42", json!({ "fields": {} })).to_string().replace(r#""fields":{}"#, magic);
    let created = daemon.client.send(Request::new("POST", &*sources).body(body)).await;
    assert!(created.status == 201 && created.text().contains(magic), "{}", created.text());
    daemon.restart().await;
    let holds = |answer: &Answer| answer.text().contains(magic) && answer.text().contains("Collecting");
    daemon.until(&sources, holds).await;
    let named = format!(r#"{{"collector":{{"name":"magic",{magic}}}}}"#);
    let created = daemon.client.send(Request::new("POST", "/api/v1/collectors").body(named)).await;
    assert!(created.status == 201 && created.text().contains(magic), "{}", created.text());
}

#[tokio::test]
async fn a_masked_secret_keeps_the_stored_one() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("c").await;
    let source = daemon.source(&collector, "Code42", json!({})).await;
    daemon.reach(&source, "Collecting").await;
    let asked = daemon.requests_to("oauth");
    let body = daemon.source_json("Code42", json!({ "secretKey": "********", "pollingInterval": 60 }));
    daemon.put(&source, "*", &body).await.expect(200);
    daemon.post(&format!("{source}/action/restart"), &json!({})).await.expect(200);
    daemon.until(&source, |_| daemon.requests_to("oauth") > asked).await;
    daemon.reach(&source, "Collecting").await;
    assert!(daemon.incydr.requests().iter().all(|request| request.status != Some(401)));
}

#[tokio::test]
async fn an_export_can_be_created_again_once_its_secret_is_filled_in() {
    let daemon = Daemon::start().await;
    let (collector, other) = (daemon.collector("c").await, daemon.collector("other").await);
    let source = daemon.source(&collector, "Code42", json!({ "description": "d" })).await;
    let all = daemon.get(&format!("{collector}/sources?download=true")).await.expect(200);
    assert_eq!((&all["api.version"], all.as_object().map(serde_json::Map::len)), (&"v1".into(), Some(2)));
    let mut one = daemon.get(&format!("{source}?download=true")).await.expect(200);
    assert_eq!(one["api.version"], "v1");
    assert_eq!(all["sources"], json!([one["source"]]));
    for key in ["id", "alive", "state", "name", "category"] {
        assert_eq!(one["source"].get(key), None, "{key}");
    }
    let sources = format!("{other}/sources");
    let message = daemon.post(&sources, &one).await.problem(400, "collectors.validation.fields.invalid");
    assert!(message.contains("source.config.secretKey"), "{message}");
    one["source"]["config"]["secretKey"] = json!("filled in");
    let created = daemon.post(&sources, &one).await.expect(201);
    assert_eq!(created["source"]["config"]["description"], "d");
    for query in ["download=yes", "limit=0", "offset=x"] {
        daemon.get(&format!("{sources}?{query}")).await.problem(400, "collectors.validation.query.invalid");
    }
}

#[tokio::test]
async fn the_etag_stays_the_same_over_states_and_changes_with_the_configuration() {
    let daemon = Daemon::start().await;
    let rule = daemon.incydr.faults().add(FaultRule::always(Target::Oauth, Fault::status(503)));
    let collector = daemon.collector("c").await;
    let body = daemon.source_json("Code42", json!({}));
    let created = daemon.post(&format!("{collector}/sources"), &body).await;
    let (etag, created) = (created.etag(), created.expect(201));
    let source = format!("{collector}/sources/{}", created["source"]["id"]);
    daemon.reach(&source, "Error").await;
    assert_eq!(daemon.get(&source).await.etag(), etag);
    daemon.incydr.faults().remove(rule);
    daemon.reach(&source, "Collecting").await;
    assert_eq!(daemon.get(&source).await.etag(), etag);
    daemon.send_put(&source, None, &body).await.problem(403, "forbidden");
    let changed = daemon.source_json("Code42", json!({ "description": "d" }));
    let updated = daemon.put(&source, &etag, &changed).await;
    assert_ne!(updated.etag(), etag);
    assert_eq!(updated.expect(200)["source"]["state"]["state"], "Pending", "its life begins anew");
    daemon.put(&source, &etag, &changed).await.problem(412, "precondition.failed");
}

#[tokio::test]
async fn the_whole_body_of_a_get_can_be_put_back() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("c").await;
    let source = daemon.source(&collector, "Code42", json!({})).await;
    let shown = daemon.get(&source).await;
    let (etag, mut whole) = (shown.etag(), shown.expect(200));
    let unchanged = daemon.put(&source, &etag, &whole).await;
    assert_eq!(unchanged.etag(), etag);
    unchanged.expect(200);
    whole["source"]["config"]["description"] = json!("changed");
    whole["source"]["id"] = Value::Null;
    daemon.put(&source, &etag, &whole).await.expect(200);
    for id in [json!(4_711), json!("1"), json!(-1)] {
        whole["source"]["id"] = id;
        let message =
            daemon.put(&source, "*", &whole).await.problem(400, "collectors.validation.fields.invalid");
        assert!(message.contains("source.id"), "{message}");
    }
}

#[tokio::test]
async fn an_update_keeps_the_place_and_a_restart_delivers_nothing_twice() {
    let daemon = Daemon::with_file_events(300).await;
    let collector = daemon.collector("c").await;
    let source = daemon.source(&collector, "Code42", json!({})).await;
    daemon.receive_all().await;
    let body = daemon.source_json("Renamed", json!({ "pollingInterval": 60, "category": "other" }));
    daemon.put(&source, "*", &body).await.expect(200);
    daemon.reach(&source, "Collecting").await;
    let asked = daemon.requests_to("file-events");
    daemon.post(&format!("{source}/action/restart"), &json!({})).await.expect(200);
    daemon.until(&source, |_| daemon.requests_to("file-events") > asked).await;
    daemon.incydr.add_burst(10, daemon.incydr.clock().now());
    daemon.post(&format!("{source}/action/restart"), &json!({})).await.expect(200);
    daemon.receive_all().await;
    daemon.assert_complete(0);
    let requests = daemon.sumo.requests();
    assert_eq!(requests.last().and_then(|request| request.header("x-sumo-category")), Some("other"));
}

#[tokio::test]
async fn a_restart_needs_neither_body_nor_media_type_and_an_existing_source() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("c").await;
    let source = daemon.source(&collector, "Code42", json!({})).await;
    let restart = |body: &'static str| Request::new("POST", format!("{source}/action/restart")).body(body);
    for body in ["", "null", "{}", "no JSON"] {
        assert_eq!(daemon.client.send(restart(body)).await.expect(200), json!({}));
    }
    let bare = Request::new("POST", format!("{source}/action/restart"));
    daemon.client.send(bare).await.expect(200);
    let absent = format!("{collector}/sources/4711/action/restart");
    daemon.post(&absent, &json!({})).await.problem(404, "collectors.source.invalid");
}

#[tokio::test]
async fn a_source_is_found_only_on_its_own_collector() {
    let daemon = Daemon::start().await;
    let (collector, other) = (daemon.collector("c").await, daemon.collector("other").await);
    let source = daemon.source(&collector, "Code42", json!({})).await;
    let elsewhere = source.replacen(&collector, &other, 1);
    for address in [elsewhere, format!("{collector}/sources/4711"), format!("{collector}/sources/x")] {
        let message = daemon.get(&address).await.problem(404, "collectors.source.invalid");
        assert_eq!(message, "The specified source ID is invalid.");
        let body = daemon.source_json("Code42", json!({}));
        daemon.put(&address, "*", &body).await.problem(404, "collectors.source.invalid");
        daemon.delete(&address).await.problem(404, "collectors.source.invalid");
    }
    daemon.get(&source).await.expect(200);
}

// S15: 0 connects.
#[tokio::test]
async fn no_disguise_of_a_base_url_is_accepted_or_connected_to() {
    let daemon = Daemon::start().await;
    let sources = format!("{}/sources", daemon.collector("c").await);
    let port = daemon.incydr.port();
    let decoy = decoy();
    let trap = decoy.local_addr().expect("an address").port();
    let mut shapes: Vec<String> = [
        "http://127.0.0.1:TRAP",
        "http://localhost:TRAP",
        "http://127.1:TRAP",
        "http://2130706433:TRAP",
        "http://0x7f000001:TRAP",
        "http://0177.0.0.1:TRAP",
        "http://[::1]:TRAP",
        "http://[::ffff:127.0.0.1]:TRAP",
        "http://[64:ff9b::7f00:1]:TRAP",
        "http://0.0.0.0:TRAP",
        "https://127.0.0.1:TRAP",
        "http://127.0.0.1:PORT@127.0.0.1:TRAP",
        "http://127.0.0.1:PORT#@127.0.0.1:TRAP",
        "http://127.0.0.1:PORT\\@127.0.0.1:TRAP",
        "http://127.0.0.1:TRAP#127.0.0.1:PORT",
        "http://127.0.0.1:TRAP?http://127.0.0.1:PORT",
        "http://127.0.0.1.:PORT",
        "http://LOCALHOST:PORT",
        "http://127.0.0.1:PORT/../",
        "http://127.0.0.1:PORT/path",
        "http://user@127.0.0.1:PORT",
        "https://api.us.code42.com@127.0.0.1:TRAP",
        "https://api.us.code42.com:TRAP",
        "https://api.us.code42.com.",
        "https://api.us.code42.com.evil.example",
        "https://аpi.us.code42.com",
        "https://169.254.169.254",
        "http://169.254.169.254/latest/meta-data",
        "https://metadata.google.internal",
        "file:///etc/passwd",
        "gopher://127.0.0.1:TRAP",
        "ftp://127.0.0.1:TRAP",
        "//127.0.0.1:TRAP",
        "env:HOME",
        "http://127.0.0.1:PORT\r\nHost: evil.example",
        "http://127.0.0.1:PORT\u{0}",
        "http://127.0.0.1:PORT%00",
    ]
    .map(|shape| shape.replace("PORT", &port.to_string()).replace("TRAP", &trap.to_string()))
    .into();
    shapes.push(format!("http://127.0.0.1:{trap}/{}", "a".repeat(3_000)));
    for shape in shapes {
        let body = daemon.source_json("Code42", json!({ "baseURL": shape }));
        let message = daemon.post(&sources, &body).await.problem(400, "collectors.validation.fields.invalid");
        assert!(message.contains("source.config.baseURL"), "{shape}: {message}");
    }
    assert!(decoy.accept().is_err(), "nobody connected");
    assert!(daemon.incydr.requests().is_empty());
}

// S15: redirects are not followed.
#[tokio::test]
async fn a_redirect_of_the_vendor_is_not_followed() {
    let daemon = Daemon::start().await;
    let decoy = decoy();
    let location = format!("http://{}/v1/oauth", decoy.local_addr().expect("an address"));
    let mut answer = CannedAnswer { status: 307, ..CannedAnswer::default() };
    answer.headers.insert("location".to_owned(), location);
    daemon.incydr.faults().add(FaultRule::always(Target::Oauth, Fault::Answer(answer)));
    let collector = daemon.collector("c").await;
    let source = daemon.source(&collector, "Code42", json!({})).await;
    daemon.reach(&source, "Error").await;
    assert!(decoy.accept().is_err(), "nobody connected");
}

// F67
#[tokio::test]
async fn a_deleted_source_leaves_its_figures_in_the_audit_log_and_nothing_where_they_were() {
    let daemon = Daemon::with_file_events(50).await;
    let collector = daemon.collector("c").await;
    let source = daemon.source(&collector, "Code42", json!({})).await;
    daemon.receive_all().await;
    daemon.reach(&source, "Collecting").await;
    daemon.delete(&source).await.expect(200);
    daemon.until(&source, |answer| answer.status == 404).await;
    let places = Inspection::of(&daemon.data_dir().join("state.db")).places().await.expect("readable");
    assert_eq!(places, []);
    let log = daemon.get("/api/v1/incydr/auditLog").await.expect(200)["data"].clone();
    assert_eq!(log[0]["action"], "PlaceRemoved", "{log}");
    assert_eq!(
        (&log[0]["before"]["acknowledged"], &log[0]["before"]["unpublished"]),
        (&json!(50), &json!(0))
    );
    assert_eq!(log[1]["action"], "SourceDeleted", "{log}");
}
