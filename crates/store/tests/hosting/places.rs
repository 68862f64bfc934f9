//! Places, as those see them who look after them, and the reset of a checkpoint.

use std::time::Duration;

use incydr_core::checkpoint::WalkRange;
use incydr_core::event::EventId;
use incydr_core::ledger::{AcknowledgedBatch, Commit, Counts, Lease, LedgerFault, Step};
use incydr_core::stream::{Place, Stream};
use incydr_core::timestamp::Timestamp;
use incydr_store::{AuditVerdict, CheckpointReset, Refusal, Store};

use crate::{at, by, new_store, refused};

fn place(source_id: u64, stream: Stream) -> Place {
    Place { source: format!("source {source_id} at https://api.us.code42.com"), stream }
}

fn reset(to: Timestamp) -> CheckpointReset<'static> {
    CheckpointReset { to, holder: "the API", by: by(99) }
}

const COUNTS: Counts = Counts { fetched: 3, acknowledged: 3, duplicate: 0, excluded: 0, dead: 0 };

/// A place with its watermark and its last second pass at second 100, and an open window in which the events of the
/// seconds 10, 50 and 90 were acknowledged.
async fn walked(store: &Store, place: &Place) -> Lease {
    let lease = store.ledger().acquire(place, "the stream").await.expect("acquired");
    let close = Step::CloseWindow { watermark: at(100), forget_before: at(0), second_pass: true };
    let ids = [10, 50, 90].map(|second| (EventId { key: second, version: 0 }, at(second as i64))).to_vec();
    let acknowledged = vec![AcknowledgedBatch { window: 2, range: 0, page: 0, ids, receipts: Vec::new() }];
    for commit in [
        Commit { step: Some(Step::OpenWindow(vec![])), ..Commit::default() },
        Commit { step: Some(close), counts: COUNTS, acknowledged, ..Commit::default() },
        Commit { step: Some(open_window()), ..Commit::default() },
    ] {
        store.ledger().commit(&lease, &commit).await.expect("committed");
    }
    lease
}

fn open_window() -> Step {
    Step::OpenWindow(vec![WalkRange::new(0, at(90), at(200), true)])
}

async fn seen(store: &Store, lease: &Lease) -> Vec<u128> {
    let batches = store.ledger().seen(lease, at(0), at(1_000)).await.expect("read");
    batches.iter().flat_map(|batch| &batch.ids).map(|(id, _)| id.key).collect()
}

#[tokio::test]
async fn the_places_of_a_source_are_those_of_all_its_tenants_and_of_no_other_source() {
    let (store, _folder) = new_store().await;
    let moved = Place { source: "source 12 at https://api.eu".to_owned(), stream: Stream::Alerts };
    let others = [place(1, Stream::Alerts), place(123, Stream::Alerts), place(2, Stream::Alerts)];
    for place in others.iter().chain([&place(12, Stream::FileEvents), &moved]) {
        store.ledger().acquire(place, "the test").await.expect("acquired");
    }
    let places = store.places_of(12).await.expect("read");
    let names: Vec<_> = places.into_iter().map(|status| status.place).collect();
    assert_eq!(names, [place(12, Stream::FileEvents), moved]);
    let progress = store.progress_of(&[12, 1, 77]).await.expect("read");
    let counts: Vec<_> = progress.iter().map(|(id, places)| (*id, places.len())).collect();
    assert_eq!(counts, [(1, 1), (12, 2)]);
}

#[tokio::test]
async fn progress_shows_watermark_and_totals() {
    let (store, _folder) = new_store().await;
    walked(&store, &place(1, Stream::Alerts)).await;
    let progress = store.progress_of(&[1]).await.expect("read").remove(&1).expect("it has a place");
    assert_eq!((progress[0].watermark, progress[0].totals), (Some(at(100)), COUNTS));
    assert_eq!(progress[0].dead_letters, 0);
}

