//! S36: every field of every body with everything that it should not be: always 4xx, never 5xx.

use serde_json::{Map, Value, json};

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

/// All paths to the members of an object and of the objects in it.
fn paths_in(value: &Value) -> Vec<Vec<String>> {
    let Value::Object(members) = value else { return Vec::new() };
    let below = |(key, value): (&String, &Value)| {
        let longer = paths_in(value).into_iter().map(|path| [vec![key.clone()], path].concat());
        std::iter::once(vec![key.clone()]).chain(longer).collect::<Vec<_>>()
    };
    members.iter().flat_map(below).collect()
}

fn replaced(body: &Value, path: &[String], value: Option<Value>) -> Value {
    let mut body = body.clone();
    let (last, parents) = path.split_last().expect("a path");
    let parent = parents.iter().fold(&mut body, |value, key| &mut value[key]);
    let members: &mut Map<String, Value> = parent.as_object_mut().expect("an object");
    match value {
        Some(value) => drop(members.insert(last.clone(), value)),
        None => drop(members.remove(last)),
    }
    body
}

/// The places where clients write, each with a body that is right.
async fn writes(daemon: &Daemon) -> Vec<(&'static str, String, Value)> {
    let collector = daemon.collector("c").await;
    let source = daemon.source(&collector, "s", json!({})).await;
    let filters = json!([{ "filterType": "Mask", "name": "m", "regexp": "a", "mask": "#" }]);
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
    vec![
        ("POST", "/api/v1/collectors".to_owned(), collector_body.clone()),
        ("PUT", collector.clone(), collector_body),
        ("POST", format!("{collector}/sources"), source_body.clone()),
        ("PUT", source, source_body),
        ("POST", "/api/v1/fields".to_owned(), field),
        ("POST", "/api/v1/healthEvents/resources".to_owned(), resources),
        ("POST", "/api/v1/incydr/accessKeys".to_owned(), key),
    ]
}

#[tokio::test]
async fn no_value_of_any_member_is_answered_with_a_failure_of_ours_and_refusals_name_the_member() {
    let daemon = Daemon::start().await;
    for (method, target, body) in writes(&daemon).await {
        for path in paths_in(&body) {
            for value in oddities().into_iter().map(Some).chain([None]) {
                let shown = value
                    .as_ref()
                    .map_or("nothing".to_owned(), |value| value.to_string().chars().take(40).collect());
                let request = Request::new(method, &*target).header("If-Match", "*");
                let answer = daemon.client.send(request.json(&replaced(&body, &path, value))).await;
                assert!(answer.status < 500, "{method} {target} {path:?} = {shown}: {}", answer.text());
                let is_about_a_name =
                    answer.text().contains("already exists") || answer.text().contains("duplicate");
                if answer.status == 400 && !is_about_a_name {
                    let text = answer.text();
                    // An object that is no object, or is empty, is named itself or by what it lacks.
                    let is_named = path.iter().any(|key| text.contains(key.as_str()));
                    assert!(is_named, "{method} {target} {path:?} = {shown}: {text}");
                    assert!(text.len() < 2_000, "{path:?} = {shown}: {} bytes", text.len());
                    assert!(!text.contains("\\r\\nX-Injected"), "{text}");
                }
            }
        }
    }
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
