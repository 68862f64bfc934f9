//! A schema of fields that is kept in a Sumo Logic account. Another daemon, whose API is the same, is the account.

use incydr_simulator::SumoOptions;
use serde_json::{Value, json};

use crate::daemon::{Daemon, tenant_with};

const FIELDS: &str = "/api/v1/fields";

/// A daemon whose schema is that of `account`.
async fn customer_of(account: &Daemon) -> Daemon {
    let (id, key) = account.client.credentials.clone().expect("it has printed them");
    let folder = account.data_dir();
    let (key_file, config) = (folder.join("customer.key"), folder.join("customer.toml"));
    std::fs::write(&key_file, key).expect("the folder is writable");
    let section = format!(
        "[sumo_account]\napi = \"http://{}/api\"\naccess_id = \"{id}\"\naccess_key = \"file:{}\"\n",
        account.client.address,
        key_file.display(),
    );
    std::fs::write(&config, section).expect("the folder is writable");
    let options = ["--api-requests-per-second", "100000", "--config", config.to_str().expect("text")];
    Daemon::with(tenant_with(20), SumoOptions::default(), &options).await
}

async fn names_of(daemon: &Daemon) -> Vec<String> {
    let fields = daemon.get(FIELDS).await.expect(200);
    let name = |field: &Value| field["fieldName"].as_str().expect("text").to_owned();
    fields["data"].as_array().expect("a list").iter().map(name).collect()
}

#[tokio::test]
async fn fields_are_read_from_and_written_to_the_account() {
    let account = Daemon::start().await;
    let customer = customer_of(&account).await;
    let created = customer.post(FIELDS, &json!({ "fieldName": "team" })).await.expect(200);
    assert_eq!(names_of(&account).await, ["team"]);
    account.post(FIELDS, &json!({ "fieldName": "env" })).await.expect(200);
    assert_eq!(names_of(&customer).await, ["team", "env"]);
    let team = format!("{FIELDS}/{}", created["fieldId"].as_str().expect("text"));
    assert_eq!(customer.delete(&format!("{team}/disable")).await.status, 204);
    assert_eq!(account.get(&team).await.expect(200)["state"], "Disabled");
    let again = customer.post(FIELDS, &json!({ "fieldName": "TEAM" })).await;
    assert!(
        again.text().contains("Sumo Logic: A field with the same name already exists."),
        "{}",
        again.text()
    );
    assert_eq!(customer.delete(&team).await.status, 204);
    assert_eq!(names_of(&account).await, ["env"]);
}

#[tokio::test]
async fn a_source_may_add_its_fields_to_the_account() {
    let account = Daemon::start().await;
    let customer = customer_of(&account).await;
    let collector = customer.collector("incydr").await;
    let mut source = customer.source_json("Code42", json!({ "fields": { "team": "ir" } }));
    source["autoActivateFields"] = json!(true);
    customer.post(&format!("{collector}/sources"), &source).await.expect(201);
    assert_eq!(names_of(&account).await, ["team"]);
}

#[tokio::test]
async fn an_account_that_is_gone_is_named_and_holds_no_event_up() {
    let mut account = Daemon::start().await;
    let customer = customer_of(&account).await;
    account.stop().await;
    let answer = customer.get(FIELDS).await;
    assert_eq!(answer.status, 503);
    assert!(answer.text().contains("Sumo Logic's API cannot be used"), "{}", answer.text());
    let collector = customer.collector("incydr").await;
    customer.source(&collector, "Code42", json!({ "fields": { "team": "ir" } })).await;
    customer.receive_all().await;
    customer.assert_complete(0);
}
