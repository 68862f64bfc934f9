//! What the store keeps besides the path of an event.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also inside its fixtures")]

mod access_keys;
mod audit_log;
mod audited_changes;
mod backfills;
mod collectors;
mod dead_letters;
mod fields;
mod health_events;
mod health_search;
mod key_file;
mod overview;
mod place_removal;
mod places;
mod rotation;
mod sessions;
mod source_states;
mod sources;
mod stream_courses;

use incydr_core::secret::Secret;
use incydr_core::timestamp::Timestamp;
use incydr_store::{Author, NewSource, Refusal, Source, SqliteLedger, Store, StoreError, Vault, VaultKey};
use sqlx::ConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use tempfile::TempDir;

/// A store in a folder of its own. The folder goes when the second value is dropped.
pub(crate) async fn new_store() -> (Store, TempDir) {
    let folder = TempDir::new().expect("a folder for the test");
    let ledger = SqliteLedger::open(&folder.path().join("state.db"), "the test").await.expect("a new state");
    (Store::over(ledger), folder)
}

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_millis(second * 1_000)
}

/// Somebody who changes something at this second.
pub(crate) fn by(second: i64) -> Author<'static> {
    Author { name: "su1", at: at(second) }
}

/// A vault whose key is this digit, over and over.
pub(crate) fn vault(digit: char) -> Vault {
    let text: String = std::iter::repeat_n(digit, 64).collect();
    Vault::new(VaultKey::parse(&text).expect("a key in hexadecimal"))
}

/// A source on a collector of this name, which is made where there is none.
pub(crate) async fn new_source(store: &Store, collector: &str, name: &str) -> Source {
    let collector_id = match store.collector_named(collector).await.expect("looked up") {
        Some(collector) => collector.id,
        None => store.create_collector(collector, "{}", 100, by(0)).await.expect("the name is free").id,
    };
    let secret = Secret::new(format!("the secret of {name}"));
    let source = NewSource { collector_id, name, document: "{}", secret: &secret };
    store.create_source(&vault('1'), &source, 100, by(0)).await.expect("the name is free")
}

/// Runs SQL on the state file, as somebody with another program would.
pub(crate) async fn tamper(store: &Store, sql: &'static str) {
    let mut connection =
        SqliteConnectOptions::new().filename(store.path()).connect().await.expect("it opens");
    sqlx::raw_sql(sql).execute(&mut connection).await.expect("it does what the SQL says");
}

pub(crate) fn refused<T>(refusal: Refusal) -> Result<T, StoreError> {
    Err(StoreError::Refused(refusal))
}
