//! What the destinations have staged for a place that goes: nobody would publish it afterwards.

use std::sync::Arc;

use incydr_core::destination::Receipt;
use incydr_core::health::Trouble;
use incydr_core::ledger::{Commit, Ledger};
use incydr_core::stream::Place;

use crate::assembly::{Door, holder};

/// Publishes what is staged behind `doors` and vouched for by a commit, and removes what else is staged. Fences off
/// whoever held `place`.
pub(super) async fn settle(doors: &[Door], ledger: &Arc<dyn Ledger>, place: &Place) -> Result<(), Trouble> {
    let told = |error| Trouble::from(&error);
    let lease = ledger.acquire(place, &holder()).await.map_err(told)?;
    let receipts = ledger.unpublished(&lease).await.map_err(told)?;
    let mut published: Vec<Receipt> = Vec::new();
    for door in doors {
        let outlet = door.outlet(place);
        let destination = outlet.destination();
        let is_own = |receipt: &&Receipt| receipt.destination == destination.name();
        let own: Vec<_> = receipts.iter().filter(is_own).cloned().collect();
        destination.recover(&own).await.map_err(|error| Trouble::from(&error))?;
        published.extend(own);
    }
    let commit = Commit { published, ..Commit::default() };
    ledger.commit(&lease, &commit).await.map(drop).map_err(told)
}
