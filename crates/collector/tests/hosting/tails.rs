//! The last delivered events of a source, as they are watched.

use std::collections::BTreeSet;

use incydr_collector::hosting::SourceId;
use incydr_core::health::SourceState;
use incydr_core::stream::Stream;
use incydr_simulator::{Keep, SumoOptions};

use crate::stage::{Stage, tenant_with};

#[tokio::test]
async fn delivered_events_pass_as_the_destination_got_them_and_the_newest_are_kept() {
    let sumo = SumoOptions { keep: Keep::Messages, ..SumoOptions::default() };
    let stage = Stage::new(tenant_with(500), sumo).await;
    stage.collect(stage.source(1)).await;
    stage.acknowledge(1, 500).await;
    let tail = stage.fleet.tail(SourceId(1)).expect("it is kept");
    let kept = tail.newer_than(0);
    let numbers: Vec<_> = kept.iter().map(|event| event.number).collect();
    assert_eq!((numbers, tail.newest()), ((301..=500).collect::<Vec<_>>(), 500));
    let messages: BTreeSet<_> = stage.sumo.received().kept.into_iter().collect();
    for event in &kept {
        assert_eq!((event.stream, event.is_cut()), (Stream::FileEvents, false));
        assert!(messages.contains(&*event.payload), "{event:?}");
    }
    assert_eq!(tail.newer_than(498).len(), 2);
}

#[tokio::test]
async fn a_tail_outlives_a_restart_of_its_source_but_not_the_source() {
    let stage = Stage::with_file_events(20).await;
    stage.collect(stage.source(1)).await;
    stage.acknowledge(1, 20).await;
    let position = stage.chronicle.position(1);
    stage.fleet.restart(SourceId(1));
    stage.chronicle.reach(1, position, SourceState::Collecting).await;
    assert_eq!(stage.fleet.tail(SourceId(1)).expect("it is kept").newer_than(0).len(), 20);
    stage.fleet.remove(SourceId(1)).await;
    assert!(stage.fleet.tail(SourceId(1)).is_none());
}
