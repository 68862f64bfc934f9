//! What happens to one source never touches another.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use incydr_core::checkpoint::Checkpoint;
use incydr_core::destination::Receipt;
use incydr_core::health::ErrorType;
use incydr_core::health::SourceState::{Collecting, Error};
use incydr_core::ledger::{AcknowledgedBatch, Commit, Counts, Lease, Ledger, LedgerError};
use incydr_core::stream::Place;
use incydr_core::timestamp::Timestamp;
use incydr_simulator::SumoOptions;
use tempfile::TempDir;

use crate::stage::{Stage, open_ledger, tenant_with};

/// A ledger that panics when it loads the place of one source.
struct Trap {
    ledger: Arc<dyn Ledger>,
    armed: AtomicBool,
}

#[async_trait]
impl Ledger for Trap {
    async fn acquire(&self, place: &Place, holder: &str) -> Result<Lease, LedgerError> {
        self.ledger.acquire(place, holder).await
    }

    async fn load(&self, lease: &Lease) -> Result<Checkpoint, LedgerError> {
        let is_trapped = lease.place.source.starts_with("source 1 ");
        assert!(!(is_trapped && self.armed.load(Ordering::SeqCst)), "a bug of ours");
        self.ledger.load(lease).await
    }

    async fn seen(
        &self,
        lease: &Lease,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<AcknowledgedBatch>, LedgerError> {
        self.ledger.seen(lease, from, to).await
    }

    async fn commit(&self, lease: &Lease, commit: &Commit) -> Result<Checkpoint, LedgerError> {
        self.ledger.commit(lease, commit).await
    }

    async fn unpublished(&self, lease: &Lease) -> Result<Vec<Receipt>, LedgerError> {
        self.ledger.unpublished(lease).await
    }

    async fn totals(&self, lease: &Lease) -> Result<Counts, LedgerError> {
        self.ledger.totals(lease).await
    }

    async fn reserve_request(
        &self,
        tenant: &str,
        per_minute: u32,
        now: Timestamp,
    ) -> Result<Duration, LedgerError> {
        self.ledger.reserve_request(tenant, per_minute, now).await
    }
}

// F11
#[tokio::test]
async fn a_panic_is_a_health_event_of_its_source_alone_which_starts_again() {
    let dir = TempDir::new().expect("a folder for the test");
    let trap = Arc::new(Trap { ledger: open_ledger(&dir).await, armed: AtomicBool::new(false) });
    let stage = Stage::with_ledger(tenant_with(100), SumoOptions::default(), dir, trap.clone()).await;
    for id in 1..=20 {
        stage.collect(stage.source(id)).await;
    }
    let position = stage.chronicle.position(1);
    trap.armed.store(true, Ordering::SeqCst);
    let record = stage.chronicle.reach(1, position, Error).await;
    let event = stage.chronicle.opened(1, position).await;
    assert_eq!((event.error_type, event.tracker.as_str()), (ErrorType::FirstPartyGeneric, "Internal"));
    assert!(!format!("{record:?}").contains("a bug of ours"), "what the panic said stays inside");
    let polls = |id| stage.status(id).streams[0].last_success;
    let before: Vec<_> = (2..=20).map(polls).collect();
    stage.pass_requests(60).await;
    let after: Vec<_> = (2..=20).map(polls).collect();
    assert!(before.iter().zip(&after).all(|(before, after)| before < after), "the others go on polling");

    trap.armed.store(false, Ordering::SeqCst);
    let position = stage.chronicle.position(1);
    stage.chronicle.reach(1, position, Collecting).await;
    assert_eq!(stage.chronicle.closed(1, position).await, event);
    for id in 2..=20 {
        assert!(!stage.chronicle.states(id).contains(&Error), "source {id}");
    }
    stage.fleet.stop().await;
    let verdict = stage.sumo.received();
    assert_eq!(verdict.messages, 20 * 100, "nothing is lost or repeated");
}
