//! Which ids, receipts and dead letters are remembered, and for how long.

#![expect(missing_docs, reason = "each name is the sentence that is tested")]

use std::slice;

use incydr_core::event::EventId;
use incydr_core::ledger::{AcknowledgedBatch, Commit, DeadLetter, Lease, Ledger, LedgerError};

use super::examples::{ALWAYS, acknowledge, at, batch, close_window, open_window, place, receipt};

pub async fn acknowledged_batches_come_back_oldest_commit_first<L: Ledger>(
    open: &impl AsyncFn() -> Result<L, LedgerError>,
) -> Result<(), LedgerError> {
    let batches =
        [batch(&[9, 1, 5]), batch(&[2]), AcknowledgedBatch { window: 2, range: 8, ..batch(&[3, 3]) }];
    let ledger = open().await?;
    let lease = ledger.acquire(&place(), "first").await?;
    ledger.commit(&lease, &acknowledge(&batches[..2])).await?;
    ledger.commit(&lease, &acknowledge(&batches[2..])).await?;
    drop(ledger);
    let ledger = open().await?;
    let lease = ledger.acquire(&place(), "second").await?;
    assert_eq!(remembered(&ledger, &lease).await?, batches);
    Ok(())
}

pub async fn only_batches_with_an_id_inside_the_span_come_back<L: Ledger>(
    open: &impl AsyncFn() -> Result<L, LedgerError>,
) -> Result<(), LedgerError> {
    let (around, inside, before, after) = (batch(&[9, 1]), batch(&[1, 5]), batch(&[4]), batch(&[7, 8]));
    let ledger = open().await?;
    let lease = ledger.acquire(&place(), "first").await?;
    ledger.commit(&lease, &acknowledge(&[around, inside.clone(), before.clone(), after.clone()])).await?;
    assert_eq!(ledger.seen(&lease, at(5), at(6)).await?, slice::from_ref(&inside));
    assert_eq!(ledger.seen(&lease, at(4), at(7)).await?, [inside, before, after]);
    assert_eq!(ledger.seen(&lease, at(6), at(6)).await?, []);
    Ok(())
}

pub async fn closing_a_window_forgets_the_batches_that_lie_wholly_before<L: Ledger>(
    open: &impl AsyncFn() -> Result<L, LedgerError>,
) -> Result<(), LedgerError> {
    let ledger = open().await?;
    let lease = ledger.acquire(&place(), "first").await?;
    ledger.commit(&lease, &open_window(1)).await?;
    let other_window = AcknowledgedBatch { window: 9, range: 4, ..batch(&[3]) };
    ledger.commit(&lease, &acknowledge(&[batch(&[1]), other_window, batch(&[10])])).await?;
    let mut last = close_window(20, 10);
    last.acknowledged = vec![batch(&[4]), batch(&[11])];
    ledger.commit(&lease, &last).await?;
    assert_eq!(remembered(&ledger, &lease).await?, [batch(&[10]), batch(&[11])]);
    Ok(())
}

pub async fn a_batch_that_reaches_past_the_limit_is_kept_whole<L: Ledger>(
    open: &impl AsyncFn() -> Result<L, LedgerError>,
) -> Result<(), LedgerError> {
    let ledger = open().await?;
    let lease = ledger.acquire(&place(), "first").await?;
    ledger.commit(&lease, &acknowledge(&[batch(&[1, 10, 2])])).await?;
    ledger.commit(&lease, &close_window(20, 10)).await?;
    assert_eq!(remembered(&ledger, &lease).await?, [batch(&[1, 10, 2])]);
    Ok(())
}

pub async fn receipts_wait_until_they_are_published<L: Ledger>(
    open: &impl AsyncFn() -> Result<L, LedgerError>,
) -> Result<(), LedgerError> {
    let ledger = open().await?;
    let lease = ledger.acquire(&place(), "first").await?;
    let staged = AcknowledgedBatch { receipts: vec![receipt("a"), receipt("b")], ..batch(&[1]) };
    ledger.commit(&lease, &acknowledge(&[staged])).await?;
    assert_eq!(remembered(&ledger, &lease).await?, [batch(&[1])]);
    // Forgetting the ids does not publish anything.
    ledger.commit(&lease, &close_window(20, 10)).await?;
    drop(ledger);
    let ledger = open().await?;
    let lease = ledger.acquire(&place(), "second").await?;
    assert_eq!(ledger.unpublished(&lease).await?, [receipt("a"), receipt("b")]);
    let published = vec![receipt("a"), receipt("never staged")];
    ledger.commit(&lease, &Commit { published, ..Commit::default() }).await?;
    assert_eq!(ledger.unpublished(&lease).await?, [receipt("b")]);
    Ok(())
}

pub async fn the_same_receipt_twice_is_one_receipt<L: Ledger>(
    open: &impl AsyncFn() -> Result<L, LedgerError>,
) -> Result<(), LedgerError> {
    let ledger = open().await?;
    let lease = ledger.acquire(&place(), "first").await?;
    let staged = AcknowledgedBatch { receipts: vec![receipt("a")], ..batch(&[1]) };
    ledger.commit(&lease, &acknowledge(&[staged.clone(), staged.clone()])).await?;
    ledger.commit(&lease, &acknowledge(&[staged])).await?;
    assert_eq!(ledger.unpublished(&lease).await?, [receipt("a")]);
    Ok(())
}

pub async fn a_dead_letter_that_comes_again_is_no_error<L: Ledger>(
    open: &impl AsyncFn() -> Result<L, LedgerError>,
) -> Result<(), LedgerError> {
    let letter = DeadLetter {
        id: EventId { key: 1, version: u64::MAX },
        time: at(1),
        reason: "the payload was refused".to_owned(),
        raw: b"{\"id\":\0".to_vec(),
    };
    let commit = Commit { dead_letters: vec![letter.clone(), letter], ..Commit::default() };
    let ledger = open().await?;
    let lease = ledger.acquire(&place(), "first").await?;
    ledger.commit(&lease, &commit).await?;
    ledger.commit(&lease, &commit).await?;
    Ok(())
}

async fn remembered(ledger: &impl Ledger, lease: &Lease) -> Result<Vec<AcknowledgedBatch>, LedgerError> {
    ledger.seen(lease, ALWAYS.0, ALWAYS.1).await
}
