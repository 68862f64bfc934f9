//! Dead letters: listed, inspected, redelivered and discarded.

use std::time::Duration;

use incydr_simulator::{Fault, FaultRule, GivenEvent, Target};
use serde_json::json;

use crate::daemon::Daemon;
use crate::html::{HOSTILE, assert_hides, assert_inert, assert_only_to_look_at, assert_shows};
use crate::visitor::{Visitor, page_of};

const POISON: &str = "poisoned-event";

/// A source with a dead letter, and the number of that.
async fn with_dead_letter(daemon: &Daemon) -> (String, u64) {
    let at = daemon.incydr.clock().now().minus(Duration::from_secs(3_600));
    let time = at.iso(3);
    let event = json!({
        "@timestamp": time, "event": { "id": POISON, "inserted": time, "observer": "Endpoint" },
        "file": { "name": HOSTILE, "sizeInBytes": 1 },
    });
    let event = GivenEvent::parse(event.to_string()).expect("an event");
    daemon.incydr.add_events([event], at);
    let refusal = Fault::RefuseContaining { marker: POISON.to_owned(), status: 400 };
    daemon.sumo.faults().add(FaultRule::always(Target::Sumo, refusal));
    let collector = daemon.collector("Office").await;
    let source = daemon.source(&collector, "Code42", json!({})).await;
    let letters = daemon
        .until(&format!("{source}/deadLetters"), |answer| answer.json()["deadLetters"][0].is_object())
        .await;
    (source, letters.json()["deadLetters"][0]["id"].as_u64().expect("a number"))
}

#[tokio::test]
async fn a_dead_letter_is_inspected_and_redelivered_once_the_destination_takes_it() {
    let daemon = Daemon::with_file_events(5).await;
    let (source, number) = with_dead_letter(&daemon).await;
    let visitor = Visitor::new(&daemon).await;
    let list = format!("{}/dead-letters", page_of(&source));
    assert_shows(
        &visitor.look(page_of(&source)).await,
        &["<span class=\"badge bad\">1</span> could not be delivered"],
    );
    let shown = visitor.look(&list).await;
    assert_shows(&shown, &["File events", "the payload was refused", &format!("href=\"{list}/{number}\"")]);
    assert_hides(&visitor.look(&format!("{list}?stream=alerts")).await, &["the payload was refused"]);
    assert_eq!(visitor.get(&format!("{list}?stream=nonsense")).await.status, 400);

    let one = format!("{list}/{number}");
    let shown = visitor.look(&one).await;
    assert_inert(&shown);
    assert_shows(&shown, &["    &#34;id&#34;: &#34;poisoned-event&#34;,", "    &#34;sizeInBytes&#34;: 1"]);

    let refused = visitor.page_after(&format!("{one}/redeliver"), &[], 400).await;
    assert_shows(&refused, &["role=\"alert\"", "The dead letter was refused once more"]);
    daemon.sumo.faults().clear();
    let next = visitor.change(&format!("{one}/redeliver"), &[]).await;
    assert_eq!(next, format!("{list}?notice=dead-letter-redelivered"));
    assert_shows(&visitor.look(&next).await, &["The dead letter was delivered.", "There is none"]);
    assert_eq!(visitor.get(&one).await.status, 404);
    daemon.receive_all().await;
    daemon.assert_complete(0);
}

#[tokio::test]
async fn a_dead_letter_is_discarded_after_a_confirmation() {
    let daemon = Daemon::with_file_events(5).await;
    let (source, number) = with_dead_letter(&daemon).await;
    let visitor = Visitor::new(&daemon).await;
    let list = format!("{}/dead-letters", page_of(&source));
    let discard = format!("{list}/{number}/discard");
    assert_shows(&visitor.look(&discard).await, &["is given up for good", ">Discard</button>"]);
    assert_eq!(visitor.change(&discard, &[]).await, format!("{list}?notice=dead-letter-discarded"));
    assert_eq!(daemon.get(&format!("{source}/deadLetters")).await.expect(200)["deadLetters"], json!([]));
}

#[tokio::test]
async fn whoever_may_only_look_sees_that_there_are_dead_letters_and_not_their_payload() {
    let daemon = Daemon::with_file_events(5).await;
    let (source, number) = with_dead_letter(&daemon).await;
    let visitor = Visitor::of_role(&daemon, "view").await;
    let list = format!("{}/dead-letters", page_of(&source));
    let shown = visitor.look(&list).await;
    assert_only_to_look_at(&shown);
    assert_shows(&shown, &["the payload was refused"]);
    assert_hides(&shown, &["/redeliver\"", "/discard\"", &format!("{list}/{number}")]);
    assert_eq!(visitor.get(&format!("{list}/{number}")).await.status, 403);
}
