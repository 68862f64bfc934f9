//! Everything that a fleet's journal has heard.

use std::sync::Arc;
use std::time::Duration;

use incydr_collector::hosting::{BackfillOutcome, Change, Condition, HealthEvent, Journal, SourceId};
use incydr_core::health::SourceState;
use tokio::sync::watch;
use tokio::time::timeout;

/// Nothing that a test waits for takes longer, however slow the machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// What the journal has heard, in order. Clones are the same chronicle.
#[derive(Clone)]
pub(crate) struct Chronicle(Arc<watch::Sender<Vec<(SourceId, Change)>>>);

impl Chronicle {
    pub(crate) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(Vec::new())))
    }

    pub(crate) fn journal(&self) -> Journal {
        let changes = self.0.clone();
        Arc::new(move |id, change| changes.send_modify(|changes| changes.push((id, change))))
    }

    /// What was heard of `id` so far.
    pub(crate) fn of(&self, id: u64) -> Vec<Change> {
        let changes = self.0.borrow();
        changes.iter().filter(|(of, _)| *of == SourceId(id)).map(|(_, change)| change.clone()).collect()
    }

    /// How much was heard of `id` so far, to read on from there.
    pub(crate) fn position(&self, id: u64) -> usize {
        self.of(id).len()
    }

    /// Waits until `find` finds something among the changes of `id` from `position` on.
    pub(crate) async fn hear<T>(&self, id: u64, position: usize, find: impl Fn(&Change) -> Option<T>) -> T {
        let mut changes = self.0.subscribe();
        let hearing = async {
            loop {
                if let Some(found) = self.of(id).iter().skip(position).find_map(&find) {
                    return found;
                }
                changes.changed().await.expect("the sender is in the chronicle");
            }
        };
        timeout(PATIENCE, hearing).await.unwrap_or_else(|_| panic!("never heard it: {:#?}", self.of(id)))
    }

    /// Waits until the source comes, after `position`, into `state`.
    pub(crate) async fn reach(&self, id: u64, position: usize, state: SourceState) -> Condition {
        let find = |change: &Change| match change {
            Change::State(record) if record.state == state => Some(record.clone()),
            _ => None,
        };
        self.hear(id, position, find).await
    }

    pub(crate) async fn opened(&self, id: u64, position: usize) -> HealthEvent {
        let find = |change: &Change| match change {
            Change::HealthOpened(event) => Some(event.clone()),
            _ => None,
        };
        self.hear(id, position, find).await
    }

    pub(crate) async fn closed(&self, id: u64, position: usize) -> HealthEvent {
        let find = |change: &Change| match change {
            Change::HealthClosed(event) => Some(event.clone()),
            _ => None,
        };
        self.hear(id, position, find).await
    }

    pub(crate) async fn backfill_ended(&self, id: u64, wanted: u64) -> BackfillOutcome {
        let find = |change: &Change| match change {
            Change::BackfillEnded { number, outcome } if *number == wanted => Some(outcome.clone()),
            _ => None,
        };
        self.hear(id, 0, find).await
    }

    /// The states that the source came through.
    pub(crate) fn states(&self, id: u64) -> Vec<SourceState> {
        let state = |change: &Change| match change {
            Change::State(record) => Some(record.state),
            _ => None,
        };
        let mut states: Vec<_> = self.of(id).iter().filter_map(state).collect();
        states.dedup();
        states
    }
}
