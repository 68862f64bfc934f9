//! The state of a source, what is wrong with it, and its health events.
//!
//! A trouble opens once per part of the source and error type, and closes by itself with the next success. The source
//! is in `Error` while any is open. Towards whoever keeps the source there is at most one health event for each error
//! type: it opens with the first trouble of its type and closes with the last. Every transition is a log event.

mod record;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use incydr_core::clock::Clock;
use incydr_core::health::{ErrorType, SourceState, Trouble};
use incydr_core::notice::Notice;
use incydr_core::stream::Stream;

use crate::printable::printable;

pub(crate) use self::record::uuid_of;
pub use self::record::{Condition, HealthChange, HealthEvent};

/// A part of a source that can fail alone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Part {
    /// All of it: its task, its credentials.
    Source,
    /// One of its streams.
    Stream(Stream),
    /// One of its backfills, by number.
    Backfill(u64, Stream),
}

/// Hears of every change, in order. It must return at once, and must not change the health that tells it.
pub type HealthListener = Box<dyn Fn(HealthChange) + Send + Sync>;

/// What is known of a source's well-being. Shared by its parts.
pub struct SourceHealth {
    /// Tells apart the events, and the back-off, of different sources.
    identity: String,
    clock: Arc<dyn Clock>,
    listener: HealthListener,
    inner: Mutex<Inner>,
    /// Held while a change is told, so that changes are told in order. The listener may read meanwhile.
    telling: Mutex<()>,
}

struct Inner {
    name: String,
    /// How far the life cycle has come, whatever is wrong right now.
    reached: SourceState,
    troubles: BTreeMap<(Part, ErrorType), Trouble>,
    events: Vec<OpenEvent>,
    /// Parts of which it is not known yet whether an inherited trouble goes on.
    unsettled: Vec<Part>,
    told: Condition,
}

struct OpenEvent {
    event: HealthEvent,
    /// Whether it is of an earlier life, and nothing has confirmed it in this one.
    inherited: bool,
}

impl Part {
    /// The stream that it is about, if it is about one.
    pub const fn stream(self) -> Option<Stream> {
        match self {
            Self::Source => None,
            Self::Stream(stream) | Self::Backfill(_, stream) => Some(stream),
        }
    }

    fn stream_name(self) -> &'static str {
        self.stream().map_or("", Stream::as_str)
    }
}

impl fmt::Display for Part {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source => out.write_str("the source"),
            Self::Stream(stream) => stream.fmt(out),
            Self::Backfill(number, stream) => write!(out, "backfill {number} of {stream}"),
        }
    }
}

impl SourceHealth {
    /// A source that was just submitted, and of which only the log tells.
    pub fn new(name: &str, clock: Arc<dyn Clock>) -> Self {
        Self::hosted(name, name.to_owned(), Vec::new(), clock, Box::new(|_| ()))
    }

    /// A source that somebody keeps. `open_events` are those that an earlier process left open.
    pub fn hosted(
        name: &str,
        identity: String,
        open_events: Vec<HealthEvent>,
        clock: Arc<dyn Clock>,
        listener: HealthListener,
    ) -> Self {
        let told = Condition { state: SourceState::Pending, error: None, since: clock.now() };
        let inner = Inner {
            name: name.to_owned(),
            reached: SourceState::Pending,
            troubles: BTreeMap::new(),
            events: open_events.into_iter().map(|event| OpenEvent { event, inherited: true }).collect(),
            unsettled: vec![Part::Source],
            told: told.clone(),
        };
        let health = Self { identity, clock, listener, inner: Mutex::new(inner), telling: Mutex::new(()) };
        health.tell(name, HealthChange::State(told));
        health
    }

    /// What tells this source apart from all others.
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// The state as the specification names it.
    pub fn state(&self) -> SourceState {
        self.with(|inner| inner.state())
    }

    /// The state as last told.
    pub fn condition(&self) -> Condition {
        self.with(|inner| inner.told.clone())
    }

    /// What is wrong, the whole source's troubles first.
    pub fn troubles(&self) -> Vec<Trouble> {
        self.with(|inner| inner.troubles.values().cloned().collect())
    }

    /// The open health events.
    pub fn open_events(&self) -> Vec<HealthEvent> {
        self.with(|inner| inner.events.iter().map(|open| open.event.clone()).collect())
    }

    /// A new life begins, of these parts. Open events go over to it: each stays open if its trouble comes again, and
    /// is closed when all parts have settled without.
    pub fn begin(&self, parts: &[Part]) {
        self.change(|inner| {
            inner.reached = SourceState::Pending;
            inner.troubles.clear();
            inner.events.iter_mut().for_each(|open| open.inherited = true);
            inner.unsettled = parts.to_vec();
        });
    }

    /// From now on the source has this name.
    pub fn rename(&self, name: &str) {
        self.with(|inner| name.clone_into(&mut inner.name));
    }

    /// The life cycle has come to `state`. Nothing but a new life follows on the end.
    pub fn reach(&self, state: SourceState) {
        self.change(|inner| {
            if inner.reached != SourceState::Stopping {
                inner.reached = state;
            }
        });
    }

    /// `part` has collected what it wanted.
    pub fn succeed(&self, part: Part) {
        self.reach(SourceState::Collecting);
        self.settle(part);
    }

    /// It is known how `part` is.
    pub fn settle(&self, part: Part) {
        self.change(|inner| inner.unsettled.retain(|unsettled| *unsettled != part));
    }

