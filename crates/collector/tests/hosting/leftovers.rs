//! What an archive has staged for a place that is removed.

use std::path::Path;

use incydr_collector::assembly::Door;
use incydr_collector::destination_address::DestinationAddress;
use incydr_core::batch::Batch;
use incydr_core::destination::Receipt;
use incydr_core::event::EventId;
use incydr_core::ledger::{AcknowledgedBatch, Commit, Counts, LedgerFault};
use incydr_core::stream::{Place, Stream};
use tempfile::TempDir;

use crate::stage::{Stage, now};

/// Stages one event, and gives the receipt for it.
async fn staged(archive: &Path, place: &Place, raw: &str) -> Receipt {
    let mut batch = Batch::new(place.stream);
    batch.push(raw.as_bytes(), EventId::of_immutable(raw.as_bytes()), now());
    let outlet = Door::Archive(archive.to_owned()).outlet(place);
    let acknowledged = outlet.destination().deliver(batch.whole()).await.expect("there is room");
    acknowledged.receipt.expect("an archive gives one")
}

/// How many files are below `folder`.
fn files_in(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| if entry.path().is_dir() { files_in(&entry.path()) } else { 1 }).sum()
}

#[tokio::test]
async fn what_a_commit_vouches_for_is_published_and_what_none_does_is_removed() {
    let stage = Stage::with_file_events(0).await;
    let folder = TempDir::new().expect("a folder for the test");
    let archive = folder.path();
    let place = Place { source: "source 7 at https://api".to_owned(), stream: Stream::FileEvents };
    let lease = stage.ledger.acquire(&place, "the stream").await.expect("acquired");
    let receipt = staged(archive, &place, "{\"committed\":1}").await;
    staged(archive, &place, "{\"uncommitted\":2}").await;
    let ids = vec![(EventId::of_immutable(b"{\"committed\":1}"), now())];
    let batch = AcknowledgedBatch { window: 0, range: 0, page: 0, ids, receipts: vec![receipt] };
    let counts = Counts { fetched: 1, acknowledged: 1, ..Counts::default() };
    let commit = Commit { acknowledged: vec![batch], counts, ..Commit::default() };
    stage.ledger.commit(&lease, &commit).await.expect("committed");

    let fleet = stage.fleet_to(DestinationAddress::Archive { dir: archive.to_owned() });
    fleet.settle(&place).await.expect("settled");
    assert_eq!(files_in(&archive.join("stream=fileEvents")), 1);
    assert_eq!(files_in(&archive.join(".staging")), 0);
    let fenced = stage.ledger.commit(&lease, &Commit::default()).await.expect_err("the place is another's");
    assert_eq!(fenced.fault, LedgerFault::Fenced);
    let lease = stage.ledger.acquire(&place, "the test").await.expect("acquired");
    assert_eq!(stage.ledger.unpublished(&lease).await, Ok(vec![]));
}

#[tokio::test]
async fn a_receipt_of_a_destination_that_is_not_there_any_more_stays() {
    let stage = Stage::with_file_events(0).await;
    let folder = TempDir::new().expect("a folder for the test");
    let place = Place { source: "source 7 at https://api".to_owned(), stream: Stream::FileEvents };
    let lease = stage.ledger.acquire(&place, "the stream").await.expect("acquired");
    let receipt = staged(folder.path(), &place, "{\"a\":1}").await;
    let batch = AcknowledgedBatch {
        window: 0,
        range: 0,
        page: 0,
        ids: vec![(EventId::of_immutable(b"{\"a\":1}"), now())],
        receipts: vec![receipt.clone()],
    };
    let commit = Commit { acknowledged: vec![batch], ..Commit::default() };
    stage.ledger.commit(&lease, &commit).await.expect("committed");
    stage.fleet.settle(&place).await.expect("Sumo Logic has nothing staged");
    let lease = stage.ledger.acquire(&place, "the test").await.expect("acquired");
    assert_eq!(stage.ledger.unpublished(&lease).await, Ok(vec![receipt]));
}
