//! What each verb asks of the API, and how it shows the answer.

use serde_json::json;

use crate::daemon::{refusal, told};
use crate::scripted::Scripted;

#[test]
fn lists_of_several_pages_are_shown_whole() {
    let scripted = Scripted::new(&[
        (
            "GET /healthEvents?limit=1000",
            200,
            r#"{"data":[{"eventName":"ThirdPartyConfigError","eventTime":"2025-01-28T00:00:00Z","details":
                {"error":"Invalid client","description":"first"},"resourceIdentity":{"name":"one"}}],"next":"a b"}"#,
        ),
        (
            "GET /healthEvents?limit=1000&token=a%20b",
            200,
            r#"{"data":[{"eventName":"FirstPartyGenericError","details":{"description":"second"}}],"next":null}"#,
        ),
        ("GET /incydr/healthEvents/history?limit=1000", 200, r#"{"data":[],"next":null}"#),
    ]);
    let table = told(&scripted.run(&["health", "list"]));
    assert_eq!(table.lines().count(), 3, "{table}");
    assert!(table.contains(" ago") && table.contains("first") && table.contains("second"), "{table}");
    let json = told(&scripted.run(&["health", "list", "--output", "json"]));
    let json: serde_json::Value = serde_json::from_str(&json).expect("json");
    assert_eq!(json["data"].as_array().map(Vec::len), Some(2));
    assert!(told(&scripted.run(&["health", "history"])).contains("ever opened"));
}

