//! What the store keeps besides the path of an event.

#![allow(clippy::expect_used, reason = "a test fails by panicking, also inside its fixtures")]

mod collectors;

use incydr_store::{SqliteLedger, Store};
use tempfile::TempDir;

/// A store in a folder of its own. The folder goes when the second value is dropped.
pub(crate) async fn new_store() -> (Store, TempDir) {
    let folder = TempDir::new().expect("a folder for the test");
    let ledger = SqliteLedger::open(&folder.path().join("state.db"), "the test").await.expect("a new state");
    (Store::over(ledger), folder)
}
