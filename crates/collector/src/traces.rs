//! Traces of what streams do, for whoever runs a receiver of OpenTelemetry.
//!
//! Each window that a stream walks is a span; pages, acknowledgements and troubles are its events. Spans wait in a
//! short queue for a task of their own, and are dropped when the receiver cannot take them: nothing ever waits for a
//! trace. They hold names, figures and trackers, never payloads, secrets or words of a service.

mod export;
mod span;

use std::sync::{Arc, Mutex, PoisonError};

use incydr_core::notice::Notice;
use incydr_core::stream::Stream;
use incydr_core::timestamp::Timestamp;
use tokio::sync::mpsc;

use self::export::Exporter;
use self::span::{Span, Value};
use crate::allowed_origin::Origin;

/// So many spans wait for the receiver.
const MAX_WAITING: usize = 1_024;

/// Where traces go; clones lead to the same place.
#[derive(Clone, Debug, Default)]
pub struct Traces(Option<mpsc::Sender<Span>>);

/// The trace of one stream.
#[derive(Debug)]
pub struct StreamTrace {
    traces: Traces,
    source: String,
    stream: Stream,
    open: Mutex<Option<Box<Span>>>,
}

impl Traces {
    /// Nobody wants traces.
    pub fn off() -> Self {
        Self::default()
    }

    /// Traces go to the receiver at `endpoint`, over HTTP. Must be called inside the runtime; fails only where TLS
    /// cannot be set up.
    pub fn to(endpoint: &Origin) -> Result<Self, String> {
        let (sender, spans) = mpsc::channel(MAX_WAITING);
        tokio::spawn(Exporter::new(endpoint)?.export(spans));
        Ok(Self(Some(sender)))
    }

    /// The trace of `stream` of the source named `source`; nothing when nobody wants traces.
    pub fn of(&self, source: &str, stream: Stream) -> Option<Arc<StreamTrace>> {
        self.0.as_ref()?;
        let (traces, source) = (self.clone(), source.to_owned());
        Some(Arc::new(StreamTrace { traces, source, stream, open: Mutex::default() }))
    }

    fn send(&self, span: Span) {
        if let Some(sender) = &self.0
            && sender.try_send(span).is_err()
        {
            tracing::debug!("a trace was dropped: too many wait for their receiver");
        }
    }
}

impl StreamTrace {
    /// Learns that `notice` was told at `now`.
    pub fn hear(&self, notice: &Notice, now: Timestamp) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        match notice {
            Notice::WindowOpened { from, to, ranges, resumed } => {
                if let Some(interrupted) = open.take() {
                    self.traces.send(interrupted.ended(now));
                }
                let mut span = Span::begin("window", now);
                span.set("source.name", Value::Text(self.source.clone()));
                span.set("stream", Value::Text(self.stream.as_str().to_owned()));
                span.set("window.from", Value::Text(from.to_string()));
                span.set("window.to", Value::Text(to.to_string()));
                span.set("window.ranges", Value::Number(*ranges as u64));
                span.set("window.resumed", Value::Truth(*resumed));
                *open = Some(Box::new(span));
            }
            Notice::WindowClosed { watermark, unique, .. } => {
                if let Some(mut span) = open.take() {
                    span.set("window.watermark", Value::Text(watermark.to_string()));
                    span.set("window.events", Value::Number(*unique));
                    self.traces.send(span.ended_well(now));
                }
            }
            other => {
                if let (Some(span), Some((name, attributes))) = (open.as_mut(), event_of(other)) {
                    if let Notice::Trouble(trouble) = other {
                        span.fail(trouble.tracker);
                    }
                    span.note(name, now, attributes);
                }
            }
        }
    }
}

/// What a notice is inside a window's span.
fn event_of(notice: &Notice) -> Option<(&'static str, Vec<(&'static str, Value)>)> {
    let number = |name, number: &u64| (name, Value::Number(*number));
    Some(match notice {
        Notice::PageFetched { events, bytes, .. } => {
            ("page", vec![number("events", events), number("bytes", bytes)])
        }
        Notice::Acknowledged { events, bytes, sent_bytes, .. } => (
            "acknowledged",
            vec![number("events", events), number("bytes", bytes), number("sent_bytes", sent_bytes)],
        ),
        Notice::Duplicates { events } => ("duplicates", vec![number("events", events)]),
        Notice::Excluded { events } => ("excluded", vec![number("events", events)]),
        Notice::DeadLettered { .. } => ("dead_letter", Vec::new()),
        Notice::Oversize { bytes } => ("oversize", vec![number("bytes", bytes)]),
        Notice::Trouble(trouble) => ("trouble", vec![("tracker", Value::Text(trouble.tracker.to_owned()))]),
        Notice::Recovered => ("recovered", Vec::new()),
        Notice::RequestFailed | Notice::WindowOpened { .. } | Notice::WindowClosed { .. } => return None,
    })
}

#[cfg(test)]
mod tests;
