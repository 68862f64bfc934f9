//! How many requests may be made.

#![expect(missing_docs, reason = "each name is the sentence that is tested")]

use std::time::Duration;

use incydr_core::ledger::{Ledger, LedgerError};

use super::examples::at;

const FREE: Duration = Duration::ZERO;
const MINUTE: Duration = Duration::from_secs(60);

pub async fn the_budget_allows_so_many_requests_and_then_says_how_long_to_wait<L: Ledger>(
    open: &impl AsyncFn() -> Result<L, LedgerError>,
) -> Result<(), LedgerError> {
    let ledger = open().await?;
    for second in 0..3 {
        assert_eq!(ledger.reserve_request("tenant", 3, at(second)).await?, FREE);
    }
    let wait = ledger.reserve_request("tenant", 3, at(10)).await?;
    assert_eq!(wait, Duration::from_secs(50));
    assert_eq!(ledger.reserve_request("tenant", 3, at(10).plus(wait)).await?, FREE);
    Ok(())
}

pub async fn the_budget_slides_with_time<L: Ledger>(
    open: &impl AsyncFn() -> Result<L, LedgerError>,
) -> Result<(), LedgerError> {
    let ledger = open().await?;
    let mut taken = Vec::new();
    for second in 0..200 {
        if ledger.reserve_request("tenant", 5, at(second)).await? == FREE {
            taken.push(second);
        }
    }
    assert_eq!(taken, [0, 1, 2, 3, 4, 60, 61, 62, 63, 64, 120, 121, 122, 123, 124, 180, 181, 182, 183, 184]);
    Ok(())
}

pub async fn the_budget_survives_a_crash<L: Ledger>(
    open: &impl AsyncFn() -> Result<L, LedgerError>,
) -> Result<(), LedgerError> {
    for second in 0..3 {
        assert_eq!(open().await?.reserve_request("tenant", 3, at(second)).await?, FREE);
    }
    assert_eq!(open().await?.reserve_request("tenant", 3, at(3)).await?, Duration::from_secs(57));
    Ok(())
}

pub async fn each_tenant_has_a_budget_of_its_own<L: Ledger>(
    open: &impl AsyncFn() -> Result<L, LedgerError>,
) -> Result<(), LedgerError> {
    let ledger = open().await?;
    assert_eq!(ledger.reserve_request("one", 1, at(0)).await?, FREE);
    assert_eq!(ledger.reserve_request("two", 1, at(0)).await?, FREE);
    assert_eq!(ledger.reserve_request("one", 1, at(0)).await?, MINUTE);
    Ok(())
}

pub async fn a_clock_that_jumps_back_blocks_for_a_minute_at_most<L: Ledger>(
    open: &impl AsyncFn() -> Result<L, LedgerError>,
) -> Result<(), LedgerError> {
    let ledger = open().await?;
    assert_eq!(ledger.reserve_request("tenant", 1, at(100_000)).await?, FREE);
    assert_eq!(ledger.reserve_request("tenant", 1, at(0)).await?, MINUTE);
    assert_eq!(ledger.reserve_request("tenant", 1, at(20)).await?, Duration::from_secs(40));
    assert_eq!(ledger.reserve_request("tenant", 1, at(60)).await?, FREE);
    Ok(())
}

pub async fn a_smaller_budget_counts_what_was_taken_under_the_larger_one<L: Ledger>(
    open: &impl AsyncFn() -> Result<L, LedgerError>,
) -> Result<(), LedgerError> {
    let ledger = open().await?;
    for second in 0..10 {
        assert_eq!(ledger.reserve_request("tenant", 10, at(second)).await?, FREE);
    }
    // Seven of the ten must be gone before there are fewer than four.
    assert_eq!(ledger.reserve_request("tenant", 4, at(10)).await?, Duration::from_secs(56));
    Ok(())
}

pub async fn a_budget_of_nothing_allows_nothing<L: Ledger>(
    open: &impl AsyncFn() -> Result<L, LedgerError>,
) -> Result<(), LedgerError> {
    let ledger = open().await?;
    assert_eq!(ledger.reserve_request("tenant", 0, at(0)).await?, MINUTE);
    Ok(())
}
