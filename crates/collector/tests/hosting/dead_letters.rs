//! Dead letters, delivered once more.

use incydr_collector::hosting::SourceId;
use incydr_core::event::EventId;
use incydr_core::stream::Stream;
use incydr_simulator::{Fault, FaultRule, Target};

use crate::stage::{Stage, now};

fn letter(raw: &str) -> (EventId, incydr_core::timestamp::Timestamp, Vec<u8>) {
    (EventId::of_immutable(raw.as_bytes()), now(), raw.as_bytes().to_vec())
}

#[tokio::test]
async fn letters_are_delivered_with_the_labels_of_their_source_and_those_refused_again_are_named() {
    let stage = Stage::with_file_events(0).await;
    stage.collect(stage.source(1)).await;
    stage.sumo.faults().add(FaultRule::always(
        Target::Sumo,
        Fault::RefuseContaining { marker: "poison".to_owned(), status: 400 },
    ));
    let letters = ["{\"a\":1}", "{\"poison\":2}", "{\"c\":\n3}", "{\"d\":4}"].map(letter).to_vec();
    let ids: Vec<_> = letters.iter().map(|(id, ..)| *id).collect();
    let redelivered = stage.fleet.redeliver(SourceId(1), Stream::FileEvents, letters).await;
    let redelivered = redelivered.expect("the source is there").expect("Sumo Logic is there");
    assert_eq!(redelivered.delivered, [ids[0], ids[3]]);
    let refused: Vec<_> = redelivered.refused.iter().map(|(id, _)| *id).collect();
    assert_eq!(refused, [ids[2], ids[1]]);
    assert_eq!(stage.sumo.message_count(), 2);
    let requests = stage.sumo.requests();
    assert!(requests.iter().all(|request| request.header("x-sumo-name") == Some("Code42 1")));
}

#[tokio::test]
async fn letters_of_a_source_that_nobody_knows_are_not_delivered() {
    let stage = Stage::with_file_events(0).await;
    assert_eq!(stage.fleet.redeliver(SourceId(3), Stream::Alerts, vec![letter("{}")]).await, None);
}
