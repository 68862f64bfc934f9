//! Events that can be found only hours after their insertion (F42), polled for days in simulated time: what comes
//! within the look-back arrives with the next poll, the rest with the second pass, and nothing arrives twice.

#![allow(clippy::expect_used, reason = "a test may panic wherever it stands")]

#[allow(unreachable_pub, reason = "shared by several test binaries")]
mod simulation;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use incydr_core::batch::BatchPart;
use incydr_core::checkpoint::{Cursor, WalkRange};
use incydr_core::clock::Clock;
use incydr_core::collection::{Collection, Pace};
use incydr_core::delivery::Outlet;
use incydr_core::destination::{Acknowledgement, DeliveryError, DeliveryLimits, Destination};
use incydr_core::event::{EventBlock, EventId};
use incydr_core::ledger::Ledger;
use incydr_core::source::{Page, PageEnd, Source, SourceError};
use incydr_core::stop::stop_switch;
use incydr_core::stream::{Place, Stream};
use incydr_core::timestamp::Timestamp;
use incydr_core::window::Reach;

use simulation::memory_ledger::MemoryLedger;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);
const POLL: Duration = Duration::from_secs(300);
const LOOK_BACK: Duration = Duration::from_secs(600);

/// An event at the vendor.
#[derive(Clone, Debug)]
struct Late {
    id: String,
    inserted: Timestamp,
    visible: Timestamp,
}

/// The vendor, the destination and the time.
struct World {
    events: Vec<Late>,
    now: Mutex<Timestamp>,
    /// When each event arrived.
    arrivals: Mutex<BTreeMap<String, Vec<Timestamp>>>,
}

#[async_trait]
impl Clock for World {
    fn now(&self) -> Timestamp {
        *self.now.lock().expect("no panic under the lock")
    }

    async fn sleep(&self, span: Duration) {
        let mut now = self.now.lock().expect("no panic under the lock");
        *now = now.plus(span);
    }
}

struct Vendor(Arc<World>);

#[async_trait]
impl Source for Vendor {
    fn stream(&self) -> Stream {
        Stream::FileEvents
    }

    async fn fetch_page(&self, range: &WalkRange, page_size: u32) -> Result<Box<dyn Page>, SourceError> {
        let now = self.0.now();
        let from = if let Cursor::At(time) = range.cursor { time } else { range.from };
        let mut matches = self.0.events.iter().filter(|event| {
            event.visible <= now && event.inserted >= from && event.inserted <= range.last_instant()
        });
        let total_count = u64::try_from(matches.clone().count()).ok();
        if let Cursor::Token(token) = &range.cursor {
            matches.find(|event| event.id == *token);
        }
        let mut block = EventBlock::default();
        let size = usize::try_from(page_size).expect("small");
        let rows: Vec<_> = matches.clone().take(size).collect();
        rows.iter().for_each(|row| {
            block.push(row.id.as_bytes(), EventId::of_immutable(row.id.as_bytes()), row.inserted);
        });
        let more = matches.count() > size;
        let next = rows.last().filter(|_| more).map(|last| Cursor::Token(last.id.clone()));
        Ok(Box::new(WholePage { block: Some(block), end: PageEnd { next, total_count } }))
    }

    async fn count(&self, from: Timestamp, to: Timestamp) -> Result<Option<u64>, SourceError> {
        let within = |event: &&Late| event.inserted >= from && event.inserted <= to;
        Ok(u64::try_from(self.0.events.iter().filter(within).count()).ok())
    }
}

struct WholePage {
    block: Option<EventBlock>,
    end: PageEnd,
}

#[async_trait]
impl Page for WholePage {
    async fn next_block(&mut self) -> Result<Option<EventBlock>, SourceError> {
        Ok(self.block.take())
    }

    fn end(&self) -> PageEnd {
        self.end.clone()
    }
}

struct Sink(Arc<World>);

#[async_trait]
impl Destination for Sink {
    fn name(&self) -> &str {
        "sink"
    }

