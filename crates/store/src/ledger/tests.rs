//! Faults that only the storage engine itself can produce, and what it is told to sync.

use incydr_core::event::EventId;
use incydr_core::ledger::{AcknowledgedBatch, Commit, Counts, DeadLetter, Ledger, LedgerFault, Step};
use incydr_core::stream::{Place, Stream};
use incydr_core::timestamp::Timestamp;

use super::SqliteLedger;

/// A commit that does not fit into the pages that there are.
fn large_commit() -> Commit {
    let letter = DeadLetter {
        id: EventId { key: 1, version: 0 },
        time: Timestamp::EPOCH,
        reason: "too large for everybody".to_owned(),
        raw: vec![b'x'; 1 << 20],
    };
    let counts = Counts { fetched: 1, dead: 1, ..Counts::default() };
    Commit { dead_letters: vec![letter], counts, ..Commit::default() }
}

/// A commit that only moves the checkpoint.
fn bare_commit() -> Commit {
    Commit { step: Some(Step::OpenWindow(Vec::new())), ..Commit::default() }
}

#[tokio::test]
async fn only_a_commit_that_vouches_for_events_is_synced() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = SqliteLedger::open(&folder.path().join("state.db"), "test").await.unwrap();
    let place = Place { source: "any".to_owned(), stream: Stream::FileEvents };
    let lease = ledger.acquire(&place, "test").await.unwrap();
    let ids = vec![(EventId { key: 1, version: 0 }, Timestamp::EPOCH)];
    let batch = AcknowledgedBatch { window: 1, range: 0, page: 0, ids, receipts: Vec::new() };
    let acknowledging = Commit { acknowledged: vec![batch], ..bare_commit() };
    let commits =
        [(bare_commit(), false), (acknowledging, true), (bare_commit(), false), (large_commit(), true)];
    for (commit, synced) in commits {
        ledger.commit(&lease, &commit).await.unwrap();
        assert_eq!(ledger.is_synced().await, synced, "{:?}", commit.step);
    }
}

#[tokio::test]
async fn many_commits_that_vouch_for_nothing_are_synced_now_and_then() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = SqliteLedger::open(&folder.path().join("state.db"), "test").await.unwrap();
    let place = Place { source: "any".to_owned(), stream: Stream::FileEvents };
    let lease = ledger.acquire(&place, "test").await.unwrap();
    let mut syncs = 0;
    for _ in 0..600 {
        ledger.commit(&lease, &bare_commit()).await.unwrap();
        syncs += u32::from(ledger.is_synced().await);
    }
    assert_eq!(syncs, 2);
}

#[tokio::test]
async fn on_a_full_disk_nothing_of_a_commit_holds_and_afterwards_the_same_commit_does() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = SqliteLedger::open(&folder.path().join("state.db"), "test").await.unwrap();
    let place = Place { source: "any".to_owned(), stream: Stream::FileEvents };
    let lease = ledger.acquire(&place, "test").await.unwrap();
    ledger.set_full(true).await;
    for _ in 0..3 {
        let error = ledger.commit(&lease, &large_commit()).await.unwrap_err();
        assert_eq!(error.fault, LedgerFault::Full, "{error}");
        assert_eq!(ledger.totals(&lease).await.unwrap(), Counts::default());
    }
    ledger.set_full(false).await;
    ledger.commit(&lease, &large_commit()).await.unwrap();
    assert_eq!(ledger.totals(&lease).await.unwrap(), large_commit().counts);
}
