//! The crash simulation of the engine, on the real database: a crash after every step of a run.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may panic wherever it stands")]

#[path = "../../core/tests/simulation/mod.rs"]
#[allow(unreachable_pub, reason = "shared by several test binaries")]
mod simulation;

use std::sync::Arc;

use async_trait::async_trait;
use incydr_core::ledger::Ledger;
use incydr_store::SqliteLedger;
use tempfile::TempDir;

use simulation::{Run, Storage, seeds};

struct Sqlite(TempDir);

impl Sqlite {
    fn new() -> Self {
        Self(TempDir::new().unwrap_or_else(|error| panic!("a folder for the test: {error}")))
    }
}

#[async_trait]
impl Storage for Sqlite {
    async fn open(&self) -> Arc<dyn Ledger> {
        // The life before is gone, but its database thread may still hold the lock for a moment.
        let opened = SqliteLedger::open_waiting(&self.0.path().join("state.db"), "a life").await;
        Arc::new(opened.unwrap_or_else(|error| panic!("{error}")))
    }
}

#[tokio::test]
async fn a_crash_after_any_step_on_sqlite_loses_nothing_and_repeats_no_more_than_was_in_flight() {
    for seed in 1..=seeds(1) {
        let whole = Run::whole(seed);
        let steps =
            whole.live(&Sqlite::new()).await.unwrap_or_else(|objection| panic!("{whole:?}: {objection}"));
        for step in 1..=steps {
            let run = Run { crash_at: Some(step), ..whole };
            run.live(&Sqlite::new()).await.unwrap_or_else(|objection| panic!("{run:?}: {objection}"));
        }
    }
}
