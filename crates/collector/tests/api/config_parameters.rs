//! The parameters of the specification's table "Config parameters".

use serde_json::{Value, json};

use crate::daemon::Daemon;

const MISSING: &str = "collectors.validation.fields.missing";
const INVALID: &str = "collectors.validation.fields.invalid";

/// A collector, and what it says to sources with another value of one parameter.
struct Trial {
    daemon: Daemon,
    sources: String,
    key: &'static str,
}

impl Trial {
    async fn of(key: &'static str) -> Self {
        let daemon = Daemon::start().await;
        let sources = format!("{}/sources", daemon.collector("c").await);
        Self { daemon, sources, key }
    }

    async fn refuses_its_absence(&self) {
        let null = self.daemon.source_json("Code42", json!({ self.key: null }));
        let mut absent = null.clone();
        absent["source"]["config"].as_object_mut().expect("an object").remove(self.key);
        for body in [null, absent] {
            let message = self.daemon.post(&self.sources, &body).await.problem(400, MISSING);
            assert!(message.contains(&format!("source.config.{}", self.key)), "{message}");
        }
    }

    async fn refuses(&self, values: &[Value]) {
        for value in values {
            let body = self.daemon.source_json("Code42", json!({ self.key: value.clone() }));
            let message = self.daemon.post(&self.sources, &body).await.problem(400, INVALID);
            assert!(message.contains(&format!("source.config.{}", self.key)), "{value}: {message}");
        }
    }

    /// Creates a source with this value, and updates it to the other one.
    async fn accepts_and_modifies(&self, value: Value, other: Value) -> String {
        let body = self.daemon.source_json("Code42", json!({ self.key: value.clone() }));
        let created = self.daemon.post(&self.sources, &body).await;
        let (etag, created) = (created.etag(), created.expect(201));
        assert_eq!(created["source"]["config"][self.key], value);
        let address = format!("{}/{}", self.sources, created["source"]["id"]);
        let body = self.daemon.source_json("Code42", json!({ self.key: other.clone() }));
        let updated = self.daemon.put(&address, &etag, &body).await;
        assert_ne!(updated.etag(), etag);
        assert_eq!(updated.expect(200)["source"]["config"][self.key], other);
        assert_eq!(self.daemon.get(&address).await.expect(200)["source"]["config"][self.key], other);
        address
    }
}

// Config parameter: `name`, String, required, modifiable, unique per collector.
#[tokio::test]
async fn name_is_required_unique_per_collector_and_modifiable() {
    let trial = Trial::of("name").await;
    trial.refuses_its_absence().await;
    trial.refuses(&[json!(""), json!(" "), json!(7), json!("n".repeat(129)), json!("a\r\nb")]).await;
    let long = "ü".repeat(128);
    trial.accepts_and_modifies(json!("one"), json!(long)).await;
    let body = trial.daemon.source_json(&long, json!({}));
    let message =
        trial.daemon.post(&trial.sources, &body).await.problem(400, "collectors.validation.name.duplicate");
    assert_eq!(message, "A resource with the same name already exists.");
    let another = trial.daemon.collector("another").await;
    trial.daemon.post(&format!("{another}/sources"), &body).await.expect(201);
}

// Config parameter: `description`, String, not required, modifiable.
#[tokio::test]
async fn description_may_have_lines_and_1024_characters() {
    let trial = Trial::of("description").await;
    trial.refuses(&[json!(7), json!("d".repeat(1_025)), json!("a\u{1b}[31m")]).await;
    trial.accepts_and_modifies(json!("two\nlines"), json!("ü".repeat(1_024))).await;
}

// Config parameter: `category`, String, not required, modifiable, assigned to `_sourceCategory`.
#[tokio::test]
async fn category_may_have_1024_characters_and_no_line_break() {
    let trial = Trial::of("category").await;
    trial.refuses(&[json!([]), json!("c".repeat(1_025)), json!("a\nX-Sumo-Name: b")]).await;
    let source = trial.accepts_and_modifies(json!("one"), json!("sec/code42")).await;
    let shown = trial.daemon.get(&source).await.expect(200);
    assert_eq!(shown["source"]["category"], "sec/code42", "clients that find sources by category look here");
}

