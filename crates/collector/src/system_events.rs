//! Health events as events of their own, in the form in which the index `sumologic_system_events` holds them.
//!
//! They go to Sumo Logic only: an archive or standard output holds the vendor's events and nothing else. Each receiver
//! has a queue and a task, so that one which is down holds up neither the others nor anything else; when its queue is
//! full, what comes is dropped with a warning. Events that are open when the process starts are told once more, with
//! the same id.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use incydr_core::batch::Batch;
use incydr_core::clock::Clock;
use incydr_core::delivery::{Outlet, Surroundings};
use incydr_core::event::EventId;
use incydr_core::notice::{Notice, Notify};
use incydr_core::stop::stop_switch;
use incydr_core::stream::Stream;
use incydr_core::timestamp::Timestamp;
use incydr_destinations::sumo::{Metadata, Sumo};
use incydr_store::{HealthEvent, Store, StoreError};
use serde_json::json;
use tokio::sync::mpsc;

use crate::assembly::Door;
use crate::failure::Failure;
use crate::supervision::source_health::uuid_of;

/// So many events wait for a receiver.
const MAX_WAITING: usize = 1_000;
/// So many are sent at once.
const AT_ONCE: usize = 100;
/// Rows are read from the store so many at a time.
const ROWS_AT_ONCE: u32 = 500;
const CATEGORY: &str = "Collection";
/// What Sumo Logic says of events that nobody's request has caused.
const NO_HOST: &str = "no_sourceHost";

/// A health event that was opened or closed.
#[derive(Clone, PartialEq, Eq, Debug)]
struct SystemEvent {
    kind: Kind,
    id: EventId,
    time: Timestamp,
    json: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    UnHealthy,
    Healthy,
}

/// The way to all receivers. Telling something never waits.
#[derive(Debug, Default)]
pub struct SystemEvents {
    queues: Vec<Queue>,
    /// What was told of last, by source and kind. A source that is removed takes its open events out of the store
    /// before anybody here hears that they are closed.
    open: Mutex<HashMap<(u64, String), HealthEvent>>,
}

#[derive(Debug)]
struct Queue {
    sender: mpsc::Sender<SystemEvent>,
    is_full: AtomicBool,
}

impl SystemEvents {
    /// Nobody wants to know.
    pub fn none() -> Self {
        Self::default()
    }

    /// Sends to those of `doors` that lead to Sumo Logic. Must be called inside the runtime.
    pub fn through(doors: Vec<Door>, clock: &Arc<dyn Clock>) -> Result<Self, Failure> {
        let mut queues = Vec::new();
        for door in doors {
            let Door::Sumo(sumo) = door else { continue };
            let (sender, receiver) = mpsc::channel(MAX_WAITING);
            let outlets = Outlets::of(&sumo)?;
            tokio::spawn(send(receiver, outlets, clock.clone()));
            queues.push(Queue { sender, is_full: AtomicBool::new(false) });
        }
        Ok(Self { queues, open: Mutex::default() })
    }

    /// A health event has opened.
    pub fn opened(&self, event: &HealthEvent) {
        if self.queues.is_empty() {
            return;
        }
        let key = (event.event.source_id, event.event.name.clone());
        self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(key, event.clone());
        self.tell(&SystemEvent::opened(event));
    }

    /// The health event of this source and name was closed at `now`.
    pub fn closed(&self, source_id: u64, name: &str, now: Timestamp) {
        let key = (source_id, name.to_owned());
        let event = self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
        if let Some(event) = event {
            self.tell(&SystemEvent::closed(&event, now));
        }
    }

    fn tell(&self, event: &SystemEvent) {
        for queue in &self.queues {
            let is_full = queue.sender.try_send(event.clone()).is_err();
            let was_full = queue.is_full.swap(is_full, Ordering::Relaxed);
            if is_full && !was_full {
                let waiting = MAX_WAITING;
                tracing::warn!(waiting, "health events are dropped: their receiver does not take them");
            }
        }
    }

    /// Queues all events that are open in `store`.
    pub async fn tell_open(&self, store: &Store) -> Result<(), StoreError> {
        let mut from = None;
        loop {
            let page = store.open_health_events(None, from, ROWS_AT_ONCE).await?;
            page.items.iter().for_each(|open| self.opened(open));
            from = page.next;
            if from.is_none() {
                return Ok(());
            }
        }
    }
}

/// The same receiver twice, for each kind of event has a name of its own.
struct Outlets {
    unhealthy: Outlet,
    healthy: Outlet,
}

impl Outlets {
    fn of(sumo: &Sumo) -> Result<Self, Failure> {
        let outlet = |kind: Kind| {
            let sumo = sumo.unlabeled();
            let metadata = Metadata {
                source_name: Some(kind.event_name().to_owned()),
                category: Some(CATEGORY.to_owned()),
                host: Some(NO_HOST.to_owned()),
                ..Metadata::default()
            };
            sumo.relabel(&metadata).map_err(Failure::ours)?;
            Ok(Outlet::new(Box::new(sumo)))
        };
        Ok(Self { unhealthy: outlet(Kind::UnHealthy)?, healthy: outlet(Kind::Healthy)? })
    }

    const fn of_kind(&self, kind: Kind) -> &Outlet {
        match kind {
            Kind::UnHealthy => &self.unhealthy,
            Kind::Healthy => &self.healthy,
        }
    }
}

