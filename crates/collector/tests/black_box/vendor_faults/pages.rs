//! What stands on a page: cut off, mixed with bad events, no page at all, or simply new.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use incydr_simulator::{CannedAnswer, Fault, FaultRule, GivenEvent, Poison, RecordKind, Target};
use incydr_store::Inspection;
use serde_json::json;

use super::{assert_healed, assert_never_ill, collect, outlive, searches, tenant_of};
use crate::stage::Stage;

// F35; every offset is the page decoder's own test.
#[tokio::test]
async fn a_page_that_ends_early_is_read_again() {
    let offsets = [1, 14, 15, 400, 20_000];
    let logs = join_all(offsets.map(|at| outlive(Fault::Truncate { at }, 1, &[]))).await;
    logs.iter().for_each(|log| assert_never_ill(log));
}

// F35
#[tokio::test]
async fn after_three_pages_that_end_early_the_pages_are_halved_and_what_had_arrived_is_not_repeated() {
    let stage = Stage::with_file_events(0).await;
    let now = stage.incydr.clock().now();
    let events =
        super::small_events(3_000, now).map(|event| GivenEvent::sized(&event.id, event.inserted, 3_000));
    stage.incydr.add_events(events, now);
    for (nth, at) in [(1, 5_000_000), (2, 8_000_000), (3, 6_500_000)] {
        stage.incydr.faults().add(FaultRule::nth(Target::FileEvents, nth, Fault::Truncate { at }));
    }
    let log = collect(&stage).succeed().await;
    stage.assert_complete(0);
    assert_healed(&log, "BadPayload");
    assert_eq!(searches::asked_for(&stage, "pgSize"), [10_000, 10_000, 10_000, 5_000]);
}

// F36
#[tokio::test]
async fn bad_events_are_kept_as_they_came_and_hold_nothing_up() {
    let stage = tenant_of(200).await;
    let now = stage.incydr.clock().now();
    let poisons = Poison::ALL.map(|poison| GivenEvent::poison(poison, &format!("{poison:?}"), now));
    stage.incydr.add_events(poisons.clone(), now);
    let log = collect(&stage).succeed().await;
    assert_never_ill(&log);

    let verdict = stage.incydr.truth().compare(&stage.sumo.received(), &[RecordKind::FileEvent]);
    let bad: BTreeSet<_> = Poison::ALL.iter().map(|poison| format!("{poison:?}")).collect();
    assert_eq!(verdict.missing.into_iter().collect::<BTreeSet<_>>(), bad, "all others arrived");
    assert_eq!((verdict.altered.len(), verdict.invented.len(), verdict.duplicates), (0, 0, 0));

    let inspection = Inspection::of(&stage.path("state.db"));
    let place = inspection.places().await.expect("readable").remove(0);
    let letters = inspection.dead_letters(&place.place, 0, 100).await.expect("readable");
    let kept: BTreeSet<_> = letters.iter().map(|kept| kept.letter.raw.clone()).collect();
    assert_eq!(kept, poisons.iter().map(|poison| poison.bytes.to_vec()).collect());
    assert_eq!((letters.len(), place.totals.dead, place.totals.acknowledged), (10, 10, 200));
}

// F37
#[tokio::test]
async fn an_error_that_calls_itself_a_success_is_no_empty_page() {
    let problem = r#"[{"type":"SEARCH_FAILED","description":"try again"}]"#;
    let answers = [
        format!(r#"{{"fileEvents":null,"totalCount":0,"nextPgToken":null,"problems":{problem}}}"#),
        format!(r#"{{"fileEvents":[],"totalCount":0,"nextPgToken":null,"problems":{problem}}}"#),
        r#"{"error":"internal"}"#.to_owned(),
        "<!DOCTYPE html><html><body>Sign in</body></html>".to_owned(),
        String::new(),
        "[]".to_owned(),
    ];
    let logs = join_all(answers.map(|body| outlive(Fault::answer(200, body), 1, &[]))).await;
    logs.iter().for_each(|log| assert_healed(log, "ErrorIn200"));
}

// F37
#[tokio::test]
async fn a_web_page_with_its_own_content_type_is_no_empty_page() {
    let headers = [("content-type".to_owned(), "text/html".to_owned())].into();
    let page = CannedAnswer { status: 200, headers, body: "<html></html>".to_owned() };
    assert_healed(&outlive(Fault::Answer(page), 1, &[]).await, "ErrorIn200");
}

// F45
#[tokio::test]
async fn fields_values_and_types_that_nobody_knows_yet_leave_as_the_bytes_that_came() {
    let stage = Stage::with_file_events(0).await;
    let now = stage.incydr.clock().now();
    let inserted = now.iso(9);
    let head = format!(r#""event":{{"id":"ID","inserted":"{inserted}","action":"telepathy","v":3}}"#);
    let documents = [
        format!(r#"{{{head},"number":1.0e5,"huge":123456789012345678901234567890,"zero":-0.0}}"#),
        format!(r#"{{"z":[[],{{}},[null,true]],{head},"a":"\u00e9\/\t\ud83d\ude00é😀"}}"#),
        format!(r#"{{ "spaced" : {{ "deep" : [ 1 , 2 ] }} , {head} }}"#),
        format!(
            r#"{{"@timestamp":"{inserted}",{head},"":"","problems":[1],"fileEvents":[],"nextPgToken":"x"}}"#
        ),
    ];
    let events = documents.iter().enumerate().map(|(number, text)| {
        let id = format!("unknown-{number}");
        GivenEvent::raw(&id, now, text.replace("\"ID\"", &json!(id).to_string()))
    });
    stage.incydr.add_events(events, now);
    assert_never_ill(&collect(&stage).succeed().await);
    stage.assert_complete(0);
    assert_eq!(stage.sumo.message_count(), 4);
}
