//! How errors look: two envelopes, a code, a sentence with a full stop, and an id for each request.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::client::{Answer, Request};
use crate::daemon::Daemon;

/// Three groups of five upper-case letters and digits.
fn is_request_id(id: &Value) -> bool {
    let fits = |group: &str| {
        group.len() == 5 && group.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    id.as_str().is_some_and(|id| id.split('-').count() == 3 && id.split('-').all(fits))
}

#[tokio::test]
async fn collectors_and_sources_answer_in_the_flat_envelope() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("c").await;
    let mut ids = HashSet::new();
    for (answer, status, code) in [
        (daemon.client.anonymous().get("/api/v1/collectors").await, 401, "unauthorized"),
        (daemon.get("/api/v1/collectors/7").await, 404, "collectors.collector.invalid"),
        (daemon.get(&format!("{collector}/sources/7")).await, 404, "collectors.source.invalid"),
        (daemon.client.send(Request::new("PATCH", &*collector)).await, 405, "method.unsupported"),
        (daemon.send_put(&collector, None, &json!({})).await, 403, "forbidden"),
        (daemon.put(&collector, "\"old\"", &json!({})).await, 412, "precondition.failed"),
        (daemon.post("/api/v1/collectors", &json!({})).await, 400, "collectors.validation.fields.missing"),
        (daemon.get("/api/v1/elsewhere").await, 404, "notfound"),
        (daemon.get("/elsewhere").await, 404, "notfound"),
        (daemon.get("/api/v1/fieldsOfWheat").await, 404, "notfound"),
    ] {
        let message = answer.problem(status, code);
        assert!(message.ends_with('.') && !message.contains('\n'), "{message}");
        let body = answer.json();
        assert_eq!(body.as_object().map(serde_json::Map::len), Some(4), "nothing else: {body}");
        assert!(is_request_id(&body["id"]), "{body}");
        assert!(ids.insert(body["id"].to_string()), "an id of its own");
        assert_plain(&answer);
    }
}

#[tokio::test]
async fn fields_and_health_events_answer_in_the_list_envelope() {
    let daemon = Daemon::start().await;
    for (answer, status, code) in [
        (daemon.client.anonymous().get("/api/v1/fields").await, 401, "unauthorized"),
        (daemon.get("/api/v1/fields/7").await, 404, "field:not_found"),
        (daemon.get("/api/v1/healthEvents/7").await, 404, "notfound"),
        (daemon.client.send(Request::new("PATCH", "/v1/fields")).await, 405, "method.unsupported"),
        (daemon.post("/api//v1/fields/", &json!({})).await, 400, "collectors.validation.fields.missing"),
    ] {
        let message = answer.listed_problem(status, code);
        assert!(message.ends_with('.'), "{message}");
        let body = answer.json();
        assert_eq!(body.as_object().map(serde_json::Map::len), Some(2), "{body}");
        assert!(is_request_id(&body["id"]), "{body}");
        assert_plain(&answer);
    }
}

/// S24: no stack, path, SQL or cache.
fn assert_plain(answer: &Answer) {
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    let text = answer.text().to_lowercase();
    for word in ["sqlite", "select ", "panicked", ".rs", "/tmp", "state.db"] {
        assert!(!text.contains(word), "{text}");
    }
}

#[tokio::test]
async fn a_401_says_how_to_authenticate_and_a_405_which_methods_there_are() {
    let daemon = Daemon::start().await;
    let refused = daemon.client.anonymous().get("/api/v1/collectors").await;
    assert_eq!(refused.header("www-authenticate"), Some("Basic realm=\"incydr-collector\""));
    assert_eq!(refused.problem(401, "unauthorized"), "Credential could not be verified.");
    let refused = daemon.client.send(Request::new("PATCH", "/api/v1/collectors")).await;
    assert_eq!(refused.header("allow"), Some("GET, POST"));
    assert_eq!(refused.problem(405, "method.unsupported"), "Unsupported method for URL.");
}
