//! Forms that were not sent by a page of the session.

use serde_json::json;

use crate::daemon::Daemon;
use crate::visitor::{Visitor, number_of};

#[tokio::test]
async fn no_form_changes_anything_without_the_token_of_the_session() {
    let daemon = Daemon::start().await;
    let visitor = Visitor::new(&daemon).await;
    let collector = daemon.collector("Office").await;
    let field = daemon.post("/api/v1/fields", &json!({ "fieldName": "env" })).await.expect(200);
    let field = format!("/fields/{}", field["fieldId"].as_str().expect("an id"));
    let id = number_of(&collector);
    let key = daemon.get("/api/v1/incydr/accessKeys").await.expect(200)["accessKeys"][0]["accessId"].clone();
    let key = key.as_str().expect("an id");
    let before = daemon.get("/api/v1/incydr/auditLog").await.expect(200);
    for address in [
        "/collectors/new".to_owned(),
        format!("/collectors/{id}/edit"),
        format!("/collectors/{id}/delete"),
        "/fields".to_owned(),
        format!("{field}/enable"),
        format!("{field}/disable"),
        format!("{field}/delete"),
        "/access-keys".to_owned(),
        format!("/access-keys/{key}/revoke"),
    ] {
        let values = [("name", "new"), ("etag", "*"), ("label", "new"), ("role", "manage")];
        let missing = visitor.send_without_token(&address, &values).await;
        assert_eq!(missing.status, 403, "{address}");
        let foreign = [&values[..], &[("token", "another")]].concat();
        assert_eq!(visitor.send_without_token(&address, &foreign).await.status, 403, "{address}");
    }
    assert_eq!(daemon.get("/api/v1/incydr/auditLog").await.expect(200), before);
}
