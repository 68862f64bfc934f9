//! After a power failure the write-ahead log ends anywhere behind its last sync. Whatever is left of it is a state that
//! was committed once, with everything before it.

use std::fs;

use incydr_core::checkpoint::Checkpoint;
use incydr_core::ledger::{Commit, Counts, Ledger};

use crate::state_folder::{StateFolder, close_window, place, telling_commit};

async fn state_in(folder: &StateFolder) -> (Checkpoint, Counts) {
    let ledger = folder.open().await.unwrap();
    let lease = ledger.acquire(&place(), "the test").await.unwrap();
    let state = (ledger.load(&lease).await.unwrap(), ledger.totals(&lease).await.unwrap());
    ledger.close().await.unwrap();
    state
}

/// A commit that vouches for events, and one that vouches for nothing.
fn commits_of(window: i64) -> [Commit; 2] {
    let counts = Counts { fetched: 1, duplicate: 1, ..Counts::default() };
    [telling_commit(), Commit { counts, ..close_window(window * 3_600) }]
}

#[tokio::test]
async fn a_log_that_ends_anywhere_holds_a_beginning_of_the_commits() {
    let folder = StateFolder::new();
    let ledger = folder.open().await.unwrap();
    let lease = ledger.acquire(&place(), "the test").await.unwrap();
    let mut states = vec![(Checkpoint::default(), Counts::default())];
    for commit in (1..5).flat_map(commits_of) {
        let checkpoint = ledger.commit(&lease, &commit).await.unwrap();
        states.push((checkpoint, ledger.totals(&lease).await.unwrap()));
    }
    let (file, log) = (fs::read(folder.state()).unwrap(), fs::read(folder.path_of("state.db-wal")).unwrap());
    let mut kept_before = 0;
    for length in (0..log.len()).step_by(1_500).chain([log.len()]) {
        let after = StateFolder::new();
        fs::write(after.state(), &file).unwrap();
        fs::write(after.path_of("state.db-wal"), &log[..length]).unwrap();
        let state = state_in(&after).await;
        let kept = states.iter().position(|known| *known == state);
        let kept = kept.unwrap_or_else(|| panic!("{length} bytes of the log: {state:?} never was"));
        assert!(kept >= kept_before, "{length} bytes of the log hold less than fewer bytes did");
        kept_before = kept;
    }
    assert_eq!(kept_before, states.len() - 1, "the whole log holds every commit");
}
