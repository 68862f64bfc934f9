//! Who may move a place.

#![expect(missing_docs, reason = "each name is the sentence that is tested")]

use incydr_core::checkpoint::Checkpoint;
use incydr_core::ledger::{Counts, Lease, Ledger, LedgerError, LedgerFault};
use incydr_core::stream::{Place, Stream};

use super::examples::{ALWAYS, acknowledge, batch, close_window, counts, open_window, place};

pub async fn a_new_place_has_the_empty_checkpoint_and_no_memory<L: Ledger>(
    open: &impl AsyncFn() -> Result<L, LedgerError>,
) -> Result<(), LedgerError> {
    let ledger = open().await?;
    let lease = ledger.acquire(&place(), "first").await?;
    assert_eq!(lease.place, place());
    assert_eq!(ledger.load(&lease).await?, Checkpoint::default());
    assert_eq!(ledger.seen(&lease, ALWAYS.0, ALWAYS.1).await?, []);
    assert_eq!(ledger.unpublished(&lease).await?, []);
    assert_eq!(ledger.totals(&lease).await?, Counts::default());
    Ok(())
}

pub async fn every_acquisition_gets_a_higher_token_also_after_a_crash<L: Ledger>(
    open: &impl AsyncFn() -> Result<L, LedgerError>,
) -> Result<(), LedgerError> {
    let mut highest = 0;
    for _ in 0..3 {
        let ledger = open().await?;
        for _ in 0..2 {
            let lease = ledger.acquire(&place(), "again").await?;
            assert!(lease.token > highest);
            highest = lease.token;
        }
    }
    Ok(())
}

pub async fn a_stale_lease_is_fenced_off_and_nothing_of_its_commit_holds<L: Ledger>(
    open: &impl AsyncFn() -> Result<L, LedgerError>,
) -> Result<(), LedgerError> {
    let ledger = open().await?;
    let stale = ledger.acquire(&place(), "first").await?;
    let opened = ledger.commit(&stale, &open_window(2)).await?;
    let newest = ledger.acquire(&place(), "second").await?;
    let mut commit = close_window(50, 0);
    commit.acknowledged.push(batch(&[1, 2]));
    commit.counts = counts(2, 0);
    let refused = ledger.commit(&stale, &commit).await;
    assert_eq!(refused.map_err(|error| error.fault), Err(LedgerFault::Fenced));
    assert_eq!(ledger.load(&newest).await?, opened);
    assert_eq!(ledger.seen(&newest, ALWAYS.0, ALWAYS.1).await?, []);
    assert_eq!(ledger.totals(&newest).await?, Counts::default());
    ledger.commit(&newest, &commit).await?;
    Ok(())
}

pub async fn a_lease_that_was_never_given_out_is_fenced_off<L: Ledger>(
    open: &impl AsyncFn() -> Result<L, LedgerError>,
) -> Result<(), LedgerError> {
    let ledger = open().await?;
    let invented = Lease { place: place(), token: 1 };
    let refused = ledger.commit(&invented, &open_window(1)).await;
    assert_eq!(refused.map_err(|error| error.fault), Err(LedgerFault::Fenced));
    let lease = ledger.acquire(&place(), "first").await?;
    let invented = Lease { place: place(), token: lease.token + 1 };
    let refused = ledger.commit(&invented, &open_window(1)).await;
    assert_eq!(refused.map_err(|error| error.fault), Err(LedgerFault::Fenced));
    Ok(())
}

pub async fn places_do_not_fence_each_other_off_and_share_nothing<L: Ledger>(
    open: &impl AsyncFn() -> Result<L, LedgerError>,
) -> Result<(), LedgerError> {
    let ledger = open().await?;
    let other = Place { source: "'; DROP TABLE places; --".to_owned(), ..place() };
    let lease = ledger.acquire(&place(), "first").await?;
    let other = ledger.acquire(&other, "second").await?;
    ledger.commit(&lease, &open_window(1)).await?;
    ledger.commit(&lease, &acknowledge(&[batch(&[1])])).await?;
    assert_eq!(ledger.load(&other).await?, Checkpoint::default());
    assert_eq!(ledger.seen(&other, ALWAYS.0, ALWAYS.1).await?, []);
    ledger.commit(&other, &close_window(9, 9)).await?;
    assert_eq!(ledger.seen(&lease, ALWAYS.0, ALWAYS.1).await?, [batch(&[1])]);
    Ok(())
}

pub async fn the_same_source_has_a_place_for_each_stream<L: Ledger>(
    open: &impl AsyncFn() -> Result<L, LedgerError>,
) -> Result<(), LedgerError> {
    let ledger = open().await?;
    for (windows, stream) in (1..).zip(Stream::ALL) {
        let lease = ledger.acquire(&Place { stream, ..place() }, "first").await?;
        for _ in 0..windows {
            ledger.commit(&lease, &open_window(1)).await?;
        }
        assert_eq!(ledger.load(&lease).await?.window, windows);
    }
    Ok(())
}
