//! Faults that only the storage engine itself can produce.

use incydr_core::event::EventId;
use incydr_core::ledger::{Commit, Counts, DeadLetter, Ledger, LedgerFault};
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
