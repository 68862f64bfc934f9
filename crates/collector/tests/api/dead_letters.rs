//! Dead letters through the API.

use std::time::Duration;

use incydr_simulator::{Fault, FaultRule, GivenEvent, SimulatedIncydr, SimulatedSumo, Target};
use serde_json::json;

use crate::one_source::OneSource;

const POISON: &str = "poisoned-event";

/// An event that Sumo Logic refuses, among the others of the last day.
fn poison(incydr: &SimulatedIncydr, sumo: &SimulatedSumo) {
    let at = incydr.clock().now().minus(Duration::from_secs(3_600));
    incydr.add_events([GivenEvent::plain(POISON, at)], at);
    let refusal = Fault::RefuseContaining { marker: POISON.to_owned(), status: 400 };
    sumo.faults().add(FaultRule::always(Target::Sumo, refusal));
}

#[tokio::test]
async fn a_dead_letter_is_listed_shown_redelivered_and_gone() {
    let hosted = OneSource::with_file_events(50, poison).await;
    assert_eq!(hosted.settled(51).await["deadLetters"], 1);
    let list = hosted.see("/deadLetters?stream=fileEvents").await;
    let letter = &list["deadLetters"][0];
    assert_eq!((&letter["stream"], &list["next"]), (&json!("fileEvents"), &json!(null)));
    assert!(letter["reason"].is_string() && letter["size"].as_u64() > Some(0) && letter["raw"].is_null());
    assert_eq!(hosted.see("/deadLetters?stream=auditLogs").await["deadLetters"], json!([]));

    let one = format!("/deadLetters/{}", letter["id"]);
    let shown = hosted.see(&one).await["deadLetter"].clone();
    assert_eq!(shown["encoding"], "text");
    assert!(shown["raw"].as_str().is_some_and(|raw| raw.contains(POISON)));

    let redeliver = format!("{one}/action/redeliver");
    let (status, problem) = hosted.ask("POST", &redeliver, None).await;
    assert_eq!((status, &problem["code"]), (400, &json!("deadletters.delivery.refused")));
    let message = problem["message"].as_str().expect("a message");
    assert!(message.contains("the payload was refused"), "{message}");
    assert_eq!(hosted.see(&one).await["deadLetter"], shown, "what cannot be delivered stays");

    hosted.daemon.sumo.faults().clear();
    let (status, answer) = hosted.ask("POST", &redeliver, None).await;
    assert_eq!((status, answer), (200, json!({})));
    assert_eq!(hosted.see("/deadLetters").await["deadLetters"], json!([]));
    let verdict = hosted.verdict();
    assert!(verdict.is_complete() && verdict.duplicates == 0, "{verdict:?}");
    let (status, _) = hosted.ask("POST", &redeliver, None).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn a_dead_letter_that_is_discarded_is_gone_and_in_the_audit_log() {
    let hosted = OneSource::with_file_events(5, poison).await;
    hosted.settled(6).await;
    let list = hosted.see("/deadLetters").await;
    let one = format!("/deadLetters/{}", list["deadLetters"][0]["id"]);
    let (status, _) = hosted.ask("DELETE", &one, None).await;
    assert_eq!(status, 200);
    let (status, _) = hosted.ask("DELETE", &one, None).await;
    assert_eq!(status, 404);
    let log = hosted.audit_log().await;
    assert!(log.to_string().contains("DeadLetterDiscarded"), "{log}");
}