    /// Something is wrong with `part`.
    pub fn open(&self, part: Part, trouble: Trouble) {
        let key = (part, trouble.error_type);
        let known = self.with(|inner| inner.troubles.get(&key).map(|open| open.tracker));
        if known == Some(Trouble::RETENTION_ENDS) {
            // That a loss is near matters more than why; each failing attempt would hide it again.
            return;
        }
        if known != Some(trouble.tracker) {
            self.log_trouble(part, &trouble);
        }
        self.change(|inner| _ = inner.troubles.insert(key, trouble));
    }

    /// Whether something of this type is wrong with `part`.
    pub fn is_ill(&self, part: Part, error_type: ErrorType) -> bool {
        self.with(|inner| inner.troubles.contains_key(&(part, error_type)))
    }

    /// What was wrong with `part` in this way is well again.
    pub fn close(&self, part: Part, error_type: ErrorType) {
        let mut closed = None;
        self.change(|inner| closed = inner.troubles.remove(&(part, error_type)));
        if let Some(trouble) = closed {
            let (source, stream, event) =
                (self.with(|inner| inner.name.clone()), part.stream_name(), error_type.event_name());
            tracing::info!(source, stream, event, tracker = trouble.tracker, "health event closed");
        }
    }

    /// `part` is no more, and with it whatever was wrong with it.
    pub fn forget(&self, part: Part) {
        for error_type in ErrorType::ALL {
            self.close(part, error_type);
        }
        self.settle(part);
    }

    /// The source is no more: closes everything.
    pub fn close_all(&self) {
        self.change(|inner| {
            inner.troubles.clear();
            inner.unsettled.clear();
        });
    }

    /// Learns from what the engine tells about `part`.
    pub fn hear(&self, part: Part, notice: &Notice) {
        match notice {
            Notice::Trouble(trouble) => self.open(part, trouble.clone()),
            // One destination that has recovered does not speak for the others. This does.
            Notice::Acknowledged { .. } => self.close(part, ErrorType::FirstPartyGeneric),
            Notice::WindowClosed { expected, unique, .. } => {
                self.close(part, ErrorType::FirstPartyGeneric);
                if expected.is_none_or(|expected| expected == *unique) {
                    self.close(part, ErrorType::ThirdPartyGeneric);
                }
            }
            Notice::PageFetched { .. } => self.reach(SourceState::Collecting),
            Notice::WindowOpened { .. }
            | Notice::RequestFailed
            | Notice::Recovered
            | Notice::Duplicates { .. }
            | Notice::Excluded { .. }
            | Notice::DeadLettered { .. }
            | Notice::Oversize { .. } => {}
        }
    }

    /// Makes a change, and tells what it led to.
    fn change(&self, change: impl FnOnce(&mut Inner)) {
        let _in_order = self.telling.lock().unwrap_or_else(PoisonError::into_inner);
        let (name, changes) = self.with(|inner| {
            change(inner);
            let changes = inner.settle_events(&self.identity, self.clock.as_ref());
            (if changes.is_empty() { String::new() } else { inner.name.clone() }, changes)
        });
        for change in changes {
            self.tell(&name, change);
        }
    }

    fn tell(&self, name: &str, change: HealthChange) {
        match &change {
            HealthChange::State(record) => {
                tracing::info!(source = %name, state = record.state.as_str(), "state");
            }
            // The log has said so, with the stream.
            HealthChange::Opened(_) | HealthChange::Closed(_) => {}
        }
        (self.listener)(change);
    }

    fn with<T>(&self, use_it: impl FnOnce(&mut Inner) -> T) -> T {
        use_it(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn log_trouble(&self, part: Part, trouble: &Trouble) {
        tracing::warn!(
            source = %self.with(|inner| inner.name.clone()),
            stream = part.stream_name(),
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
            _ if !self.troubles.is_empty() => SourceState::Error,
            reached => reached,
        }
    }

    /// The trouble that the state shows: one that somebody must mend before one that mends itself.
    fn worst(&self) -> Option<&Trouble> {
        let troubles = self.troubles.iter().min_by_key(|((part, error_type), _)| (*error_type, *part));
        troubles.map(|(_, trouble)| trouble)
    }

    /// Brings events and state in line with the troubles; returns what changed, events first.
    fn settle_events(&mut self, identity: &str, clock: &dyn Clock) -> Vec<HealthChange> {
        let mut changes = Vec::new();
        for error_type in ErrorType::ALL {
            let trouble =
                self.troubles.iter().find(|((_, of), _)| *of == error_type).map(|(_, trouble)| trouble);
            let open = self.events.iter_mut().find(|open| open.event.error_type == error_type);
            match (trouble, open) {
                (Some(_), Some(open)) => open.inherited = false,
                (Some(trouble), None) => {
                    let event = HealthEvent::of(identity, trouble, clock.now());
                    changes.push(HealthChange::Opened(event.clone()));
                    self.events.push(OpenEvent { event, inherited: false });
                }
                (None, Some(open)) if !open.inherited || self.unsettled.is_empty() => {
                    changes.push(HealthChange::Closed(open.event.clone()));
                    self.events.retain(|open| open.event.error_type != error_type);
                }
                (None, Some(_) | None) => {}
            }
        }
        let state = self.state();
        let error = self.worst().filter(|_| state == SourceState::Error).cloned();
        if (state, &error) != (self.told.state, &self.told.error) {
            self.told = Condition { state, error, since: clock.now() };
            changes.push(HealthChange::State(self.told.clone()));
        }
        changes
    }
}