/// Sends what is queued, in its order, until nobody can queue anything any more.
async fn send(mut queue: mpsc::Receiver<SystemEvent>, outlets: Outlets, clock: Arc<dyn Clock>) {
    let (_never, stop) = stop_switch();
    let notify: Notify = Arc::new(|notice| {
        if let Notice::Trouble(trouble) = notice {
            tracing::debug!(tracker = trouble.tracker, "a health event could not be delivered; trying again");
        }
    });
    let around = Surroundings { clock: clock.as_ref(), stop: &stop, notify: &notify };
    let mut events = Vec::new();
    while queue.recv_many(&mut events, AT_ONCE).await > 0 {
        for same in events.chunk_by(|one, next| one.kind == next.kind) {
            // Sumo Logic is not told the stream of a batch.
            let mut batch = Batch::new(Stream::AuditLogs);
            same.iter().for_each(|event| batch.push(event.json.as_bytes(), event.id, event.time));
            if let Some(first) = same.first()
                && let Ok(delivered) = outlets.of_kind(first.kind).deliver(&batch, &around).await
                && !delivered.refused.is_empty()
            {
                tracing::warn!(
                    events = delivered.refused.len(),
                    "health events were refused by their receiver"
                );
            }
        }
        events.clear();
    }
}

impl Kind {
    const fn status(self) -> &'static str {
        match self {
            Self::UnHealthy => "UnHealthy",
            Self::Healthy => "Healthy",
        }
    }

    const fn event_name(self) -> &'static str {
        match self {
            Self::UnHealthy => "TrackerUnHealthy",
            Self::Healthy => "TrackerHealthy",
        }
    }
}

impl SystemEvent {
    /// What is told when `event` opens.
    fn opened(event: &HealthEvent) -> Self {
        Self::new(Kind::UnHealthy, event, event.event.event_id.clone(), event.opened)
    }

    /// What is told when `event` closes: an event of its own about the same trouble.
    fn closed(event: &HealthEvent, now: Timestamp) -> Self {
        let id = uuid_of(&format!("{} closed", event.event.event_id));
        Self::new(Kind::Healthy, event, id, now)
    }

    fn new(kind: Kind, event: &HealthEvent, id: String, time: Timestamp) -> Self {
        let about = &event.event;
        let hex = |number: u64| format!("{number:016X}");
        let mut details = json!({
            "trackerId": about.name,
            "name": about.title,
            "description": about.description,
            "service": "Code42 Incydr",
        });
        if let Some(code) = about.error_code {
            details["errorCode"] = code.to_string().into();
        }
        if !about.error_info.is_empty() {
            details["errorInfo"] = about.error_info.as_str().into();
        }
        let json = json!({
            "status": kind.status(),
            "details": details,
            "eventType": "Health-Change",
            "severityLevel": "Error",
            "accountId": hex(0),
            "eventId": id,
            "eventName": kind.event_name(),
            "eventTime": time.to_string(),
            "eventFormatVersion": "1.0",
            "subsystem": CATEGORY,
            "resourceIdentity": {
                "collectorId": hex(about.collector_id),
                "collectorName": about.collector_name,
                "id": hex(about.source_id),
                "name": about.source_name,
                "type": "SourceResource",
            },
        });
        Self { kind, id: EventId::of_immutable(id.as_bytes()), time, json: json.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use incydr_store::NewHealthEvent;
    use serde_json::Value;

    use super::*;

    fn event() -> HealthEvent {
        let event = NewHealthEvent {
            event_id: "39205436-7e16-8e2f-af95-ef750e055d79".to_owned(),
            collector_id: 104_964_375,
            collector_name: "office".to_owned(),
            source_id: 108_599_327,
            source_name: "Code42".to_owned(),
            name: "ThirdPartyConfigError".to_owned(),
            tracker: "InvalidClient".to_owned(),
            title: "Invalid client".to_owned(),
            description: "authenticating: refused\nfor good".to_owned(),
            error_code: Some(401),
            error_info: "{\"error\":\"invalid_client\"}".to_owned(),
        };
        let opened = Timestamp::parse(b"2020-01-20T16:10:27.085Z").expect("instant");
        HealthEvent { number: 1, event, opened, closed: None }
    }

    #[test]
    fn an_opened_event_has_the_form_of_the_index() {
        let told = SystemEvent::opened(&event());
        let json: Value = serde_json::from_str(&told.json).expect("json");
        assert_eq!(json["status"], "UnHealthy");
        assert_eq!(
            (&json["eventType"], &json["eventName"]),
            (&"Health-Change".into(), &"TrackerUnHealthy".into())
        );
        assert_eq!(json["eventTime"], "2020-01-20T16:10:27.085Z");
        assert_eq!(json["details"]["trackerId"], "ThirdPartyConfigError");
        assert_eq!(json["details"]["errorCode"], "401");
        assert_eq!(json["resourceIdentity"]["id"], "000000000679181F");
        assert_eq!(json["resourceIdentity"]["collectorId"], "000000000641A117");
        assert!(!told.json.contains('\n'), "one line is one event");
    }

    #[test]
    fn a_closed_event_is_another_event_about_the_same_trouble() {
        let (opened, closed) =
            (SystemEvent::opened(&event()), SystemEvent::closed(&event(), Timestamp::EPOCH));
        let json: Value = serde_json::from_str(&closed.json).expect("json");
        assert_eq!((&json["status"], &json["eventName"]), (&"Healthy".into(), &"TrackerHealthy".into()));
        assert_eq!(json["details"]["trackerId"], "ThirdPartyConfigError");
        assert_ne!(opened.id, closed.id);
        assert_eq!(
            closed,
            SystemEvent::closed(&event(), Timestamp::EPOCH),
            "told again, it is the same event"
        );
    }
}
