//! Writes down what the fleet tells: states, health events, ends of backfills, figures over time.
//!
//! The fleet must not wait for the store, so changes queue up here in their order. A store that fails is tried again
//! until it takes them: nothing of this is on the path of an event.

use std::sync::Arc;
use std::time::Duration;

use incydr_core::clock::Clock;
use incydr_core::health::StateRecord;
use incydr_core::retry::Backoff;
use incydr_store::{BackfillState, NewHealthEvent, Store, StoreError, StreamCourse};
use tokio::sync::mpsc;

use crate::hosting::{BackfillOutcome, Change, HealthEvent, Journal, SourceId};
use crate::system_events::SystemEvents;

/// So many changes are written at once.
const AT_ONCE: usize = 1_000;
const FIRST_WAIT: Duration = Duration::from_millis(200);
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// The end of the queue that writes.
pub struct Chronicle {
    store: Store,
    clock: Arc<dyn Clock>,
    system_events: SystemEvents,
    changes: mpsc::UnboundedReceiver<(SourceId, Change)>,
}

/// What is written in one transaction.
enum Entry {
    /// States of sources, in their order.
    States(Vec<(u64, StateRecord)>),
    /// How streams did over time.
    Courses(Vec<StreamCourse>),
    /// Any other change.
    Other(SourceId, Change),
}

/// A journal for the fleet, and the chronicle that writes into `store` what the journal hears. Health events that are
/// written down go on to `system_events`.
pub fn chronicle(store: Store, clock: Arc<dyn Clock>, system_events: SystemEvents) -> (Journal, Chronicle) {
    let (sender, changes) = mpsc::unbounded_channel();
    let journal: Journal = Arc::new(move |id, change| {
        // Nobody reads on only when the process ends, and the next one finds all this out anew.
        sender.send((id, change)).ok();
    });
    (journal, Chronicle { store, clock, system_events, changes })
}

impl Chronicle {
    /// Writes until nobody can tell anything any more.
    pub async fn write(mut self) {
        let mut batch = Vec::new();
        while self.changes.recv_many(&mut batch, AT_ONCE).await > 0 {
            let (mut states, mut courses) = (Vec::new(), Vec::new());
            for (id, change) in batch.drain(..) {
                match change {
                    Change::State(state) => states.push((id.0, StateRecord::from(&state))),
                    Change::Charted { stream, course } => {
                        courses.push(StreamCourse { source_id: id.0, stream, course });
                    }
                    other => self.until_written(&Entry::Other(id, other)).await,
                }
            }
            self.until_written(&Entry::States(states)).await;
            if !courses.is_empty() {
                self.until_written(&Entry::Courses(courses)).await;
            }
        }
    }

    async fn until_written(&self, entry: &Entry) {
        let mut backoff = Backoff::new(FIRST_WAIT, LONGEST_WAIT, b"chronicle");
        loop {
            match self.try_write(entry).await {
                // What is refused concerns a source that is gone.
                Ok(()) | Err(StoreError::Refused(_)) => return,
                Err(error) => {
                    tracing::warn!(%error, "changes of sources could not be written down; trying again");
                    self.clock.sleep(backoff.next_wait()).await;
                }
            }
        }
    }

    async fn try_write(&self, entry: &Entry) -> Result<(), StoreError> {
        match entry {
            Entry::States(states) => self.store.record_states(states).await,
            Entry::Courses(courses) => self.store.keep_stream_courses(courses).await,
            Entry::Other(id, change) => self.try_write_change(*id, change).await,
        }
    }

    async fn try_write_change(&self, id: SourceId, change: &Change) -> Result<(), StoreError> {
        let now = self.clock.now();
        match change {
            Change::State(state) => self.store.record_state(id.0, &StateRecord::from(state)).await.map(drop),
            Change::Charted { stream, course } => {
                let course = StreamCourse { source_id: id.0, stream: *stream, course: course.clone() };
                self.store.keep_stream_courses(&[course]).await
            }
            Change::HealthOpened(event) => self.open(id, event).await,
            Change::HealthClosed(event) => {
                let name = event.error_type.event_name();
                self.store.close_health_event(id.0, name, now).await?;
                self.system_events.closed(id.0, name, now);
                Ok(())
            }
            Change::BackfillEnded { number, outcome } => {
                let (state, detail) = match outcome {
                    BackfillOutcome::Complete => (BackfillState::Completed, None),
                    BackfillOutcome::Cancelled => (BackfillState::Cancelled, None),
                    BackfillOutcome::Failed(trouble) => {
                        (BackfillState::Failed, Some(trouble.message.as_str()))
                    }
                };
                self.store.end_backfill(*number, state, detail, now).await.map(drop)
            }
        }
    }

    async fn open(&self, id: SourceId, event: &HealthEvent) -> Result<(), StoreError> {
        let Some(source) = self.store.source(id.0).await? else { return Ok(()) };
        let collector = self.store.collector(source.collector_id).await?;
        let new = NewHealthEvent {
            event_id: event.id.clone(),
            collector_id: source.collector_id,
            collector_name: collector.map_or_else(|| "Unknown".to_owned(), |collector| collector.name),
            source_id: source.id,
            source_name: source.name,
            name: event.error_type.event_name().to_owned(),
            tracker: event.tracker.clone(),
            title: event.error.clone(),
            description: event.description.clone(),
            error_code: event.error_code,
            error_info: event.error_info.clone(),
        };
        let opened = self.store.open_health_event(&new, event.opened).await?;
        if opened.event.event_id == event.id {
            self.system_events.opened(&opened);
        }
        Ok(())
    }
}
