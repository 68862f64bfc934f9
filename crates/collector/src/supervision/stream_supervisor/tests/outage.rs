//! A destination that is gone for days: back-pressure holds, the operator is told in time, and nothing is dropped.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use incydr_core::batch::BatchPart;
use incydr_core::delivery::Outlet;
use incydr_core::destination::{Acknowledgement, DeliveryError, DeliveryFault, DeliveryLimits, Destination};
use incydr_core::event::EventId;

use super::*;
use crate::supervision::watchdog::look;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const EVENTS: [&str; 3] = [r#"{"id":"one"}"#, r#"{"id":"two"}"#, r#"{"id":"three"}"#];

/// Gives one page of events, then an empty one for the days of the outage, and asks for the stop after that.
struct OnePage {
    asked: Arc<Mutex<Vec<Timestamp>>>,
    clock: Arc<SimulatedClock>,
    end: StopSwitch,
}

#[async_trait]
impl Source for OnePage {
    fn stream(&self) -> Stream {
        Stream::FileEvents
    }

    async fn fetch_page(&self, range: &WalkRange, _: u32) -> Result<Box<dyn Page>, SourceError> {
        let asked = {
            let mut asked = self.asked.lock().expect("no panic under the lock");
            asked.push(self.clock.now());
            asked.len()
        };
        let events = match asked {
            1 => &EVENTS[..],
            2 => &[],
            _ => {
                self.end.request();
                return std::future::pending().await;
            }
        };
        let mut block = EventBlock::default();
        for event in events {
            block.push(event.as_bytes(), EventId::of_immutable(event.as_bytes()), range.from);
        }
        Ok(Box::new(OneBlock { count: block.events.len() as u64, block: Some(block) }))
    }

    async fn count(&self, _: Timestamp, _: Timestamp) -> Result<Option<u64>, SourceError> {
        Ok(None)
    }
}

struct OneBlock {
    count: u64,
    block: Option<EventBlock>,
}

#[async_trait]
impl Page for OneBlock {
    async fn next_block(&mut self) -> Result<Option<EventBlock>, SourceError> {
        Ok(self.block.take())
    }

    fn end(&self) -> PageEnd {
        PageEnd { next: None, total_count: Some(self.count) }
    }
}

/// Cannot be reached before `back_at`. At each attempt the watchdog looks, and what the operator sees is noted; a
/// watchdog with a clock of its own would run ahead of whatever takes real time.
struct Gone {
    pulse: Arc<OnceLock<Arc<Pulse>>>,
    back_at: Timestamp,
    clock: Arc<SimulatedClock>,
    health: Arc<SourceHealth>,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    trackers: BTreeSet<&'static str>,
    warned_at: Option<Timestamp>,
    arrived: Vec<String>,
}

#[async_trait]
impl Destination for Gone {
    fn name(&self) -> &str {
        "sink"
    }

    fn limits(&self) -> DeliveryLimits {
        DeliveryLimits { max_bytes: 10_000, max_message_bytes: 10_000, max_in_flight: 1 }
    }

    async fn deliver(&self, part: BatchPart<'_>) -> Result<Acknowledgement, DeliveryError> {
        let now = self.clock.now();
        let pulse = self.pulse.get().expect("it is set before anything is delivered");
        look(std::slice::from_ref(pulse), &self.health, now, POLL);
        let mut seen = self.seen.lock().expect("no panic under the lock");
        let open = trackers(&self.health);
        if open.contains(&"RetentionEnds") {
            seen.warned_at.get_or_insert(now);
        }
        seen.trackers.extend(open);
        if now < self.back_at {
            let (destination, fault) = ("sink".to_owned(), DeliveryFault::Unreachable);
            return Err(DeliveryError {
                destination,
                fault,
                code: None,
                info: String::new(),
                retry_after: None,
            });
        }
        let lines = part.events().map(|(_, payload)| String::from_utf8_lossy(payload).into_owned());
        seen.arrived.extend(lines);
        Ok(Acknowledgement { sent_bytes: 1, receipt: None })
    }
}

// F63
#[tokio::test]
async fn a_sink_that_is_gone_for_days_stops_collection_warns_before_retention_ends_and_loses_nothing() {
    let stage = Stage::new().await;
    let began = stage.clock.now();
    let (asked, seen) = (Arc::default(), Arc::<Mutex<Seen>>::default());
    let (end, stop) = stop_switch();
    let source = OnePage { asked: Arc::clone(&asked), clock: stage.clock.clone(), end };
    let pulse = Arc::<OnceLock<_>>::default();
    let sink = Gone {
        pulse: pulse.clone(),
        back_at: began.plus(3 * DAY + 60 * MINUTE),
        clock: stage.clock.clone(),
        health: stage.health.clone(),
        seen: seen.clone(),
    };
    let supervisor =
        stage.supervisor(Box::new(source), vec![Outlet::new(Box::new(sink))], stop.clone(), 4 * DAY);
    pulse.set(supervisor.observers.pulse.clone()).expect("it is set once");
    assert_eq!(supervisor.run().await, StreamEnd::Stopped);
    let asked = asked.lock().expect("no panic under the lock");
    assert!(asked.len() == 3 && asked[1].since(began) >= 3 * DAY, "nothing more is asked for meanwhile");
    let seen = seen.lock().expect("no panic under the lock");
    assert_eq!(seen.arrived, EVENTS);
    assert!(seen.trackers.contains("SinkUnreachable"), "{:?}", seen.trackers);
    let warned_after = seen.warned_at.expect("a warning").since(began);
    let due = 3 * DAY - 10 * MINUTE;
    assert!((due..due + 5 * MINUTE).contains(&warned_after), "{warned_after:?}");
    assert!(trackers(&stage.health).is_empty(), "{:?} close by themselves", trackers(&stage.health));
}