#[tokio::test]
async fn a_reset_moves_the_watermark_and_fences_off_the_holder() {
    let (store, _folder) = new_store().await;
    let place = place(1, Stream::FileEvents);
    let old = walked(&store, &place).await;
    let status = store.reset_checkpoint(&place, &reset(at(50))).await.expect("reset");
    assert_eq!(status.checkpoint.watermark, Some(at(50)));
    assert_eq!(status.checkpoint.second_pass, Some(at(50)), "it did not happen for what comes again");
    assert_eq!((status.checkpoint.ranges.len(), status.checkpoint.window), (0, 2));
    assert_eq!((status.totals, status.holder.as_str()), (COUNTS, "the API"));
    assert!(status.token > old.token);
    let fenced = store.ledger().commit(&old, &Commit::default()).await.expect_err("it is not the newest");
    assert_eq!(fenced.fault, LedgerFault::Fenced);
    let new = store.ledger().acquire(&place, "the stream").await.expect("acquired");
    assert_eq!(store.ledger().load(&new).await, Ok(status.checkpoint));
}

#[tokio::test]
async fn after_a_reset_only_events_before_it_are_remembered() {
    let (store, _folder) = new_store().await;
    let place = place(1, Stream::FileEvents);
    walked(&store, &place).await;
    store.reset_checkpoint(&place, &reset(at(50))).await.expect("reset");
    let lease = store.ledger().acquire(&place, "the stream").await.expect("acquired");
    assert_eq!(seen(&store, &lease).await, [10]);
    store.reset_checkpoint(&place, &reset(at(10))).await.expect("reset");
    let lease = store.ledger().acquire(&place, "the stream").await.expect("acquired");
    assert!(seen(&store, &lease).await.is_empty());
}

#[tokio::test]
async fn a_reset_forth_remembers_what_was_delivered_and_when_the_second_pass_was() {
    let (store, _folder) = new_store().await;
    let place = place(1, Stream::FileEvents);
    walked(&store, &place).await;
    let status = store.reset_checkpoint(&place, &reset(at(500))).await.expect("reset");
    assert_eq!(status.checkpoint.watermark, Some(at(500)));
    assert_eq!(status.checkpoint.second_pass, Some(at(100)));
    let lease = store.ledger().acquire(&place, "the stream").await.expect("acquired");
    assert_eq!(seen(&store, &lease).await, [10, 50, 90]);
}

#[tokio::test]
async fn the_same_commit_as_before_a_reset_counts_again_after_it() {
    let (store, _folder) = new_store().await;
    let place = place(1, Stream::FileEvents);
    walked(&store, &place).await;
    store.reset_checkpoint(&place, &reset(at(50))).await.expect("reset");
    let lease = store.ledger().acquire(&place, "the stream").await.expect("acquired");
    let commit = Commit { step: Some(open_window()), counts: COUNTS, ..Commit::default() };
    let checkpoint = store.ledger().commit(&lease, &commit).await.expect("committed");
    assert_eq!((checkpoint.watermark, checkpoint.window), (Some(at(50)), 3));
    assert_eq!(store.ledger().totals(&lease).await, Ok(COUNTS.plus(COUNTS)));
}

#[tokio::test]
async fn a_reset_stands_in_the_audit_log_and_one_of_an_unknown_place_is_refused() {
    let (store, _folder) = new_store().await;
    let place = place(1, Stream::FileEvents);
    assert_eq!(store.reset_checkpoint(&place, &reset(at(50))).await, refused(Refusal::NotFound));
    walked(&store, &place).await;
    let to = at(50).plus(Duration::from_millis(1));
    store.reset_checkpoint(&place, &reset(to)).await.expect("reset");
    let log = store.audit_log(None, 9).await.expect("read").items;
    assert_eq!(log.len(), 1);
    assert_eq!(
        (log[0].actor.as_str(), log[0].action.as_str(), log[0].at),
        ("su1", "CheckpointReset", at(99))
    );
    assert_eq!(log[0].resource, place.to_string());
    assert_eq!(log[0].before.as_deref(), Some(r#"{"watermark":"1970-01-01T00:01:40.000Z"}"#));
    assert_eq!(log[0].after.as_deref(), Some(r#"{"watermark":"1970-01-01T00:00:50.001Z"}"#));
    assert!(matches!(store.verify_audit_log().await, Ok(AuditVerdict::Whole { entries: 1, .. })));
}
