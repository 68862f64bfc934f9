//! The parameters of the specification's table "JSON Configuration".

use serde_json::{Value, json};

use crate::daemon::Daemon;

/// Creates a source whose JSON was changed, and gives what the refusal says.
async fn refusal(daemon: &Daemon, collector: &str, change: impl FnOnce(&mut Value), code: &str) -> String {
    let mut body = daemon.source_json("Code42", json!({}));
    change(&mut body["source"]);
    daemon.post(&format!("{collector}/sources"), &body).await.problem(400, code)
}

fn without(key: &'static str) -> impl FnOnce(&mut Value) {
    move |source| drop(source.as_object_mut().expect("an object").remove(key))
}

const MISSING: &str = "collectors.validation.fields.missing";
const INVALID: &str = "collectors.validation.fields.invalid";

// Source parameter: `config`, JSON object, required.
#[tokio::test]
async fn config_is_required_and_an_object() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("c").await;
    assert!(refusal(&daemon, &collector, without("config"), MISSING).await.contains("source.config"));
    let wrong = |source: &mut Value| source["config"] = json!("text");
    assert!(refusal(&daemon, &collector, wrong, INVALID).await.contains("source.config"));
}

// Source parameter: `schemaRef`, JSON object, required, not modifiable.
#[tokio::test]
async fn schema_ref_is_required_known_in_both_spellings_and_cannot_become_another() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("c").await;
    assert!(refusal(&daemon, &collector, without("schemaRef"), MISSING).await.contains("source.schemaRef"));
    let wrong = |source: &mut Value| source["schemaRef"] = json!({ "type": "Okta" });
    assert!(refusal(&daemon, &collector, wrong, INVALID).await.contains("source.schemaRef.type"));
    for (name, spelling) in [("one", "Code42Incydr"), ("other", "Code42 Incydr")] {
        let mut body = daemon.source_json(name, json!({}));
        body["source"]["schemaRef"] = json!({ "type": spelling });
        let created = daemon.post(&format!("{collector}/sources"), &body).await;
        let (etag, created) = (created.etag(), created.expect(201));
        assert_eq!(created["source"]["schemaRef"], json!({ "type": spelling }), "echoed as it was sent");
        let address = format!("{collector}/sources/{}", created["source"]["id"]);
        body["source"]["schemaRef"] = json!({ "type": "Okta" });
        daemon.put(&address, &etag, &body).await.problem(400, INVALID);
        body["source"]["schemaRef"] = json!({ "type": spelling, "version": "latest" });
        daemon.put(&address, &etag, &body).await.expect(200);
    }
}

// Source parameter: `sourceType`, String, required, not modifiable.
#[tokio::test]
async fn source_type_is_required_and_universal_for_ever() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("c").await;
    assert!(refusal(&daemon, &collector, without("sourceType"), MISSING).await.contains("source.sourceType"));
    let wrong = |source: &mut Value| source["sourceType"] = json!("Code42 Incydr");
    assert!(refusal(&daemon, &collector, wrong, INVALID).await.contains("source.sourceType"));
    let source = daemon.source(&collector, "Code42", json!({})).await;
    let etag = daemon.get(&source).await.etag();
    let mut body = daemon.source_json("Code42", json!({}));
    body["source"]["sourceType"] = json!("HTTP");
    daemon.put(&source, &etag, &body).await.problem(400, INVALID);
}

// The JSON example of the specification, as it stands there.
#[tokio::test]
async fn the_example_of_the_specification_is_accepted_and_echoed() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("c").await;
    let example = json!({
        "api.version": "v1",
        "source": {
            "config": {
                "name": "Code42",
                "description": "Code42",
                "category": "code42",
                "baseURL": "https://api.us.code42.com",
                "clientID": "key-xxxx0316-xxxx-492d-xxxx-308184abxxx3",
                "secretKey": "XXXXV%DsznXXX!hxr479cXsxxnbkX@vxxrxkbfxc",
                "dataCollection": ["auditLogs", "alerts", "fileEvents"]
            },
            "schemaRef": { "type": "Code42Incydr" },
            "sourceType": "Universal"
        }
    });
    let created = daemon.post(&format!("{collector}/sources"), &example).await.expect(201);
    let mut masked = example["source"]["config"].clone();
    masked["secretKey"] = json!("********");
    assert_eq!(created["source"]["config"], masked);
    let address = format!("{collector}/sources/{}", created["source"]["id"]);
    daemon.delete(&address).await.expect(200);
}
