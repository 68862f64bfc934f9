//! How a checkpoint moves.

#![expect(missing_docs, reason = "each name is the sentence that is tested")]

use incydr_core::checkpoint::{Checkpoint, Cursor, WalkRange};
use incydr_core::ledger::{Commit, Counts, Ledger, LedgerError, Step};

use super::examples::{ALWAYS, at, close_window, counts, open_window, place, range, step};

pub async fn what_a_commit_returns_is_what_is_loaded_after_a_crash<L: Ledger>(
    open: &impl AsyncFn() -> Result<L, LedgerError>,
) -> Result<(), LedgerError> {
    let walked = WalkRange {
        cursor: Cursor::Token("a'\"\0\u{10ffff}".to_owned()),
        position: at(17),
        page: 1,
        unique: 330,
        ..range(1)
    };
    let complete = WalkRange {
        cursor: Cursor::At(at(18)),
        expected: Some(331),
        rescans: 2,
        closed: true,
        owns_end: true,
        ..walked.clone()
    };
    let closed = Step::CloseWindow { watermark: at(7_200), forget_before: at(0), second_pass: true };
    let mut expected = Checkpoint::default();
    for commit in [
        open_window(3),
        step(Step::Advance(walked)),
        step(Step::Advance(complete)),
        step(closed),
        open_window(1),
    ] {
        let ledger = open().await?;
        let lease = ledger.acquire(&place(), "first").await?;
        assert_eq!(ledger.load(&lease).await?, expected);
        expected = commit.step.iter().fold(expected, Checkpoint::after);
        assert_eq!(ledger.commit(&lease, &commit).await?, expected);
        assert_eq!(ledger.load(&lease).await?, expected);
    }
    Ok(())
}

pub async fn the_watermark_never_falls<L: Ledger>(
    open: &impl AsyncFn() -> Result<L, LedgerError>,
) -> Result<(), LedgerError> {
    let ledger = open().await?;
    let lease = ledger.acquire(&place(), "first").await?;
    for (asked, holds) in [(-5, -5), (10, 10), (9, 10), (-20, 10), (11, 11)] {
        assert_eq!(ledger.commit(&lease, &close_window(asked, -100)).await?.watermark, Some(at(holds)));
        assert_eq!(ledger.load(&lease).await?.watermark, Some(at(holds)));
    }
    Ok(())
}

pub async fn an_advance_of_an_unknown_range_changes_nothing<L: Ledger>(
    open: &impl AsyncFn() -> Result<L, LedgerError>,
) -> Result<(), LedgerError> {
    let ledger = open().await?;
    let lease = ledger.acquire(&place(), "first").await?;
    let opened = ledger.commit(&lease, &open_window(2)).await?;
    assert_eq!(ledger.commit(&lease, &step(Step::Advance(range(2)))).await?, opened);
    assert_eq!(ledger.load(&lease).await?, opened);
    Ok(())
}

pub async fn a_commit_without_a_step_leaves_the_checkpoint_where_it_is<L: Ledger>(
    open: &impl AsyncFn() -> Result<L, LedgerError>,
) -> Result<(), LedgerError> {
    let ledger = open().await?;
    let lease = ledger.acquire(&place(), "first").await?;
    let opened = ledger.commit(&lease, &open_window(2)).await?;
    assert_eq!(ledger.commit(&lease, &Commit::default()).await?, opened);
    assert_eq!(ledger.load(&lease).await?, opened);
    Ok(())
}

pub async fn opening_a_window_replaces_one_that_was_open<L: Ledger>(
    open: &impl AsyncFn() -> Result<L, LedgerError>,
) -> Result<(), LedgerError> {
    let ledger = open().await?;
    let lease = ledger.acquire(&place(), "first").await?;
    ledger.commit(&lease, &open_window(5)).await?;
    ledger.commit(&lease, &open_window(2)).await?;
    let checkpoint = ledger.load(&lease).await?;
    assert_eq!((checkpoint.window, checkpoint.ranges), (2, vec![range(0), range(1)]));
    Ok(())
}

pub async fn the_ends_of_every_number_survive<L: Ledger>(
    open: &impl AsyncFn() -> Result<L, LedgerError>,
) -> Result<(), LedgerError> {
    let (first, last) = ALWAYS;
    let extreme = WalkRange {
        position: last,
        page: u64::MAX,
        unique: u64::MAX - 1,
        expected: Some(u64::MAX),
        rescans: u32::MAX,
        cursor: Cursor::At(first),
        ..WalkRange::new(u32::MAX, first, last, true)
    };
    let ledger = open().await?;
    let lease = ledger.acquire(&place(), "first").await?;
    let opened = ledger.commit(&lease, &step(Step::OpenWindow(vec![extreme.clone()]))).await?;
    assert_eq!(opened.ranges, [extreme]);
    assert_eq!(ledger.load(&lease).await?, opened);
    Ok(())
}

pub async fn totals_add_up_over_commits_and_crashes<L: Ledger>(
    open: &impl AsyncFn() -> Result<L, LedgerError>,
) -> Result<(), LedgerError> {
    let mut expected = Counts::default();
    for number in 1..4 {
        let ledger = open().await?;
        let lease = ledger.acquire(&place(), "first").await?;
        let excluded = Counts { fetched: 5, excluded: 3, dead: 2, ..Counts::default() };
        let counts = counts(number, 10 * number).plus(excluded);
        ledger.commit(&lease, &Commit { counts, ..Commit::default() }).await?;
        expected = expected.plus(counts);
        assert_eq!(ledger.totals(&lease).await?, expected);
        assert!(expected.balance());
    }
    Ok(())
}
