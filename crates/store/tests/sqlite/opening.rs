//! Who may open a state file, and which files are refused untouched.

use std::fs;
use std::path::Path;

use incydr_core::ledger::{Ledger, LedgerFault};
use incydr_store::SqliteLedger;
use sqlx::Connection;

use crate::state_folder::{StateFolder, place, telling_commit};

#[cfg(unix)]
fn mode_of(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

async fn fault_of_opening(path: &Path) -> LedgerFault {
    SqliteLedger::open(path, "the test").await.map(drop).unwrap_err().fault
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_made_is_for_its_owner_alone() {
    let folder = StateFolder::new();
    let state = folder.path_of("a/b/state.db");
    let ledger = SqliteLedger::open(&state, "the test").await.unwrap();
    let lease = ledger.acquire(&place(), "the test").await.unwrap();
    ledger.commit(&lease, &telling_commit()).await.unwrap();
    for made in [folder.path_of("a"), folder.path_of("a/b")] {
        assert_eq!(mode_of(&made), 0o700, "{made:?}");
    }
    let files: Vec<_> =
        fs::read_dir(folder.path_of("a/b")).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 4, "the state, its lock, its log and the index of that: {files:?}");
    for file in files {
        assert_eq!(mode_of(&file), 0o600, "{file:?}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_state_file_that_others_may_read_is_closed_to_them() {
    use std::os::unix::fs::PermissionsExt;
    let folder = StateFolder::new();
    folder.fill().await;
    fs::set_permissions(folder.state(), fs::Permissions::from_mode(0o644)).unwrap();
    folder.open().await.unwrap();
    assert_eq!(mode_of(&folder.state()), 0o600);
}

#[tokio::test]
async fn a_second_ledger_is_told_who_holds_the_file() {
    let folder = StateFolder::new();
    let holder = "incydr-collector, process 4711 on host x, since 2025-01-28T01:24:24.000Z";
    let first = SqliteLedger::open(&folder.state(), holder).await.unwrap();
    let error = SqliteLedger::open(&folder.state(), "another").await.map(drop).unwrap_err();
    assert_eq!(error.fault, LedgerFault::HeldBy(holder.to_owned()));
    first.close().await.unwrap();
    let error = {
        let _third = SqliteLedger::open(&folder.state(), "short").await.unwrap();
        fault_of_opening(&folder.state()).await
    };
    assert_eq!(error, LedgerFault::HeldBy("short".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_waiting_ledger_opens_once_the_file_is_free() {
    let folder = StateFolder::new();
    let first = folder.open().await.unwrap();
    let state = folder.state();
    let waiting = tokio::spawn(async move { SqliteLedger::open_waiting(&state, "the next").await });
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    first.close().await.unwrap();
    let second = waiting.await.unwrap().unwrap();
    second.acquire(&place(), "the next").await.unwrap();
}

#[tokio::test]
async fn a_newer_file_is_refused_and_not_a_byte_of_it_changes() {
    let folder = StateFolder::new();
    folder.fill().await;
    let mut connection = folder.foreign_connection().await;
    sqlx::query("PRAGMA user_version = 99").execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let before = fs::read(folder.state()).unwrap();
    let error = folder.open().await.map(drop).unwrap_err();
    assert_eq!(error.fault, LedgerFault::Newer, "{error}");
    assert!(error.info.contains("schema version 99"), "{error}");
    assert_eq!(fs::read(folder.state()).unwrap(), before);
}

#[tokio::test]
async fn a_database_of_another_program_is_refused_and_not_a_byte_of_it_changes() {
    let folder = StateFolder::new();
    let mut connection = folder.foreign_connection().await;
    sqlx::query("CREATE TABLE theirs (id INTEGER)").execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let before = fs::read(folder.state()).unwrap();
    assert_eq!(fault_of_opening(&folder.state()).await, LedgerFault::Corrupt);
    assert_eq!(fs::read(folder.state()).unwrap(), before);
}

#[tokio::test]
async fn a_place_where_nothing_can_be_written_is_named_as_such() {
    let folder = StateFolder::new();
    fs::write(folder.path_of("occupied"), "a file where the folder should be").unwrap();
    assert_eq!(fault_of_opening(&folder.path_of("occupied/state.db")).await, LedgerFault::ReadOnly);
    if cfg!(target_os = "linux") {
        assert_eq!(fault_of_opening(Path::new("/proc/state/state.db")).await, LedgerFault::ReadOnly);
        assert_eq!(fault_of_opening(Path::new("/proc/state.db")).await, LedgerFault::ReadOnly);
    }
}

#[tokio::test]
async fn what_a_crash_left_of_a_new_file_does_not_hinder_the_next_start() {
    let folder = StateFolder::new();
    fs::write(folder.path_of("state.db.new"), "half a databa").unwrap();
    fs::write(folder.path_of("state.db.new-journal"), "its journ").unwrap();
    folder.open().await.unwrap();
    assert!(!folder.path_of("state.db.new").exists());
}
