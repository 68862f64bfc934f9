//! A folder with a state file, and commits to fill it.

use std::path::PathBuf;

use incydr_core::checkpoint::{Checkpoint, Cursor, WalkRange};
use incydr_core::event::EventId;
use incydr_core::ledger::{AcknowledgedBatch, Commit, Counts, Ledger, LedgerError, Step};
use incydr_core::stream::{Place, Stream};
use incydr_core::timestamp::Timestamp;
use incydr_store::SqliteLedger;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use tempfile::TempDir;

/// Removed with everything in it when dropped.
pub(crate) struct StateFolder(TempDir);

impl StateFolder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// The path of a file in the folder.
    pub(crate) fn path_of(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.path_of("state.db")
    }

    pub(crate) async fn open(&self) -> Result<SqliteLedger, LedgerError> {
        SqliteLedger::open(&self.state(), "the test").await
    }

    /// A connection beside the ledger, as another program makes one.
    pub(crate) async fn foreign_connection(&self) -> SqliteConnection {
        use sqlx::ConnectOptions;
        SqliteConnectOptions::new().filename(self.state()).create_if_missing(true).connect().await.unwrap()
    }

    /// Fills a new state file, closes it, and returns the checkpoint that it holds.
    pub(crate) async fn fill(&self) -> Checkpoint {
        let ledger = self.open().await.unwrap();
        let lease = ledger.acquire(&place(), "the test").await.unwrap();
        ledger.commit(&lease, &step(Step::OpenWindow(vec![range(0), range(1)]))).await.unwrap();
        ledger.commit(&lease, &close_window(3_600)).await.unwrap();
        ledger.commit(&lease, &step(Step::OpenWindow(vec![range(1), range(2)]))).await.unwrap();
        let mut commit =
            step(Step::Advance(WalkRange { cursor: Cursor::Token("a page token".to_owned()), ..range(2) }));
        commit.acknowledged = vec![batch(50)];
        let checkpoint = ledger.commit(&lease, &commit).await.unwrap();
        ledger.reserve_request("tenant", 100, at(0)).await.unwrap();
        ledger.close().await.unwrap();
        checkpoint
    }
}

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_millis(second * 1_000)
}

pub(crate) fn place() -> Place {
    Place { source: "finance at api.us.code42.com".to_owned(), stream: Stream::FileEvents }
}

pub(crate) fn range(number: u32) -> WalkRange {
    let from = i64::from(number) * 3_600;
    WalkRange {
        expected: Some(u64::from(number) + 9),
        unique: 9,
        ..WalkRange::new(number, at(from), at(from + 3_600), false)
    }
}

pub(crate) fn step(step: Step) -> Commit {
    Commit { step: Some(step), ..Commit::default() }
}

pub(crate) fn close_window(watermark: i64) -> Commit {
    step(Step::CloseWindow { watermark: at(watermark), forget_before: at(0), second_pass: false })
}

/// A batch of so many events, a second apart.
pub(crate) fn batch(events: u32) -> AcknowledgedBatch {
    let ids = (0..events)
        .map(|number| (EventId { key: u128::from(number) << 64 | 0xabcd, version: 0 }, at(i64::from(number))))
        .collect();
    AcknowledgedBatch { window: 2, range: 1, page: 0, ids, receipts: Vec::new() }
}

/// A commit that would show in the totals, in the ids and in the checkpoint if it counted twice.
pub(crate) fn telling_commit() -> Commit {
    Commit {
        acknowledged: vec![batch(300)],
        counts: Counts { fetched: 300, acknowledged: 300, ..Counts::default() },
        ..step(Step::OpenWindow(vec![range(0), range(1)]))
    }
}
