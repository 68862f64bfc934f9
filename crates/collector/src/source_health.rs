//! The state of a source and its open health events.
//!
//! A health event opens once per stream and error type and closes by itself with the next success. The source is in
//! `Error` while any is open. Every transition is a log event.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use incydr_core::health::{ErrorType, SourceState, Trouble};
use incydr_core::notice::Notice;
use incydr_core::stream::Stream;

use crate::printable::printable;

/// What is known of a source's well-being. Shared by its streams.
#[derive(Debug)]
pub struct SourceHealth {
    source: String,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// How far the life cycle has come, whatever is wrong right now.
    reached: SourceState,
    open: BTreeMap<(Option<Stream>, &'static str), Trouble>,
}

impl SourceHealth {
    /// A source that was just submitted.
    pub fn new(source: &str) -> Self {
        let inner = Inner { reached: SourceState::Pending, open: BTreeMap::new() };
        let health = Self { source: source.to_owned(), inner: Mutex::new(inner) };
        health.tell(SourceState::Pending);
        health
    }

    /// The state as the specification names it.
    pub fn state(&self) -> SourceState {
        self.with(|inner| inner.state())
    }

    /// The open health events, those of the whole source first.
    pub fn open_events(&self) -> Vec<Trouble> {
        self.with(|inner| inner.open.values().cloned().collect())
    }

    /// The life cycle has come to `state`.
    pub fn reach(&self, state: SourceState) {
        self.change(|inner| inner.reached = state);
    }

    /// Something is wrong with `stream`, or with the whole source.
    pub fn open(&self, stream: Option<Stream>, trouble: Trouble) {
        let key = (stream, trouble.error_type.event_name());
        let known = self.with(|inner| inner.open.get(&key).map(|open| open.tracker));
        let is_new = known != Some(trouble.tracker);
        if is_new {
            self.tell_trouble(stream, &trouble);
        }
        self.change(|inner| _ = inner.open.insert(key, trouble));
    }

    /// What was wrong in this way is well again.
    pub fn close(&self, stream: Option<Stream>, error_type: ErrorType) {
        let closed = self.with(|inner| inner.open.remove(&(stream, error_type.event_name())));
        if let Some(trouble) = closed {
            let stream = stream.map_or("", Stream::as_str);
            let event = error_type.event_name();
            tracing::info!(source = %self.source, stream, event, tracker = trouble.tracker, "health event closed");
            self.tell(self.state());
        }
    }

    /// Learns from what the engine tells about `stream`.
    pub fn hear(&self, stream: Stream, notice: &Notice) {
        match notice {
            Notice::Trouble(trouble) => self.open(Some(stream), trouble.clone()),
            Notice::Recovered => self.close(Some(stream), ErrorType::FirstPartyGeneric),
            Notice::WindowClosed { expected, unique, .. } => {
                self.close(Some(stream), ErrorType::FirstPartyGeneric);
                if expected.is_none_or(|expected| expected == *unique) {
                    self.close(Some(stream), ErrorType::ThirdPartyGeneric);
                }
            }
            Notice::WindowOpened { .. }
            | Notice::PageFetched { .. }
            | Notice::Acknowledged { .. }
            | Notice::Duplicates { .. }
            | Notice::Excluded { .. }
            | Notice::DeadLettered { .. }
            | Notice::Oversize { .. } => {}
        }
    }

    fn change(&self, change: impl FnOnce(&mut Inner)) {
        let (before, after) = self.with(|inner| {
            let before = inner.state();
            change(inner);
            (before, inner.state())
        });
        if before != after {
            self.tell(after);
        }
    }

    fn with<T>(&self, use_it: impl FnOnce(&mut Inner) -> T) -> T {
        use_it(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn tell(&self, state: SourceState) {
        tracing::info!(source = %self.source, state = state.as_str(), "state");
    }

    fn tell_trouble(&self, stream: Option<Stream>, trouble: &Trouble) {
        tracing::warn!(
            source = %self.source,
            stream = stream.map_or("", Stream::as_str),
            event = trouble.error_type.event_name(),
            tracker = trouble.tracker,
            error_code = trouble.error_code,
            error_info = %printable(&trouble.error_info),
            "health event opened: {}", printable(&trouble.message)
        );
    }
}

impl Inner {
    fn state(&self) -> SourceState {
        match self.reached {
            SourceState::Stopping => SourceState::Stopping,
            _ if !self.open.is_empty() => SourceState::Error,
            reached => reached,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trouble(error_type: ErrorType, tracker: &'static str) -> Trouble {
        Trouble {
            error_type,
            tracker,
            error_code: None,
            error_info: String::new(),
            message: "searching: too many requests".to_owned(),
        }
    }

    #[test]
    fn a_source_is_in_error_until_every_health_event_has_closed() {
        let health = SourceHealth::new("Code42");
        health.reach(SourceState::Collecting);
        let stream = Some(Stream::FileEvents);
        health.open(stream, trouble(ErrorType::ThirdPartyGeneric, "Upstream"));
        health.open(stream, trouble(ErrorType::FirstPartyGeneric, "SinkThrottled"));
        health.close(stream, ErrorType::ThirdPartyGeneric);
        assert_eq!(health.state(), SourceState::Error);
        health.close(stream, ErrorType::FirstPartyGeneric);
        assert_eq!(health.state(), SourceState::Collecting);
    }

    #[test]
    fn one_health_event_is_open_per_stream_and_error_type() {
        let health = SourceHealth::new("Code42");
        for tracker in ["Upstream", "Timeout", "Upstream"] {
            health.open(Some(Stream::Alerts), trouble(ErrorType::ThirdPartyGeneric, tracker));
        }
        assert_eq!(health.open_events().len(), 1);
    }
}