    fn limits(&self) -> DeliveryLimits {
        DeliveryLimits { max_bytes: 10_000, max_message_bytes: 10_000, max_in_flight: 2 }
    }

    async fn deliver(&self, part: BatchPart<'_>) -> Result<Acknowledgement, DeliveryError> {
        let now = self.0.now();
        for (_, payload) in part.events() {
            let id = String::from_utf8(payload.to_vec()).expect("an id");
            self.0.arrivals.lock().expect("no panic under the lock").entry(id).or_default().push(now);
        }
        Ok(Acknowledgement { sent_bytes: 1, receipt: None })
    }
}

/// Two days with an event a minute: every tenth 45 seconds late, every seventh almost 10 minutes, every fifteenth two
/// hours, and the rest at once.
fn two_days_from(start: Timestamp) -> Vec<Late> {
    (0..2 * 24 * 60)
        .map(|minute| {
            let inserted = start.plus(MINUTE * minute);
            let delay = match minute {
                _ if minute % 15 == 0 => 2 * HOUR,
                _ if minute % 10 == 0 => Duration::from_secs(45),
                // A poll may have just missed it.
                _ if minute % 7 == 0 => LOOK_BACK - POLL,
                _ => Duration::ZERO,
            };
            Late { id: format!("event-{minute:05}"), inserted, visible: inserted.plus(delay) }
        })
        .collect()
}

/// Polls until everything could be found for longer than a day, and returns what had been there and when it arrived.
async fn poll_for_days(second_pass: Duration) -> Arc<World> {
    let start = Timestamp::from_millis(1_768_000_000_000);
    let (now, arrivals) = (Mutex::new(start), Mutex::default());
    let world = Arc::new(World { events: two_days_from(start), now, arrivals });
    let ledger = Arc::new(MemoryLedger::open(&Arc::default(), None));
    let place = Place { source: "simulated".into(), stream: Stream::FileEvents };
    let lease = ledger.acquire(&place, "a test").await.expect("free");
    let collection = Collection {
        source: Box::new(Vendor(world.clone())),
        rules: Arc::default(),
        outlets: vec![Outlet::new(Box::new(Sink(world.clone())))],
        ledger,
        clock: world.clone(),
        notify: Arc::new(|_| {}),
        tap: None,
        stop: stop_switch().1,
        reach: Reach { start, earliest: None, look_back: LOOK_BACK, second_pass },
        pace: Pace::new(100, 2, 2),
    };
    while world.now() < start.plus(4 * DAY) {
        world.sleep(POLL).await;
        collection.collect(&lease, world.now()).await.expect("nothing fails here");
    }
    world
}

/// How long after it could be found each event arrived; `None` for one that never did.
fn waits(world: &World) -> Vec<(&Late, Option<Duration>)> {
    let arrivals = world.arrivals.lock().expect("no panic under the lock");
    let wait = |event: &Late| {
        let times = arrivals.get(&event.id)?;
        assert_eq!(times.len(), 1, "{} arrived twice", event.id);
        Some(times[0].since(event.visible))
    };
    world.events.iter().map(|event| (event, wait(event))).collect()
}

fn is_within_look_back(event: &Late) -> bool {
    event.visible.since(event.inserted) < LOOK_BACK
}

#[tokio::test]
async fn what_comes_within_the_look_back_arrives_with_the_next_poll_and_the_rest_within_a_day() {
    let world = poll_for_days(DAY).await;
    for (event, wait) in waits(&world) {
        let longest = if is_within_look_back(event) { POLL } else { DAY + POLL };
        assert!(wait.is_some_and(|wait| wait <= longest), "{event:?} after {wait:?}");
    }
}

#[tokio::test]
async fn without_a_second_pass_what_comes_after_the_look_back_would_be_lost() {
    let world = poll_for_days(Duration::ZERO).await;
    for (event, wait) in waits(&world) {
        assert_eq!(wait.is_some(), is_within_look_back(event), "{event:?} after {wait:?}");
    }
}
