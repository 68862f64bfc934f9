//! S36: every field of every body with everything that it should not be: always 4xx, never 5xx.

use serde_json::{Value, json};

use crate::client::Request;
use crate::daemon::Daemon;

/// What hardly any field may be.
fn oddities() -> Vec<Value> {
    let texts =
        ["", " ", "\u{0}", "\r\nX-Injected: 1", "\u{202e}\u{feff}", "'; DROP TABLE sources; --", "../../etc"];
    let mut odd: Vec<Value> = texts.into_iter().map(Value::from).collect();
    odd.extend([
        Value::Null,
        json!(true),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(1e300),
        json!([]),
        json!([[]]),
        json!({}),
        json!({ "": null }),
        json!({ "type": {} }),
        json!("x".repeat(1_000_000)),
        json!("𝕏".repeat(1_000)),
    ]);
    odd
}

/// Pointers to everything in an object or a list, as in `/source/config/name`.
fn pointers_into(value: &Value) -> Vec<String> {
    let inside: Vec<(String, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(items) => {
            items.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect()
        }
        _ => Vec::new(),
    };
    let below = |(key, value): (String, &Value)| {
        let deeper =
            pointers_into(value).into_iter().map(|pointer| format!("/{key}{pointer}")).collect::<Vec<_>>();
        std::iter::once(format!("/{key}")).chain(deeper)
    };
    inside.into_iter().flat_map(below).collect()
}

/// The body with another value there, or without it.
fn replaced(body: &Value, pointer: &str, value: Option<Value>) -> Value {
    let mut body = body.clone();
    match value {
        Some(value) => *body.pointer_mut(pointer).expect("it is there") = value,
        None => {
            let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
            match body.pointer_mut(parent).expect("it is there") {
                Value::Object(members) => drop(members.remove(key)),
                Value::Array(items) => drop(items.remove(key.parse().expect("an index"))),
                _ => panic!("{parent} holds nothing"),
            }
        }
    }
    body
}

/// The member that a pointer leads to, or whose list it leads into.
fn key_of(pointer: &str) -> &str {
    let is_key = |part: &&str| part.parse::<usize>().is_err();
    pointer.rsplit('/').find(is_key).expect("a key")
}

/// The places where clients write, each with a body that is right.
async fn writes(daemon: &Daemon) -> Vec<(&'static str, String, Value)> {
    let collector = daemon.collector("c").await;
    let source = daemon.source(&collector, "s", json!({})).await;
    let filters = json!([{ "filterType": "Mask", "name": "m", "regexp": "(a)", "mask": "#" }]);
    let more = json!({
        "description": "d", "fields": { "team": "ir", "_siemForward": true }, "pollingInterval": 60,
        "lookBack": { "fileEvents": 1 }, "settleTime": 1, "retention": 86_400, "alertsApi": "sessions",
        "filters": filters, "hashAlgorithm": "MD5",
    });
    let source_body = daemon.source_json("s", more);
    let collector_body = json!({ "collector": {
        "id": collector.rsplit('/').next().and_then(|id| id.parse::<u64>().ok()), "collectorType": "Hosted",
        "name": "c", "description": "d", "category": "c", "timeZone": "UTC", "fields": { "team": "ir" },
        "hostName": "h", "ephemeral": false, "sourceSyncMode": "UI", "cutoffTimestamp": 0, "targetCpu": -1,
    } });
    let resources = json!({ "data": [{ "id": "0000000000000001", "type": "Source", "name": "n" }] });
    let field = json!({ "fieldName": "f", "fieldId": "", "dataType": "String", "state": "Enabled" });
    let key = json!({ "accessKey": {
        "label": "l", "role": "view", "collectorId": null, "expires": "2099-01-01T00:00:00Z",
    } });
    let (from, to) = ("2020-01-01T00:00:00Z", "2020-02-01T00:00:00Z");
    let backfill = json!({ "backfill": { "stream": "fileEvents", "from": from, "to": to }, "dryRun": true });
    let reset = json!({ "to": to, "dryRun": true });
    vec![
        ("POST", "/api/v1/collectors".to_owned(), collector_body.clone()),
        ("PUT", collector.clone(), collector_body),
        ("POST", format!("{collector}/sources"), source_body.clone()),
        ("PUT", source.clone(), source_body),
        ("POST", format!("{source}/backfills"), backfill),
        ("POST", format!("{source}/streams/fileEvents/action/reset"), reset),
        ("POST", "/api/v1/fields".to_owned(), field),
        ("POST", "/api/v1/healthEvents/resources".to_owned(), resources),
        ("POST", "/api/v1/incydr/accessKeys".to_owned(), key),
    ]
}

#[tokio::test]
async fn no_value_of_any_member_is_answered_with_a_failure_of_ours_and_refusals_name_the_member() {
    let daemon = Daemon::start().await;
    let mut wrong = Vec::new();
    for (method, target, body) in writes(&daemon).await {
        for pointer in pointers_into(&body) {
            for value in oddities().into_iter().map(Some).chain([None]) {
                let shown: String = format!("{value:?}").chars().take(60).collect();
                let request = Request::new(method, &*target).header("If-Match", "*");
                let answer = daemon.client.send(request.json(&replaced(&body, &pointer, value))).await;
                let text = answer.text();
                let is_named = text.contains(key_of(&pointer)) && text.len() < 2_000;
                let is_good = answer.status < 400 || text.contains("already exists") || is_named;
                if answer.status >= 500 || !is_good {
                    wrong.push(format!("{method} {target} {pointer} = {shown}: {text}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_member_that_nobody_knows_or_that_comes_twice_is_named() {
    let daemon = Daemon::start().await;
    for (method, target, body) in writes(&daemon).await {
        let whole = body.to_string();
        let inner = whole.rfind("\":").map(|end| whole[..end].rfind('"').expect("a key") + 1).expect("a key");
        let key: String = whole[inner..].chars().take_while(|letter| *letter != '"').collect();
        let twice = whole.replacen(&format!("\"{key}\":"), &format!("\"{key}\":1,\"{key}\":"), 1);
        let unknown = whole.replacen(&format!("\"{key}\":"), &format!("\"unheardOf\":1,\"{key}\":"), 1);
        for (text, named) in [(twice, key.as_str()), (unknown, "unheardOf")] {
            let request = Request::new(method, &*target).header("If-Match", "*").body(text);
            let answer = daemon.client.send(request).await;
            assert_eq!(answer.status, 400, "{method} {target} {named}: {}", answer.text());
            assert!(answer.text().contains(named), "{named}: {}", answer.text());
        }
    }
}

#[tokio::test]
async fn what_is_no_json_is_refused_with_its_place() {
    let daemon = Daemon::start().await;
    let bodies: [&[u8]; 12] = [
        b"",
        b" ",
        b"{",
        b"nul",
        b"{\"a\":1}x",
        b"\"text",
        b"\xff\xfe",
        b"{\"a\":\"\xff\"}",
        b"{\"a\":01}",
        b"{\"a\":NaN}",
        b"{\"a\":\"\\ud800\"}",
        b"{\"a\":1e999}",
    ];
    for (method, target, _) in writes(&daemon).await {
        for body in bodies {
            let request = Request::new(method, &*target).header("If-Match", "*").body(body);
            let answer = daemon.client.send(request).await;
            assert_eq!(answer.status, 400, "{method} {target} {body:?}: {}", answer.text());
            assert!(answer.text().contains("the request body"), "{}", answer.text());
        }
    }
}
