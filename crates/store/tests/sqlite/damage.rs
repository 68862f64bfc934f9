//! A damaged state file is refused, or holds what it held; it never yields another checkpoint.

use std::fs;

use incydr_core::checkpoint::Checkpoint;
use incydr_core::ledger::{Ledger, LedgerError, LedgerFault};

use crate::state_folder::{StateFolder, place, telling_commit};

/// Bytes of a page of the file.
const PAGE: usize = 4_096;

async fn checkpoint_in(folder: &StateFolder) -> Result<Checkpoint, LedgerError> {
    let ledger = folder.open().await?;
    let lease = ledger.acquire(&place(), "the test").await?;
    let checkpoint = ledger.load(&lease).await?;
    ledger.close().await?;
    Ok(checkpoint)
}

#[tokio::test]
async fn a_file_that_lost_a_page_is_refused_by_name_and_left_as_it_is() {
    let folder = StateFolder::new();
    folder.fill().await;
    let whole = fs::read(folder.state()).unwrap();
    for length in (0..600).step_by(50).chain((600..=whole.len() - PAGE).step_by(1_024)) {
        fs::write(folder.state(), &whole[..length]).unwrap();
        let error = checkpoint_in(&folder).await.unwrap_err();
        assert_eq!(error.fault, LedgerFault::Corrupt, "{length} bytes: {error}");
        assert!(error.to_string().contains("state.db"), "{error}");
        assert_eq!(fs::read(folder.state()).unwrap(), &whole[..length]);
    }
}

#[tokio::test]
async fn a_file_that_lost_part_of_its_last_page_is_refused_or_holds_what_it_held() {
    let folder = StateFolder::new();
    let expected = folder.fill().await;
    let whole = fs::read(folder.state()).unwrap();
    for lost in (1..PAGE).step_by(455) {
        fs::write(folder.state(), &whole[..whole.len() - lost]).unwrap();
        match checkpoint_in(&folder).await {
            Ok(checkpoint) => assert_eq!(checkpoint, expected, "{lost} bytes"),
            Err(error) => assert_eq!(error.fault, LedgerFault::Corrupt, "{lost} bytes: {error}"),
        }
    }
}

#[tokio::test]
async fn a_file_of_something_else_is_refused() {
    let folder = StateFolder::new();
    for content in [vec![0; 8_192], b"{\"state\":true}".to_vec(), vec![0xff; 100_000]] {
        fs::write(folder.state(), &content).unwrap();
        assert_eq!(checkpoint_in(&folder).await.unwrap_err().fault, LedgerFault::Corrupt);
        assert_eq!(fs::read(folder.state()).unwrap(), content);
    }
}

#[tokio::test]
async fn a_flipped_bit_never_yields_another_checkpoint() {
    let folder = StateFolder::new();
    let expected = folder.fill().await;
    let whole = fs::read(folder.state()).unwrap();
    let used: Vec<usize> = (0..whole.len()).filter(|&offset| whole[offset] != 0).collect();
    let mut refused = 0;
    for (turn, &offset) in used.iter().enumerate().step_by(53) {
        let mut damaged = whole.clone();
        damaged[offset] ^= 1 << (turn % 8);
        fs::write(folder.state(), damaged).unwrap();
        match checkpoint_in(&folder).await {
            Ok(checkpoint) => assert_eq!(checkpoint, expected, "byte {offset}"),
            Err(_) => refused += 1,
        }
        for leftover in ["state.db-wal", "state.db-shm"] {
            fs::remove_file(folder.path_of(leftover)).ok();
        }
    }
    assert!(refused > 0);
}

#[tokio::test]
async fn a_number_changed_inside_a_sound_file_breaks_its_seal() {
    for change in [
        "UPDATE places SET watermark_nanos = watermark_nanos + 1",
        "UPDATE places SET watermark_nanos = NULL",
        "UPDATE places SET second_pass_nanos = 0",
        "UPDATE places SET window_number = 0",
        "UPDATE ranges SET to_nanos = to_nanos + 1 WHERE number = 1",
        "UPDATE ranges SET cursor_token = 'another page token' WHERE number = 2",
        "UPDATE ranges SET closed = TRUE WHERE number = 2",
        "DELETE FROM ranges WHERE number = 2",
    ] {
        let folder = StateFolder::new();
        folder.fill().await;
        let mut connection = folder.foreign_connection().await;
        sqlx::query(change).execute(&mut connection).await.unwrap();
        drop(connection);
        let error = checkpoint_in(&folder).await.unwrap_err();
        assert_eq!(error.fault, LedgerFault::Corrupt, "{change}: {error}");
    }
}

#[tokio::test]
async fn a_log_without_its_file_is_refused() {
    let folder = StateFolder::new();
    fs::write(folder.path_of("state.db-wal"), "all that is left").unwrap();
    assert_eq!(checkpoint_in(&folder).await.unwrap_err().fault, LedgerFault::Corrupt);
    assert!(!folder.state().exists());
}

/// The state folder as a kill would leave it: the file, and the log with the last commits.
async fn killed_after_a_commit() -> (StateFolder, Checkpoint, Vec<u8>) {
    let running = StateFolder::new();
    let earlier = running.fill().await;
    let ledger = running.open().await.unwrap();
    let lease = ledger.acquire(&place(), "the test").await.unwrap();
    ledger.commit(&lease, &telling_commit()).await.unwrap();
    let killed = StateFolder::new();
    fs::copy(running.state(), killed.state()).unwrap();
    let log = fs::read(running.path_of("state.db-wal")).unwrap();
    (killed, earlier, log)
}

#[tokio::test]
async fn a_log_that_is_cut_or_garbled_anywhere_yields_a_checkpoint_that_was_committed() {
    let (folder, earlier, log) = killed_after_a_commit().await;
    let later = telling_commit().step.iter().fold(earlier.clone(), Checkpoint::after);
    let file = fs::read(folder.state()).unwrap();
    for length in (0..=log.len()).step_by(1_000).chain([log.len()]) {
        let mut garbled = log.clone();
        if let Some(byte) = garbled.get_mut(length) {
            *byte ^= 0x10;
        }
        for damaged in [&log[..length], &garbled] {
            fs::write(folder.state(), &file).unwrap();
            fs::write(folder.path_of("state.db-wal"), damaged).unwrap();
            let checkpoint = checkpoint_in(&folder).await.unwrap();
            let whole = length == log.len();
            assert!(
                checkpoint == later || checkpoint == earlier && !whole,
                "{length} of {} bytes",
                log.len()
            );
        }
    }
}
