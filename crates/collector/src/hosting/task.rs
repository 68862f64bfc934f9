//! One hosted source: the task that lives one life after the other, and the way to reach it from outside.
//!
//! A life ends when the configuration changes in more than labels, on a restart, and by a panic. Wishes reach the task
//! through a channel that keeps only the newest, so that any number of rapid updates cost one new life.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use incydr_client::rate_limit::RateBudget;
use incydr_core::event::EventId;
use incydr_core::health::{ErrorType, Trouble};
use incydr_core::notice::Notice;
use incydr_core::retry::Backoff;
use incydr_core::stop::{Stop, StopSwitch, stop_switch};
use incydr_core::stream::Stream;
use incydr_core::tap::Tap;
use incydr_core::timestamp::Timestamp;
use tokio::sync::watch;

use crate::assembly::Door;
use crate::supervision::nudge::{Nudge, NudgeSwitch};
use crate::supervision::source_health::{Condition, HealthChange, Part, SourceHealth};
use crate::supervision::stream_meter::{Course, StreamMeter};
use crate::supervision::stream_supervisor::Observers;
use crate::supervision::watchdog::{self, Pulse};

use super::charts;
use super::fleet::{Change, Common};
use super::hosted_source::{Backfill, BackfillOutcome, HostedSource, SourceId};
use super::labels::Labels;
use super::redelivery::{self, Redelivered};
use super::status::{BackfillStatus, BudgetStatus, SourceStatus};
use super::tail::Tail;
use super::wish::{Leaving, Memory, Wish};

/// A hosted source under way.
pub(super) struct SourceTask {
    id: SourceId,
    pub(super) common: Arc<Common>,
    pub(super) health: Arc<SourceHealth>,
    pub(super) doors: Arc<[Door]>,
    labels: Arc<Labels>,
    /// What was delivered last, if anybody may watch.
    tail: Option<Arc<Tail>>,
    wish: watch::Sender<Wish>,
    nudge: NudgeSwitch,
    /// What was asked since the task exists.
    nudged: Nudge,
    observed: Mutex<Observed>,
    /// Dead letters are redelivered by one at a time.
    redelivering: tokio::sync::Mutex<()>,
    /// Ends redeliveries.
    leaving: (StopSwitch, Stop),
    gone: watch::Sender<bool>,
}

/// How a life ended.
pub(super) enum LifeEnd {
    /// The next one begins.
    Again,
    /// The source goes.
    Over,
}

/// What is seen of the parts of a source.
pub(super) struct Observed {
    pub(super) parts: BTreeMap<Part, Observers>,
    /// How streams did before this process, until they begin.
    pub(super) recalled: BTreeMap<Stream, Course>,
    /// When the journal last heard how the streams did.
    pub(super) courses_told: Timestamp,
    /// The last backfills that have ended, by number.
    ended: BTreeMap<u64, Arc<StreamMeter>>,
    pub(super) budget: Option<Arc<RateBudget>>,
}

/// The figures of so many ended backfills are kept for those who look at them afterwards.
const ENDED_KEPT: usize = 8;
/// A source that panics is started again after this long at first, …
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// … and after no longer than this if it does so again and again.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// A life this long was a good one.
const GOOD_LIFE: Duration = Duration::from_secs(600);

impl SourceTask {
    /// A source that has not begun to live.
    pub(super) fn new(common: Arc<Common>, source: HostedSource) -> Arc<Self> {
        let id = source.id;
        let journal = common.journal.clone();
        let listener = move |change| {
            let change = match change {
                HealthChange::State(record) => Change::State(record),
                HealthChange::Opened(event) => Change::HealthOpened(event),
                HealthChange::Closed(event) => Change::HealthClosed(event),
            };
            journal(id, change);
        };
        let (name, clock, events) = (&source.config.name, common.clock.clone(), source.open_events.clone());
        let health = SourceHealth::hosted(name, format!("source {id}"), events, clock, Box::new(listener));
        let own = |door: &Door| match door {
            Door::Sumo(sumo) => Door::Sumo(sumo.unlabeled()),
            Door::Archive(_) | Door::Stdout => door.clone(),
        };
        let doors: Arc<[Door]> = common.doors.iter().map(own).collect();
        let labels = Arc::new(Labels::new(common.fields.clone(), &doors));
        let nudge = NudgeSwitch::new();
        let observed = Observed {
            parts: BTreeMap::new(),
            recalled: common.recalled(id),
            courses_told: charts::told_before(id.0, common.clock.now()),
            ended: BTreeMap::new(),
            budget: None,
        };
        let tail = common.keeps_tails.then(Arc::default);
        Arc::new(Self {
            id,
            common,
            health: Arc::new(health),
            doors,
            labels,
            tail,
            wish: watch::Sender::new(Wish::new(source)),
            nudged: nudge.nudge(),
            nudge,
            observed: Mutex::new(observed),
            redelivering: tokio::sync::Mutex::default(),
            leaving: stop_switch(),
            gone: watch::Sender::new(false),
        })
    }

