//! The archive on a disk that fails to synchronize once, at every point where it is asked to.

use std::cell::Cell;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use incydr_core::batch::Batch;
use incydr_core::event::EventId;
use incydr_core::stream::Stream;
use incydr_core::timestamp::Timestamp;

use super::dated_part::DatedPart;
use super::shelf::Shelf;

thread_local! {
    /// Synchronizations that still succeed before the one that fails.
    static SUCCESSES_LEFT: Cell<Option<u32>> = const { Cell::new(None) };
}

fn fails_once(file: &File) -> io::Result<()> {
    let left = SUCCESSES_LEFT.get();
    SUCCESSES_LEFT.set(left.and_then(|left| left.checked_sub(1)));
    if left == Some(0) { Err(io::ErrorKind::Other.into()) } else { file.sync_all() }
}

fn two_days() -> DatedPart {
    let mut batch = Batch::new(Stream::FileEvents);
    for day in 0..2_u8 {
        let time = Timestamp::from_millis(i64::from(day) * 86_400_000);
        batch.push(&[b'{', b'0' + day, b'}'], EventId::of_immutable(&[day]), time);
    }
    DatedPart::new(&batch.whole())
}

fn file_count(folder: &Path) -> usize {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.map(|path| if path.is_dir() { file_count(&path) } else { 1 }).sum()
}

#[test]
fn a_failed_synchronization_is_told_and_the_next_attempt_starts_anew() {
    let dir = tempfile::tempdir().unwrap();
    let mut failures = 0;
    for successes in 0.. {
        let root = dir.path().join(successes.to_string());
        let visible = || file_count(&root.join("stream=fileEvents"));
        let shelf = Shelf::new(root.clone(), "scope", fails_once);

        SUCCESSES_LEFT.set(Some(successes));
        let staged = shelf.stage(&two_days());
        let is_told_while_staging = staged.is_err();
        let (manifest, _) = staged.or_else(|_| shelf.stage(&two_days())).unwrap();
        assert_eq!((visible(), file_count(&root)), (0, 2));

        let published = shelf.publish(std::slice::from_ref(&manifest));
        let is_told_while_publishing = published.is_err();
        if is_told_while_publishing {
            assert_eq!((visible(), file_count(&root)), (0, 2));
            shelf.publish(&[manifest]).unwrap();
        }
        assert_eq!((visible(), file_count(&root)), (2, 2));
        if SUCCESSES_LEFT.take().is_some() {
            break;
        }
        failures += 1;
        assert!(is_told_while_staging != is_told_while_publishing);
    }
    // Three folders above the staged files, two files and their folder; then three folders above the published ones
    // and the two that list them.
    assert_eq!(failures, 6 + 5);
}
