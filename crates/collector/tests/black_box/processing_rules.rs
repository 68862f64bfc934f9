//! Processing rules in the whole program: what arrives, what does not, and what the closing figures say of it.

use std::collections::BTreeMap;
use std::time::Duration;

use incydr_simulator::{GivenEvent, Keep, Moment, SimulatedSumo, SumoOptions};
use serde_json::{Value, json};

use crate::stage::{Stage, tenant_with};

/// The digests of `user@example.com`, as `md5sum` and `sha256sum` write them.
const ADDRESS_MD5: &str = "b58996c504c5638798eb6b511e6f49af";
const ADDRESS_SHA_256: &str = "b4c9a289323b21a01c3e940f150eb9b8c542587f1abfd8f0e1cc1ffc5e475514";

fn event(id: &str, at: Moment, more: &str) -> GivenEvent {
    let time = at.iso(9);
    let document = format!(r#"{{"@timestamp":"{time}","event":{{"id":"{id}","inserted":"{time}"}},{more}}}"#);
    GivenEvent::raw(id, at, document.into_bytes())
}

/// A tenant with three events of its own, and a Sumo Logic that keeps messages.
async fn stage() -> (Stage, [GivenEvent; 3]) {
    let sumo = SumoOptions { keep: Keep::Messages, ..SumoOptions::default() };
    let stage = Stage::new(tenant_with(0), sumo).await;
    let at = stage.incydr.clock().now().minus(Duration::from_secs(3_600));
    let events = [
        event("dropped", at, r#""user":{"email":"user@example.com"},"file":{"name":"secret.txt"}"#),
        event(
            "rewritten",
            at,
            r#""user":{"email":"user@example.com"},"file":{"name":"plan.txt","owner":"plan.txt"}"#,
        ),
        event("untouched", at, r#""user":{"id":"7"}"#),
    ];
    stage.incydr.add_events(events.clone(), at);
    (stage, events)
}

fn filters() -> Value {
    json!([
        { "filterType": "Exclude", "name": "secrets", "regexp": r#"{.*"file":{"name":"secret\.txt"}}"#, "mask": "" },
        { "filterType": "Mask", "name": "files", "regexp": r#""(?:name|owner)":"([^"]+)\.txt""#, "mask": "##FILE##" },
        { "filterType": "Hash", "name": "mail", "regexp": r#""email":"([^"]+)""# },
    ])
}

/// The messages that arrived, by the id of their event.
fn arrived(sumo: &SimulatedSumo) -> BTreeMap<String, String> {
    let messages = sumo.received().kept.into_iter();
    messages
        .map(|message| {
            let text = String::from_utf8(message.to_vec()).expect("UTF-8");
            let document: Value = serde_json::from_str(&text).expect("JSON");
            (document["event"]["id"].as_str().expect("an id").to_owned(), text)
        })
        .collect()
}

fn text(event: &GivenEvent) -> String {
    String::from_utf8(event.bytes.to_vec()).expect("UTF-8")
}

#[tokio::test]
async fn events_are_excluded_masked_and_hashed_before_any_destination_and_counted_once() {
    let (stage, [_, rewritten, untouched]) = stage().await;
    stage.write_source(&["fileEvents"], json!({ "filters": filters(), "lookBack": 7_200 }));
    stage.collect().to_sumo().to_archive().succeed().await;

    let masked =
        text(&rewritten).replace("plan.txt", "##FILE##.txt").replace("user@example.com", ADDRESS_MD5);
    let expected =
        BTreeMap::from([("rewritten".to_owned(), masked), ("untouched".to_owned(), text(&untouched))]);
    assert_eq!(arrived(&stage.sumo), expected);
    let mut archived = stage.archived_lines();
    archived.sort();
    assert_eq!(archived, expected.into_values().map(String::into_bytes).collect::<Vec<_>>());
    let totals = stage.summary()["totals"].clone();
    assert_eq!(
        (&totals["fetched"], &totals["delivered"], &totals["excluded"]),
        (&json!(3), &json!(2), &json!(1))
    );

    stage.collect().to_sumo().to_archive().succeed().await;
    let totals = stage.summary()["totals"].clone();
    assert_eq!(
        (&totals["fetched"], &totals["duplicates"], &totals["excluded"]),
        (&json!(3), &json!(3), &json!(0))
    );
    let counts = stage.place().await.totals;
    assert_eq!((counts.acknowledged, counts.duplicate, counts.excluded), (2, 3, 1));
    assert!(counts.balance());
}

#[tokio::test]
async fn the_source_chooses_the_digest_and_include_rules_let_nothing_else_pass() {
    let (stage, [_, rewritten, _]) = stage().await;
    let filters = json!([
        { "filterType": "Include", "name": "plans", "regexp": ".*plan.*", "mask": "" },
        { "filterType": "Hash", "name": "mail", "regexp": "\"email\":\"([^\"]+)\"", "mask": "" },
    ]);
    stage.write_source(&["fileEvents"], json!({ "filters": filters, "hashAlgorithm": "SHA-256" }));
    stage.collect().to_sumo().succeed().await;
    let hashed = text(&rewritten).replace("user@example.com", ADDRESS_SHA_256);
    assert_eq!(arrived(&stage.sumo), BTreeMap::from([("rewritten".to_owned(), hashed)]));
    assert_eq!(stage.summary()["totals"]["excluded"], 2);
}