// Config parameter: `fields`, JSON object, not required, modifiable; `_siemForward` is a boolean.
#[tokio::test]
async fn fields_are_a_map_of_at_most_ten_with_siem_forward_as_a_boolean() {
    let trial = Trial::of("fields").await;
    let map = |count: usize| (0..count).map(|number| (format!("f{number}"), json!("v"))).collect::<Value>();
    trial
        .refuses(&[
            json!("text"),
            json!({ "team": 7 }),
            json!({ "team": "" }),
            json!({ "team": "a\r\nb" }),
            json!({ "a,b": "c" }),
            json!({ "a=b": "c" }),
            json!({ "": "c" }),
            json!({ "team": "v".repeat(201) }),
            json!({ "k".repeat(256): "v" }),
            json!({ "_siemForward": "yes" }),
            json!({ "_siemforward": true }),
            map(11),
        ])
        .await;
    trial.accepts_and_modifies(json!({ "_siemForward": true, "team": "ir" }), map(10)).await;
}

// Config parameter: `baseURL`, required, modifiable.
#[tokio::test]
async fn base_url_is_required_and_one_of_the_documented_hosts_over_https() {
    let trial = Trial::of("baseURL").await;
    trial.refuses_its_absence().await;
    trial
        .refuses(&[json!(""), json!(7), json!("http://api.us.code42.com"), json!("https://example.com")])
        .await;
    trial.accepts_and_modifies(json!("https://api.us.code42.com"), json!("api.gov.code42.com")).await;
    for host in ["api.us2.code42.com", "api.ie.code42.com"] {
        let body = trial.daemon.source_json(host, json!({ "baseURL": format!("https://{host}") }));
        trial.daemon.post(&trial.sources, &body).await.expect(201);
    }
}

// Config parameter: `clientID`, modifiable. The table calls it a Boolean; it is the text that the platform generates.
#[tokio::test]
async fn client_id_is_a_text_and_shown() {
    let trial = Trial::of("clientID").await;
    trial.refuses_its_absence().await;
    trial.refuses(&[json!(true), json!(""), json!("id:secret"), json!("a\nb"), json!("env:HOME")]).await;
    trial.accepts_and_modifies(json!("key-1"), json!("key-2")).await;
}

// Config parameter: `secretKey`, String, modifiable.
#[tokio::test]
async fn secret_key_is_a_text_and_never_shown() {
    let trial = Trial::of("secretKey").await;
    trial.refuses_its_absence().await;
    let refused =
        ["", "********", "***", "a\nb", " a", "env:HOME", "file:/etc/hostname"].map(|text| json!(text));
    trial.refuses(&refused).await;
    trial.refuses(&[json!(7), json!("s".repeat(4_097))]).await;
    let body = trial.daemon.source_json("Code42", json!({ "secretKey": "first" }));
    let created = trial.daemon.post(&trial.sources, &body).await;
    let (etag, created) = (created.etag(), created.expect(201));
    assert_eq!(created["source"]["config"]["secretKey"], "********");
    let address = format!("{}/{}", trial.sources, created["source"]["id"]);
    let body = trial.daemon.source_json("Code42", json!({ "secretKey": "second" }));
    let updated = trial.daemon.put(&address, &etag, &body).await;
    assert_ne!(updated.etag(), etag, "another secret is another configuration");
    assert_eq!(updated.expect(200)["source"]["config"]["secretKey"], "********");
}

// Config parameter: `dataCollection`, not required, modifiable. The table calls it a String; its examples are lists.
#[tokio::test]
async fn data_collection_knows_every_documented_name_alone_and_in_lists() {
    let trial = Trial::of("dataCollection").await;
    trial
        .refuses(&[json!([]), json!("logs"), json!(["alerts", "logs"]), json!([7]), json!({}), json!(1)])
        .await;
    let all = json!(["auditEvents", "sessions", "fileEvents"]);
    let source = trial.accepts_and_modifies(json!(["auditLogs", "alerts", "fileEvents"]), all).await;
    for value in [json!("fileEvents"), json!("auditLogs"), json!(["sessions", "alerts"])] {
        let body = trial.daemon.source_json("Code42", json!({ "dataCollection": value }));
        let updated = trial.daemon.put(&source, "*", &body).await.expect(200);
        assert_eq!(updated["source"]["config"]["dataCollection"], value, "echoed as it was sent");
    }
    let mut body = trial.daemon.source_json("Code42", json!({}));
    body["source"]["config"].as_object_mut().expect("an object").remove("dataCollection");
    let updated = trial.daemon.put(&source, "*", &body).await.expect(200);
    assert_eq!(updated["source"]["config"].get("dataCollection"), None, "all streams, and nothing is added");
}