    /// Lives until the source goes. A panic ends a life, and nothing else.
    pub(super) async fn run(&self) {
        let mut wishes = self.wish.subscribe();
        let mut memory = Memory::of(&wishes.borrow());
        let mut backoff = self.backoff();
        loop {
            let born = self.common.clock.now();
            let life = AssertUnwindSafe(self.live(&mut wishes, &mut memory)).catch_unwind().await;
            memory.first_poll_after = Duration::ZERO;
            self.rest();
            match life {
                Ok(LifeEnd::Again) => {}
                Ok(LifeEnd::Over) => break,
                Err(_) => {
                    if self.common.clock.now().since(born) >= GOOD_LIFE {
                        backoff = self.backoff();
                    }
                    self.recover(&mut wishes, backoff.next_wait()).await;
                }
            }
        }
        let leaving = wishes.borrow().leaving;
        match leaving {
            Some(Leaving::Removed) => self.health.close_all(),
            Some(Leaving::ProcessEnds) | None => self.tell_courses(),
        }
    }

    /// After a panic: says so, and waits.
    async fn recover(&self, wishes: &mut watch::Receiver<Wish>, wait: Duration) {
        self.health.open(Part::Source, panicked());
        tokio::select! {
            biased;
            _ = wishes.changed() => {}
            () = self.common.clock.sleep(wait) => {}
        }
    }

    fn backoff(&self) -> Backoff {
        Backoff::new(FIRST_WAIT, LONGEST_WAIT, format!("source {}", self.id).as_bytes())
    }

    pub(super) fn id(&self) -> SourceId {
        self.id
    }

    /// What is wanted now.
    pub(super) fn source(&self) -> Arc<HostedSource> {
        self.wish.borrow().source.clone()
    }

    pub(super) fn nudge(&self) -> Nudge {
        self.nudged.clone()
    }

    /// Whatever was wanted of `backfill`, it is over.
    pub(super) fn end_backfill(&self, number: u64, outcome: BackfillOutcome) {
        self.wish.send_if_modified(|wish| {
            wish.backfills.retain(|backfill| backfill.number != number);
            wish.unended.retain(|unended| *unended != number);
            false
        });
        let source = self.wish.borrow().source.clone();
        tracing::info!(source = %source.config.name, backfill = number, outcome = outcome.as_str(), "backfill ended");
        (self.common.journal)(self.id, Change::BackfillEnded { number, outcome });
    }

    /// Ends the backfills that `wish` does not want any more, but for those under way.
    pub(super) fn end_cancelled(&self, wish: &Wish, is_under_way: impl Fn(u64) -> bool) {
        for number in wish.unended.iter().copied() {
            if !wish.wants(number) && !is_under_way(number) {
                self.end_backfill(number, BackfillOutcome::Cancelled);
            }
        }
    }

    /// Who observes `part` from now on. Figures go over from an earlier life; the pulse is a new one.
    pub(super) fn observe(&self, part: Part, stream: Stream, retention: Duration) -> Observers {
        let pulse = Arc::new(Pulse::new(part, retention, self.common.clock.now()));
        let mut observed = self.observed();
        let known = observed.parts.get(&part).map(|observers| observers.meter.clone());
        let meter = known.unwrap_or_else(|| {
            let is_live = matches!(part, Part::Stream(_));
            let course = is_live.then(|| observed.recalled.remove(&stream)).flatten();
            Arc::new(StreamMeter::with_course(stream, course))
        });
        let observers = Observers { part, health: self.health.clone(), meter, pulse };
        observed.parts.insert(part, observers.clone());
        observers
    }

    /// `part` is no more.
    pub(super) fn forget(&self, part: Part) {
        let mut observed = self.observed();
        if let (Part::Backfill(number, _), Some(last)) = (part, observed.parts.remove(&part)) {
            observed.ended.insert(number, last.meter);
            if observed.ended.len() > ENDED_KEPT {
                observed.ended.pop_first();
            }
        }
        drop(observed);
        self.health.forget(part);
    }

    /// Nothing of the source polls now.
    pub(super) fn rest(&self) {
        for observers in self.observed().parts.values() {
            observers.pulse.end();
            observers.meter.rest(None);
        }
    }

    /// Counts what the schema keeps back, and traces what `stream` does.
    pub(super) fn listen(&self, stream: Stream) -> impl Fn(Notice) + Send + Sync + use<> {
        let (labels, clock) = (self.labels.clone(), self.common.clock.clone());
        let trace = self.common.traces.of(&self.source().config.name, stream);
        move |notice| {
            if let Some(trace) = &trace {
                trace.hear(&notice, clock.now());
            }
            if let Notice::Acknowledged { events, .. } = notice {
                labels.count(events);
            }
        }
    }

    /// Keeps what is delivered for those who watch, if anybody may.
    pub(super) fn tap(&self) -> Option<Tap> {
        let (tail, clock) = (self.tail.clone()?, self.common.clock.clone());
        Some(Arc::new(move |batch, refused| tail.take(batch, refused, clock.now())))
    }

    /// What was delivered last, if anybody may watch.
    pub(super) fn tail(&self) -> Option<Arc<Tail>> {
        self.tail.clone()
    }

