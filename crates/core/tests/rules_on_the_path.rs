//! Processing rules inside of the engine: what leaves, what is told of it, and where batches end after a crash.

#![allow(clippy::expect_used, reason = "a test may panic wherever it stands")]

#[allow(unreachable_pub, reason = "shared by several test binaries")]
mod simulation;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use incydr_core::batch::BatchPart;
use incydr_core::checkpoint::WalkRange;
use incydr_core::clock::Clock;
use incydr_core::collection::{Collection, Pace};
use incydr_core::delivery::Outlet;
use incydr_core::destination::{Acknowledgement, DeliveryError, DeliveryLimits, Destination};
use incydr_core::event::{EventBlock, EventId};
use incydr_core::ledger::{AcknowledgedBatch, Commit, Counts, Lease, Ledger, Step};
use incydr_core::notice::Notice;
use incydr_core::rules::{HashAlgorithm, Rule, RuleKind, Rules};
use incydr_core::source::{Page, PageEnd, Source, SourceError};
use incydr_core::stop::stop_switch;
use incydr_core::stream::{Place, Stream};
use incydr_core::timestamp::Timestamp;
use incydr_core::window::Reach;

use simulation::memory_ledger::MemoryLedger;

const EVENTS: u64 = 40;
const START: Timestamp = Timestamp::from_millis(1_768_000_000_000);
const END: Timestamp = Timestamp::from_millis(1_768_000_600_000);

/// One page of events in several blocks.
struct Vendor;

fn payload(number: u64) -> Vec<u8> {
    format!(r#"{{"n":{number},"user":"{}"}}"#, "u".repeat(usize::try_from(number % 7 + 1).expect("small")))
        .into_bytes()
}

fn id(number: u64) -> EventId {
    EventId::of_immutable(&number.to_le_bytes())
}

fn time(number: u64) -> Timestamp {
    START.plus(Duration::from_secs(number))
}

#[async_trait]
impl Source for Vendor {
    fn stream(&self) -> Stream {
        Stream::FileEvents
    }

    async fn fetch_page(&self, _: &WalkRange, _: u32) -> Result<Box<dyn Page>, SourceError> {
        let mut blocks = vec![EventBlock::default(); 4];
        for number in 0..EVENTS {
            let block = usize::try_from(number * 4 / EVENTS).expect("small");
            blocks[block].push(&payload(number), id(number), time(number));
        }
        blocks.reverse();
        Ok(Box::new(Blocks(blocks)))
    }

    async fn count(&self, _: Timestamp, _: Timestamp) -> Result<Option<u64>, SourceError> {
        Ok(Some(EVENTS))
    }
}

/// The last one comes first.
struct Blocks(Vec<EventBlock>);

#[async_trait]
impl Page for Blocks {
    async fn next_block(&mut self) -> Result<Option<EventBlock>, SourceError> {
        Ok(self.0.pop())
    }

    fn end(&self) -> PageEnd {
        PageEnd { next: None, total_count: Some(EVENTS) }
    }
}

/// Keeps what each request brought.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<Arrival>>>);

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Arrival {
    bytes: Vec<u8>,
    ids: Vec<(EventId, Timestamp)>,
}

#[async_trait]
impl Destination for Sink {
    fn name(&self) -> &str {
        "sink"
    }

    fn limits(&self) -> DeliveryLimits {
        DeliveryLimits { max_bytes: 160, max_message_bytes: 160, max_in_flight: 2 }
    }

    async fn deliver(&self, part: BatchPart<'_>) -> Result<Acknowledgement, DeliveryError> {
        let ids = part.events().map(|(entry, _)| (entry.id, entry.time)).collect();
        let arrival = Arrival { bytes: part.ndjson().to_vec(), ids };
        self.0.lock().expect("no panic under the lock").push(arrival);
        Ok(Acknowledgement { sent_bytes: 1, receipt: None })
    }
}

struct StandingClock;

#[async_trait]
impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        END
    }

    async fn sleep(&self, _: Duration) {}
}

