//! Answers of the real program beside the description that it serves.

use serde_json::{Value, json};

use crate::client::{Answer, Request};
use crate::daemon::Daemon;

/// The program with a source that has collected something, and the description that it serves.
struct Described {
    daemon: Daemon,
    description: Value,
    collector: String,
    source: String,
}

impl Described {
    async fn new() -> Self {
        let daemon = Daemon::with_file_events(10).await;
        let description = daemon.get("/api/v1/openapi.json").await.expect(200);
        let collector = daemon.collector("Staging").await;
        let source = daemon.source(&collector, "Code42", json!({})).await;
        daemon.receive_all().await;
        Self { daemon, description, collector, source }
    }

    /// The address behind a path of the description; `None` where it needs something that there is not.
    fn target(&self, path: &str) -> Option<String> {
        let numbers: Vec<_> = self.source.split('/').collect();
        let target = path
            .replace("{collectorId}", numbers[4])
            .replace("{sourceId}", numbers[6])
            .replace("{name}", "Staging")
            .replace("{stream}", "fileEvents");
        (!target.contains('{')).then_some(target)
    }

    /// Asserts that an answer has a status that is described, and a body like it.
    fn check(&self, method: &str, path: &str, answer: &Answer) {
        let shown = format!("{method} {path}: {} {}", answer.status, answer.text());
        let answers = &self.description["paths"][path][method.to_lowercase()]["responses"];
        let described = answers.get(answer.status.to_string()).unwrap_or_else(|| panic!("{shown}"));
        if let Some(content) = described.get("content") {
            let schema = &content["application/json"]["schema"];
            let complaint = complaint(&self.description, schema, &answer.json(), "");
            assert_eq!(complaint, None, "{shown}");
        }
    }
}

/// What in `value` is not as `schema` says.
fn complaint(description: &Value, schema: &Value, value: &Value, at: &str) -> Option<String> {
    let below = |schema: &Value, value: &Value, name: &str| {
        complaint(description, schema, value, &format!("{at}/{name}"))
    };
    if let Some(reference) = schema["$ref"].as_str() {
        let schema = description.pointer(reference.trim_start_matches('#')).expect("a schema of that name");
        return complaint(description, schema, value, at);
    }
    if let Some(choices) = schema["anyOf"].as_array() {
        let complaints = choices.iter().map(|choice| complaint(description, choice, value, at));
        return complaints.collect::<Option<Vec<_>>>().map(|all| all.join(", and "));
    }
    let is_of = |kind: &str| match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("{at}: no type is called {other}"),
    };
    if schema["type"].as_str().is_some_and(|kind| !is_of(kind)) {
        return Some(format!("{at} is {value}, not {}", schema["type"]));
    }
    if schema["enum"].as_array().is_some_and(|words| !words.contains(value)) {
        return Some(format!("{at} is {value}, none of {}", schema["enum"]));
    }
    let mut required = schema["required"].as_array().into_iter().flatten();
    if let Some(missing) = required.find(|name| value.get(name.as_str().unwrap_or_default()).is_none()) {
        return Some(format!("{at} lacks {missing}"));
    }
    let items = value.as_array().into_iter().flatten().filter(|_| schema.get("items").is_some());
    let mut items = items.filter_map(|item| below(&schema["items"], item, "item"));
    let mut members = value.as_object().into_iter().flatten().filter_map(|(name, member)| {
        match (schema["properties"].get(name), &schema["additionalProperties"]) {
            (Some(schema), _) => below(schema, member, name),
            (None, Value::Bool(false)) => Some(format!("{at} has {name}, which is not described")),
            (None, Value::Object(_)) => below(&schema["additionalProperties"], member, name),
            (None, _) => None,
        }
    });
    items.next().or_else(|| members.next())
}

#[tokio::test]
async fn whatever_can_be_read_is_as_described() {
    let described = Described::new().await;
    let paths = described.description["paths"].as_object().expect("an object");
    let mut read = 0;
    for path in paths.keys().filter(|path| paths[*path].get("get").is_some()) {
        let Some(target) = described.target(path) else { continue };
        described.check("GET", path, &described.daemon.get(&target).await);
        read += 1;
    }
    assert!(read >= 20, "{read}");
}

#[tokio::test]
async fn a_backfill_that_begins_and_one_that_is_only_considered_are_both_as_described() {
    let described = Described::new().await;
    let path = "/api/v1/collectors/{collectorId}/sources/{sourceId}/backfills";
    let target = format!("{}/backfills", described.source);
    let until = "2024-01-01T00:00:00Z";
    let mut wanted =
        json!({ "backfill": { "stream": "fileEvents", "from": "2020-01-01T00:00:00Z", "to": until } });
    for (dry_run, status) in [(true, 200), (false, 201)] {
        wanted["dryRun"] = json!(dry_run);
        let answer = described.daemon.post(&target, &wanted).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        described.check("POST", path, &answer);
    }
    described.check("POST", path, &described.daemon.post(&target, &json!({})).await);
    described.check("GET", path, &described.daemon.get(&target).await);
}

#[tokio::test]
async fn what_is_changed_and_what_is_refused_is_as_described() {
    let described = Described::new().await;
    let Described { daemon, collector, source, .. } = &described;
    let (collectors, one) = ("/api/v1/collectors", "/api/v1/collectors/{collectorId}");
    let sources = "/api/v1/collectors/{collectorId}/sources";
    let named =
        json!({ "collector": { "name": "Another", "timeZone": "Etc/UTC", "fields": { "team": "ir" } } });
    for (status, body) in [(201, &named), (400, &named), (400, &json!([]))] {
        let answer = daemon.post(collectors, body).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        described.check("POST", collectors, &answer);
    }
    let tag = daemon.get(collector).await.etag();
    let renamed = json!({ "collector": { "name": "Renamed" } });
    for status in [200, 412] {
        let answer = daemon.put(collector, &tag, &renamed).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        described.check("PUT", one, &answer);
    }
    let new = daemon.source_json("Second", json!({ "fields": { "team": "ir" } }));
    described.check("POST", sources, &daemon.post(&format!("{collector}/sources"), &new).await);
    let deleted = daemon.delete(source).await;
    assert_eq!(deleted.status, 200);
    described.check("DELETE", "/api/v1/collectors/{collectorId}/sources/{sourceId}", &deleted);
    let nobody = daemon.client.anonymous().send(Request::new("DELETE", collector.as_str())).await;
    assert_eq!(nobody.status, 401);
    described.check("DELETE", one, &nobody);
}
