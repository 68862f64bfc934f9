//! A span, and its form in the JSON of the OpenTelemetry protocol
//! (<https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding>): ids in hex, times and whole numbers as text.

use incydr_core::timestamp::Timestamp;
use serde_json::{Value as Json, json};

/// A span notes at most so many events; the others are counted.
const MAX_EVENTS: usize = 128;

/// The value of an attribute.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Value {
    Text(String),
    Number(u64),
    Truth(bool),
}

/// Something that took a while.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Span {
    name: &'static str,
    trace_id: u128,
    id: u64,
    began: Timestamp,
    ended: Timestamp,
    attributes: Vec<(&'static str, Value)>,
    events: Vec<Json>,
    dropped_events: u32,
    /// What went wrong last; `None` while nothing did.
    failure: Option<String>,
}

impl Span {
    /// A trace of its own that begins at `now`.
    pub(super) fn begin(name: &'static str, now: Timestamp) -> Self {
        Self {
            name,
            trace_id: rand::random(),
            id: rand::random(),
            began: now,
            ended: now,
            attributes: Vec::new(),
            events: Vec::new(),
            dropped_events: 0,
            failure: None,
        }
    }

    pub(super) fn set(&mut self, name: &'static str, value: Value) {
        self.attributes.push((name, value));
    }

    pub(super) fn fail(&mut self, message: &str) {
        self.failure = Some(message.to_owned());
    }

    /// Notes that something happened at `now`.
    pub(super) fn note(
        &mut self,
        name: &'static str,
        now: Timestamp,
        attributes: Vec<(&'static str, Value)>,
    ) {
        if self.events.len() == MAX_EVENTS {
            self.dropped_events += 1;
            return;
        }
        let attributes = attributes_of(&attributes);
        self.events.push(json!({ "timeUnixNano": nanos(now), "name": name, "attributes": attributes }));
    }

    /// The span as it stands at its end.
    pub(super) fn ended(mut self, now: Timestamp) -> Self {
        self.ended = now;
        self
    }

    /// The same after everything has turned out well, whatever went wrong before.
    pub(super) fn ended_well(mut self, now: Timestamp) -> Self {
        self.failure = None;
        self.ended(now)
    }

    pub(super) fn json(&self) -> Json {
        let status = match &self.failure {
            None => json!({ "code": 1 }),
            Some(message) => json!({ "code": 2, "message": message }),
        };
        json!({
            "traceId": format!("{:032x}", self.trace_id),
            "spanId": format!("{:016x}", self.id),
            "name": self.name,
            "kind": 1,
            "startTimeUnixNano": nanos(self.began),
            "endTimeUnixNano": nanos(self.ended),
            "attributes": attributes_of(&self.attributes),
            "events": self.events,
            "droppedEventsCount": self.dropped_events,
            "status": status,
        })
    }
}

fn attributes_of(attributes: &[(&'static str, Value)]) -> Vec<Json> {
    let value = |value: &Value| match value {
        Value::Text(text) => json!({ "stringValue": text }),
        Value::Number(number) => json!({ "intValue": number.to_string() }),
        Value::Truth(truth) => json!({ "boolValue": truth }),
    };
    attributes.iter().map(|(name, own)| json!({ "key": name, "value": value(own) })).collect()
}

fn nanos(time: Timestamp) -> String {
    time.as_nanos().to_string()
}