#[test]
fn fields_are_named_by_id_or_by_name_in_any_case() {
    let scripted = Scripted::new(&[
        (
            "GET /fields",
            200,
            r#"{"data":[{"fieldId":"00000000000000AB","fieldName":"Team","state":"Enabled"}]}"#,
        ),
        ("GET /fields/dropped", 200, r#"{"data":[{"fieldName":"owner"}]}"#),
        ("POST /fields", 200, r#"{"fieldId":"00000000000000AC","fieldName":"site","state":"Enabled"}"#),
        ("PUT /fields/00000000000000AB/enable", 204, ""),
        ("DELETE /fields/00000000000000AB/disable", 204, ""),
        ("DELETE /fields/00000000000000AB", 204, ""),
    ]);
    assert!(told(&scripted.run(&["fields", "list"])).contains("Team"));
    assert!(told(&scripted.run(&["fields", "dropped"])).contains("owner"));
    told(&scripted.run(&["fields", "create", "site"]));
    assert_eq!(scripted.last().body, json!({ "fieldName": "site" }));
    for (verb, asked) in [("enable", "PUT"), ("disable", "DELETE"), ("delete", "DELETE")] {
        told(&scripted.run(&["fields", verb, "TEAM"]));
        assert!(scripted.last().what.starts_with(asked), "{verb}");
    }
    assert!(refusal(&scripted.run(&["fields", "delete", "none"]), 1).contains("no field `none`"));
}

#[test]
fn a_new_access_key_is_shown_once_and_whole() {
    let scripted = Scripted::new(&[
        ("POST /incydr/accessKeys", 201, r#"{"accessKey":{"accessId":"su2","key":"fresh"}}"#),
        ("DELETE /incydr/accessKeys/su2", 200, "{}"),
        (
            "GET /incydr/accessKeys",
            200,
            r#"{"accessKeys":[{"accessId":"su2","role":"view","label":"ci","created":"2025-01-28T00:00:00Z"}]}"#,
        ),
    ]);
    let create =
        ["keys", "create", "ci", "--role", "view", "--collector", "7", "--expires", "2030-01-01T00:00:00Z"];
    assert_eq!(told(&scripted.run(&create)), "Access ID:  su2\nAccess key: fresh   (shown only this once)\n");
    let key = json!({ "label": "ci", "role": "view", "collectorId": 7, "expires": "2030-01-01T00:00:00Z" });
    assert_eq!(scripted.last().body, json!({ "accessKey": key }));
    told(&scripted.run(&["keys", "revoke", "su2"]));
    let table = told(&scripted.run(&["keys", "list"]));
    assert!(table.contains("su2") && table.contains("d "), "{table}");
}

#[test]
fn backfills_take_spans_and_can_be_considered_only() {
    let scripted = Scripted::new(&[
        (
            "POST /collectors/7/sources/8/backfills",
            200,
            r#"{"dryRun":{"events":1234567,"requests":124},"backfill":{"id":3,"stream":"fileEvents","state":"Running"}}"#,
        ),
        ("GET /collectors/7/sources/8/backfills", 200, r#"{"backfills":[]}"#),
        ("DELETE /collectors/7/sources/8/backfills/3", 200, ""),
    ]);
    let create = ["backfills", "create", "7", "8", "--stream", "fileEvents", "--since", "2025-01-01"];
    let considered = told(&scripted.run(&[&create[..], &["--until", "2025-01-02", "--dry-run"]].concat()));
    assert_eq!(considered, "It would collect 1,234,567 events by 124 requests.\n");
    let order = scripted.last().body;
    assert_eq!(
        (&order["dryRun"], &order["backfill"]["from"]),
        (&json!(true), &json!("2025-01-01T00:00:00.000Z"))
    );
    assert!(told(&scripted.run(&create)).contains("Running"));
    assert!(told(&scripted.run(&["backfills", "list", "7", "8"])).contains("no backfills"));
    told(&scripted.run(&["backfills", "cancel", "7", "8", "3"]));
}

#[test]
fn dead_letters_are_inspected_redelivered_and_given_up() {
    let scripted = Scripted::new(&[
        (
            "GET /collectors/7/sources/8/deadLetters?limit=1000",
            200,
            r#"{"deadLetters":[{"id":5,"stream":"alerts","size":2048,"reason":"refused"}],"next":null}"#,
        ),
        ("GET /collectors/7/sources/8/deadLetters/5", 200, r#"{"deadLetter":{"id":5,"raw":"{\"a\":1}"}}"#),
        ("POST /collectors/7/sources/8/deadLetters/5/action/redeliver", 200, "{}"),
        ("DELETE /collectors/7/sources/8/deadLetters/5", 200, ""),
    ]);
    assert!(told(&scripted.run(&["dead-letters", "list", "7", "8"])).contains("2.0 kB"));
    assert_eq!(told(&scripted.run(&["dead-letters", "show", "7", "8", "5"])), "{\"a\":1}\n");
    told(&scripted.run(&["dead-letters", "redeliver", "7", "8", "5"]));
    told(&scripted.run(&["dead-letters", "discard", "7", "8", "5"]));
}

#[test]
fn status_shows_how_far_behind_the_streams_are_and_what_is_wrong() {
    let scripted = Scripted::new(&[
        ("GET /collectors?limit=1000&offset=0", 200, r#"{"collectors":[{"id":7,"name":"office"}]}"#),
        (
            "GET /collectors/7/sources",
            200,
            r#"{"sources":[{"id":8,"name":"Code42","state":{"state":"Error","errorType":"THIRD-PARTY-CONFIG",
                "errorCode":401}}]}"#,
        ),
        (
            "GET /collectors/7/sources/8/streams",
            200,
            r#"{"streams":[{"stream":"fileEvents","lagSeconds":75.4,"fetched":12000,"polling":true}]}"#,
        ),
        ("GET /healthEvents?limit=1000", 200, r#"{"data":[],"next":null}"#),
    ]);
    let status = told(&scripted.run(&["status"]));
    assert!(status.contains("fileEvents 1m 15s") && status.contains("THIRD-PARTY-CONFIG 401"), "{status}");
    assert!(status.contains("Everything is well"), "{status}");
    let streams = told(&scripted.run(&["sources", "streams", "7", "Code42"]));
    assert!(streams.contains("12,000") && streams.contains("now"), "{streams}");
}

#[test]
fn an_update_carries_the_tag_and_a_refusal_is_the_api_s_own_sentence() {
    let scripted = Scripted::new(&[
        ("GET /collectors/7/sources/8", 200, "{}"),
        ("PUT /collectors/7/sources/8", 412, r#"{"message":"The resource has changed."}"#),
        ("POST /fields", 400, r#"{"errors":[{"message":"There are 200 already."}]}"#),
        ("GET /fields", 503, r#"{"message":"Service is currently unavailable."}"#),
    ]);
    std::fs::write(scripted.path("source.json"), "{\"config\": {}}").expect("write");
    let said = refusal(&scripted.run(&["sources", "update", "7", "8", "--file", "source.json"]), 1);
    assert_eq!(said, "error: The resource has changed.\n");
    assert_eq!(scripted.last().tag.as_deref(), Some("\"tag\""));
    assert_eq!(refusal(&scripted.run(&["fields", "create", "x"]), 1), "error: There are 200 already.\n");
    let said = refusal(&scripted.run(&["fields", "list"]), 2);
    assert!(said.contains("unavailable") && !said.contains("canary"), "{said}");
}