    /// Labels events as the source now wants them.
    pub(super) fn apply_labels(&self) -> Result<(), Trouble> {
        let wanted = || {
            let source = self.source();
            self.health.rename(&source.config.name);
            source
        };
        self.labels.apply(wanted).map_err(|error| misconfigured(error.to_string()))
    }

    pub(super) fn set_budget(&self, budget: Arc<RateBudget>) {
        self.observed().budget = Some(budget);
    }

    pub(super) fn observed(&self) -> MutexGuard<'_, Observed> {
        self.observed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What comes from outside.
impl SourceTask {
    pub(super) fn update(&self, source: HostedSource) {
        self.wish.send_modify(|wish| {
            if wish.source.origin() != source.origin() {
                // They belong to the other tenant.
                wish.backfills.clear();
            }
            wish.source = Arc::new(source);
            wish.updates += 1;
        });
    }

    pub(super) fn restart(&self) {
        self.wish.send_modify(|wish| wish.restarts += 1);
    }

    pub(super) fn leave(&self, leaving: Leaving) {
        self.leaving.0.request();
        // A removal is not taken back by the end of the process.
        self.wish.send_modify(|wish| _ = wish.leaving.get_or_insert(leaving));
    }

    pub(super) fn is_leaving(&self) -> bool {
        self.wish.borrow().leaving.is_some()
    }

    pub(super) async fn gone(&self) {
        // The sender lives in the task, which outlives this call.
        self.gone.subscribe().wait_for(|gone| *gone).await.map(drop).unwrap_or_default();
    }

    pub(super) fn tell_gone(&self) {
        self.gone.send_replace(true);
    }

    pub(super) fn poll_now(&self) {
        self.nudge.ask();
    }

    pub(super) fn begin_backfill(&self, backfill: Backfill) {
        self.wish.send_if_modified(|wish| {
            let is_new = !wish.unended.contains(&backfill.number);
            if is_new {
                wish.unended.push(backfill.number);
                wish.backfills.push(backfill);
            }
            is_new
        });
    }

    pub(super) fn cancel_backfill(&self, number: u64) {
        self.wish.send_modify(|wish| wish.backfills.retain(|backfill| backfill.number != number));
    }

    /// The schema of fields has changed.
    pub(super) fn relabel(&self) {
        if self.apply_labels().is_err() {
            // A new life reports it.
            self.restart();
        }
    }

    pub(super) async fn redeliver(
        &self,
        stream: Stream,
        letters: Vec<(EventId, Timestamp, Vec<u8>)>,
    ) -> Result<Redelivered, Trouble> {
        let _alone = self.redelivering.lock().await;
        let place = self.source().place(stream);
        let clock = self.common.clock.as_ref();
        redelivery::redeliver(&self.doors, &place, letters, clock, &self.leaving.1).await
    }

    /// Looks whether anything stands still.
    pub(super) fn look(&self) {
        let pulses: Vec<_> =
            self.observed().parts.values().map(|observers| observers.pulse.clone()).collect();
        let (now, interval) = (self.common.clock.now(), self.source().config.polling_interval);
        watchdog::look(&pulses, &self.health, now, interval);
        self.tell_courses_if_due(now);
    }

    pub(super) fn state(&self) -> Condition {
        self.health.condition()
    }

    pub(super) fn status(&self) -> SourceStatus {
        let now = self.common.clock.now();
        let Wish { source, backfills, .. } = self.wish.borrow().clone();
        let observed = self.observed();
        let seen = |part| observed.parts.get(&part).map(|observers| observers.meter.status(now));
        let stream = |stream: &Stream| {
            seen(Part::Stream(*stream)).unwrap_or_else(|| {
                let course = observed.recalled.get(stream).cloned();
                StreamMeter::with_course(*stream, course).status(now)
            })
        };
        let backfill = |backfill: Backfill| BackfillStatus {
            progress: seen(Part::Backfill(backfill.number, backfill.stream)),
            backfill,
        };
        SourceStatus {
            id: self.id,
            name: source.config.name.clone(),
            state: self.health.condition(),
            open_events: self.health.open_events(),
            streams: source.config.streams.iter().map(stream).collect(),
            backfills: backfills.into_iter().map(backfill).collect(),
            ended_backfills: observed
                .ended
                .iter()
                .map(|(number, meter)| (*number, meter.status(now)))
                .collect(),
            budget: observed.budget.as_ref().map(|budget| BudgetStatus {
                allowed: budget.requests_per_minute(),
                used: budget.requests_in_last_minute(),
            }),
            dropped_fields: self.labels.dropped(),
        }
    }
}

/// The configuration cannot be worked with.
pub(super) fn misconfigured(message: String) -> Trouble {
    Trouble {
        error_type: ErrorType::ThirdPartyConfig,
        tracker: "BadConfiguration",
        error_code: None,
        error_info: String::new(),
        message,
    }
}

/// What the panic said may hold what nobody should see.
fn panicked() -> Trouble {
    Trouble {
        error_type: ErrorType::FirstPartyGeneric,
        tracker: "Internal",
        error_code: None,
        error_info: String::new(),
        message: "running the source: its task panicked, and will be started again".to_owned(),
    }
}
