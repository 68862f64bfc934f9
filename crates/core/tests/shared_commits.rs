//! What goes into one commit while several ranges are walked.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may panic wherever it stands")]

#[allow(unreachable_pub, reason = "shared by several test binaries")]
mod simulation;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use incydr_core::batch::BatchPart;
use incydr_core::checkpoint::{Checkpoint, WalkRange};
use incydr_core::clock::Clock;
use incydr_core::collection::{Collection, Pace};
use incydr_core::delivery::Outlet;
use incydr_core::destination::{Acknowledgement, DeliveryError, DeliveryLimits, Destination, Receipt};
use incydr_core::event::{EventBlock, EventId};
use incydr_core::ledger::{AcknowledgedBatch, Commit, Counts, Lease, Ledger, LedgerError};
use incydr_core::source::{Page, PageEnd, Source, SourceError};
use incydr_core::stop::stop_switch;
use incydr_core::stream::{Place, Stream};
use incydr_core::timestamp::Timestamp;
use incydr_core::window::Reach;
use tokio::sync::Semaphore;

use simulation::memory_ledger::MemoryLedger;

const START: Timestamp = Timestamp::from_millis(1_768_000_000_000);
const HISTORY: Duration = Duration::from_secs(7_200);
const EVENTS: u64 = 32;
/// So that the events make two ranges.
const PAGE_SIZE: u32 = 2;
const IN_FLIGHT: usize = 4;

/// One page of each range, with all its events.
struct Vendor;

fn time(number: u64) -> Timestamp {
    START.plus(Duration::from_secs(100 + number * 200))
}

#[async_trait]
impl Source for Vendor {
    fn stream(&self) -> Stream {
        Stream::FileEvents
    }

    async fn fetch_page(&self, range: &WalkRange, _: u32) -> Result<Box<dyn Page>, SourceError> {
        let mut block = EventBlock::default();
        for number in (0..EVENTS).filter(|number| (range.from..range.to).contains(&time(*number))) {
            let payload = format!(r#"{{"number":{number:02}}}"#);
            block.push(payload.as_bytes(), EventId::of_immutable(payload.as_bytes()), time(number));
        }
        Ok(Box::new(Whole(Some(block))))
    }

    async fn count(&self, _: Timestamp, _: Timestamp) -> Result<Option<u64>, SourceError> {
        Ok(Some(EVENTS))
    }
}

struct Whole(Option<EventBlock>);

#[async_trait]
impl Page for Whole {
    async fn next_block(&mut self) -> Result<Option<EventBlock>, SourceError> {
        Ok(self.0.take())
    }

    fn end(&self) -> PageEnd {
        PageEnd { next: None, total_count: None }
    }
}

/// Takes one event at a time, and tells of each.
struct Sink(Arc<Semaphore>);

#[async_trait]
impl Destination for Sink {
    fn name(&self) -> &str {
        "sink"
    }

    fn limits(&self) -> DeliveryLimits {
        DeliveryLimits { max_bytes: 16, max_message_bytes: 16, max_in_flight: IN_FLIGHT }
    }

    async fn deliver(&self, _: BatchPart<'_>) -> Result<Acknowledgement, DeliveryError> {
        self.0.add_permits(1);
        Ok(Acknowledgement { sent_bytes: 1, receipt: None })
    }
}

struct StandingClock;

#[async_trait]
impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        START.plus(HISTORY)
    }

    async fn sleep(&self, _: Duration) {}
}

/// Makes every commit of events wait until the test lets it go.
struct SlowLedger {
    ledger: MemoryLedger,
    gate: Semaphore,
    /// The ranges and the number of batches of each commit that has begun.
    begun: Mutex<Vec<(u32, usize)>>,
}

impl SlowLedger {
    fn begun(&self) -> Vec<(u32, usize)> {
        self.begun.lock().expect("no panic under the lock").clone()
    }
}

#[async_trait]
impl Ledger for SlowLedger {
    async fn acquire(&self, place: &Place, holder: &str) -> Result<Lease, LedgerError> {
        self.ledger.acquire(place, holder).await
    }

    async fn load(&self, lease: &Lease) -> Result<Checkpoint, LedgerError> {
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
        if let Some(first) = commit.acknowledged.first() {
            let begun = (first.range, commit.acknowledged.len());
            self.begun.lock().expect("no panic under the lock").push(begun);
            self.gate.acquire().await.expect("open").forget();
        }
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

#[tokio::test]
async fn while_one_range_commits_another_gathers_what_settles_for_one_commit() {
    let ledger = Arc::new(SlowLedger {
        ledger: MemoryLedger::open(&Arc::default(), None),
        gate: Semaphore::new(0),
        begun: Mutex::default(),
    });
    let place = Place { source: "simulated".into(), stream: Stream::FileEvents };
    let lease = ledger.acquire(&place, "a test").await.expect("free");
    let delivered = Arc::new(Semaphore::new(0));
    let collection = Collection {
        source: Box::new(Vendor),
        rules: Arc::default(),
        outlets: vec![Outlet::new(Box::new(Sink(delivered.clone())))],
        ledger: ledger.clone(),
        clock: Arc::new(StandingClock),
        notify: Arc::new(|_| {}),
        tap: None,
        stop: stop_switch().1,
        reach: Reach {
            start: START,
            earliest: None,
            look_back: Duration::from_secs(600),
            second_pass: Duration::ZERO,
        },
        pace: Pace::new(PAGE_SIZE, IN_FLIGHT, 2),
    };
    let collecting = collection.collect(&lease, START.plus(HISTORY));
    let watching = async {
        // Every turn is taken, and no commit has ended.
        let turns = u32::try_from(IN_FLIGHT).expect("small");
        delivered.acquire_many(turns).await.expect("open").forget();
        let [(first, _)] = ledger.begun()[..] else { panic!("{:?} are under way", ledger.begun()) };
        ledger.gate.add_permits(1);
        while ledger.begun().len() < 2 {
            tokio::task::yield_now().await;
        }
        assert_eq!(ledger.begun()[1], (1 - first, 2), "the other range comes next, with all it had");
        ledger.gate.add_permits(Semaphore::MAX_PERMITS >> 1);
    };
    let (collected, ()) = tokio::join!(collecting, watching);
    collected.expect("nothing fails here");
    let totals = ledger.totals(&lease).await.expect("readable");
    assert_eq!((totals.fetched, totals.acknowledged), (EVENTS, EVENTS));
}