/// Every fifth event is excluded, and of the others a name becomes a digest.
fn rules() -> Rules {
    let rule = |kind, regexp: &str| Rule { name: "a rule".into(), kind, regexp: regexp.into() };
    let exclude = rule(RuleKind::Exclude, r#"{"n":\d*[05],.*"#);
    let hash = rule(RuleKind::Hash, r#""user":"(\w+)""#);
    Rules::compile(vec![exclude, hash], HashAlgorithm::Md5).expect("good rules")
}

/// What a run came to.
struct Outcome {
    arrivals: Vec<Arrival>,
    notices: Vec<Notice>,
    counts: Counts,
}

/// Collects the page twice with a look-back over all of it, after `before` was committed.
async fn collect_after(before: Option<Commit>) -> Outcome {
    let ledger = Arc::new(MemoryLedger::open(&Arc::default(), None));
    let place = Place { source: "simulated".into(), stream: Stream::FileEvents };
    let lease: Lease = ledger.acquire(&place, "a test").await.expect("free");
    if let Some(commit) = before {
        ledger.commit(&lease, &commit).await.expect("committed");
    }
    let sink = Sink::default();
    let notices = Arc::new(Mutex::new(Vec::new()));
    let heard = notices.clone();
    let collection = Collection {
        source: Box::new(Vendor),
        rules: Arc::new(rules()),
        outlets: vec![Outlet::new(Box::new(sink.clone()))],
        ledger: ledger.clone(),
        clock: Arc::new(StandingClock),
        notify: Arc::new(move |notice| heard.lock().expect("no panic under the lock").push(notice)),
        tap: None,
        stop: stop_switch().1,
        reach: Reach {
            start: START,
            earliest: None,
            look_back: Duration::from_secs(3_600),
            second_pass: Duration::ZERO,
        },
        pace: Pace::new(1_000, 2, 1),
    };
    for until in [END, END.plus(Duration::from_secs(1))] {
        collection.collect(&lease, until).await.expect("nothing fails here");
    }
    let counts = ledger.totals(&lease).await.expect("readable");
    let mut arrivals = sink.0.lock().expect("no panic under the lock").clone();
    arrivals.sort();
    let notices = notices.lock().expect("no panic under the lock").clone();
    Outcome { arrivals, notices, counts }
}

/// An open window, and what an earlier process had committed of its page.
fn committed_before(ids: Vec<(EventId, Timestamp)>) -> Commit {
    let acknowledged = vec![AcknowledgedBatch { window: 1, range: 0, page: 0, ids, receipts: Vec::new() }];
    let step = Some(Step::OpenWindow(vec![WalkRange::new(0, START, END, true)]));
    Commit { acknowledged, step, ..Commit::default() }
}

#[tokio::test]
async fn excluded_events_are_counted_once_told_of_and_never_delivered() {
    let Outcome { arrivals, notices, counts } = collect_after(None).await;
    let delivered = EVENTS - EVENTS / 5;
    let expected = Counts {
        fetched: 2 * EVENTS,
        acknowledged: delivered,
        duplicate: EVENTS,
        excluded: EVENTS / 5,
        dead: 0,
    };
    assert_eq!(counts, expected);
    let told = |notice: &Notice| if let Notice::Excluded { events } = notice { *events } else { 0 };
    assert_eq!(notices.iter().map(told).sum::<u64>(), EVENTS / 5);
    let arrived: Vec<_> = arrivals.iter().flat_map(|arrival| &arrival.ids).collect();
    assert_eq!(arrived.len(), usize::try_from(delivered).expect("small"));
    assert!((0..EVENTS).all(|number| arrived.contains(&&(id(number), time(number))) == (number % 5 != 0)));
    assert!(arrivals.iter().all(|arrival| !arrival.bytes.windows(2).any(|pair| pair == b"uu")));
}

/// Whatever was acknowledged of a page, and whether its excluded events were committed or not: the rest of the page is
/// sent in the same requests, byte by byte.
#[tokio::test]
async fn after_a_crash_the_rest_of_a_page_is_cut_at_the_same_edges() {
    let whole = collect_after(None).await.arrivals;
    assert!(whole.len() > 10, "{} requests", whole.len());
    let excluded = (0..EVENTS).step_by(5).map(|number| (id(number), time(number)));
    for pattern in [0b1_u64, 0b10, 0b1001, 0b110_0110, 0b1010_1010_1010, u64::MAX >> 1] {
        for more in [Vec::new(), excluded.clone().collect()] {
            let is_known = |index: usize| pattern >> (index % 64) & 1 == 1;
            let split =
                |wanted: bool| whole.iter().enumerate().filter(move |(index, _)| is_known(*index) == wanted);
            let known = split(true).flat_map(|(_, arrival)| arrival.ids.clone()).chain(more).collect();
            let rest: Vec<_> = split(false).map(|(_, arrival)| arrival.clone()).collect();
            assert_eq!(collect_after(Some(committed_before(known))).await.arrivals, rest, "{pattern:b}");
        }
    }
}
