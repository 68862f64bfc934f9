//! The fleet: all hosted sources of this process, and what they share.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use futures_util::future::join_all;
use incydr_client::client::{Client, Connections};
use incydr_client::rate_limit::RateBudget;
use incydr_core::clock::Clock;
use incydr_core::event::EventId;
use incydr_core::exchange_meter::ExchangeMeter;
use incydr_core::health::Trouble;
use incydr_core::ledger::Ledger;
use incydr_core::stream::{Place, Stream};
use incydr_core::timestamp::Timestamp;

use crate::assembly::{Door, budget_in, client_of, shared_sumo, tenant_of};
use crate::collect_plan::{Compression, RequestPace};
use crate::destination_address::DestinationAddress;
use crate::failure::Failure;
use crate::source_check::Finding;
use crate::source_config::SourceConfig;
use crate::supervision::source_health::{Condition, HealthEvent};
use crate::supervision::stream_meter::{Course, Scale};
use crate::supervision::watchdog;
use crate::traces::Traces;

use super::charts::Charts;
use super::field_schema::FieldSchema;
use super::hosted_source::{Backfill, BackfillOutcome, HostedSource, SourceId};
use super::leftovers;
use super::redelivery::Redelivered;
use super::status::SourceStatus;
use super::tail::Tail;
use super::task::{SourceTask, misconfigured};
use super::tenants::Tenants;
use super::turnstile::Turnstile;
use super::wish::Leaving;

/// What the sources of a fleet share.
pub struct FleetParts {
    /// Where every stream keeps its place.
    pub ledger: Arc<dyn Ledger>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Hears what happens.
    pub journal: Journal,
    /// Where events go; each of these must have an event before it is done.
    pub destinations: Vec<DestinationAddress>,
    /// How batches travel to Sumo Logic.
    pub compression: Compression,
    /// How requests to Incydr are paced, for each tenant.
    pub pace: RequestPace,
    /// Which fields may leave.
    pub fields: FieldSchema,
    /// Where traces go.
    pub traces: Traces,
    /// Whether the last delivered events of each source are kept for those who watch them.
    pub keeps_tails: bool,
}

/// Hears of every change of a source, in order. It must return at once; it may read from the fleet, but must not call
/// anything that changes a source.
pub type Journal = Arc<dyn Fn(SourceId, Change) + Send + Sync>;

/// How a source changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    /// It came into another state, or its error became another one.
    State(Condition),
    /// A health event opened: the first trouble of its type.
    HealthOpened(HealthEvent),
    /// A health event closed: the last trouble of its type is over, or the source is gone.
    HealthClosed(HealthEvent),
    /// A backfill will not go on.
    BackfillEnded {
        /// Which of the source's backfills.
        number: u64,
        /// How it ended.
        outcome: BackfillOutcome,
    },
    /// How a stream did over time, told once an hour and at the end of the process. [`Fleet::recall`] takes it.
    Charted {
        /// Which of the source's streams.
        stream: Stream,
        /// The figures, for keeping.
        course: Vec<u8>,
    },
}

/// Runs hosted sources. Cheap to clone; clones are the same fleet.
///
/// All methods must be called inside the runtime. Dropping the last clone lets the sources run on; [`Fleet::stop`]
/// ends them.
#[derive(Clone)]
pub struct Fleet(Arc<Berths>);

/// Where the sources of a fleet lie.
struct Berths {
    common: Arc<Common>,
    sources: Mutex<BTreeMap<SourceId, Arc<SourceTask>>>,
}

/// What every source is given.
pub(super) struct Common {
    pub(super) ledger: Arc<dyn Ledger>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) journal: Journal,
    pub(super) pace: RequestPace,
    pub(super) fields: FieldSchema,
    pub(super) traces: Traces,
    pub(super) keeps_tails: bool,
    pub(super) doors: Vec<Door>,
    pub(super) connections: Connections,
    pub(super) tenants: Tenants,
    pub(super) turnstile: Turnstile,
    /// What is known of streams from earlier processes, until their sources start.
    recalled: Mutex<BTreeMap<(SourceId, Stream), Course>>,
}

impl Common {
    /// What is known of the streams of a source from earlier processes; only once.
    pub(super) fn recalled(&self, id: SourceId) -> BTreeMap<Stream, Course> {
        let mut recalled = self.recalled.lock().unwrap_or_else(PoisonError::into_inner);
        let known = |stream| Some((stream, recalled.remove(&(id, stream))?));
        Stream::ALL.into_iter().filter_map(known).collect()
    }

    /// A client of the source's tenant, and the budget that it takes its requests out of.
    pub(super) fn client(&self, config: &SourceConfig) -> Result<(Client, Arc<RateBudget>), Trouble> {
        let make = || budget_in(&self.ledger, &self.clock, config, self.pace);
        let budget = self.tenants.budget(tenant_of(config), make);
        let client = client_of(config, self.pace, &self.connections, budget.clone());
        Ok((client.map_err(|failure| misconfigured(failure.sentence))?, budget))
    }
}

impl Fleet {
    /// A fleet without sources; sends nothing. Fails where a destination cannot be prepared.
    pub fn new(parts: FleetParts) -> Result<Self, Failure> {
        let FleetParts {
            ledger,
            clock,
            journal,
            destinations,
            compression,
            pace,
            fields,
            traces,
            keeps_tails,
        } = parts;
        let doors = Door::open_all(&destinations, |url| shared_sumo(url, compression))?;
        let (connections, tenants) = (Connections::one_for_each_request(), Tenants::default());
        let common = Common {
            ledger,
            clock,
            journal,
            pace,
            fields,
            traces,
            keeps_tails,
            doors,
            connections,
            tenants,
            turnstile: Turnstile::default(),
            recalled: Mutex::default(),
        };
        let berths = Arc::new(Berths { common: Arc::new(common), sources: Mutex::default() });
        tokio::spawn(watch(Arc::downgrade(&berths)));
        Ok(Self(berths))
    }

    /// Takes what [`Change::Charted`] told an earlier process, before the source starts. What nobody told is ignored.
    pub fn recall(&self, id: SourceId, stream: Stream, course: &[u8]) {
        let Common { recalled, clock, .. } = self.0.common.as_ref();
        if let Some(course) = Course::from_bytes(course, clock.now()) {
            recalled.lock().unwrap_or_else(PoisonError::into_inner).insert((id, stream), course);
        }
    }

    /// Starts `source`; one that runs already is updated.
    pub fn start(&self, source: HostedSource) {
        let mut sources = self.sources();
        match sources.get(&source.id).filter(|task| !task.is_leaving()) {
            Some(running) => running.update(source),
            None => {
                let id = source.id;
                let task = SourceTask::new(self.0.common.clone(), source);
                sources.insert(id, task.clone());
                let berths = Arc::downgrade(&self.0);
                tokio::spawn(async move {
                    task.run().await;
                    leave(&berths, &task);
                });
            }
        }
    }

    /// Replaces the configuration and the inherited labels of a running source, which keeps its place. Labels change
    /// with the next request; for anything else the streams end at a batch edge and begin anew. Another origin of the
    /// API is another tenant, and so a new place. The source's backfills and open events stay as they are.
    pub fn update(&self, source: HostedSource) {
        if let Some(task) = self.task(source.id) {
            task.update(source);
        }
    }

    /// Begins the source's life anew at the same place, also out of a wrong configuration.
    pub fn restart(&self, id: SourceId) {
        if let Some(task) = self.task(id) {
            task.restart();
        }
    }

    /// Ends a source: deliveries under way get eight seconds. Returns when nothing of it runs any more and all its
    /// health events are closed. Cancel safe; the source goes all the same.
    pub async fn remove(&self, id: SourceId) {
        if let Some(task) = self.task(id) {
            task.leave(Leaving::Removed);
            task.gone().await;
        }
    }

    /// Publishes what the destinations have staged for `place` and not yet published, after its source was removed.
    pub async fn settle(&self, place: &Place) -> Result<(), Trouble> {
        let Common { doors, ledger, .. } = self.0.common.as_ref();
        leftovers::settle(doors, ledger, place).await
    }

    /// Polls all streams of a source at once, and once more if they are polling.
    pub fn poll_now(&self, id: SourceId) {
        if let Some(task) = self.task(id) {
            task.poll_now();
        }
    }

    /// Begins a backfill beside the live streams. A number that is known already is left as it is.
    pub fn begin_backfill(&self, id: SourceId, backfill: Backfill) {
        if let Some(task) = self.task(id) {
            task.begin_backfill(backfill);
        }
    }

    /// Cancels a backfill; the journal hears when it has ended.
    pub fn cancel_backfill(&self, id: SourceId, number: u64) {
        if let Some(task) = self.task(id) {
            task.cancel_backfill(number);
        }
    }

    /// Delivers dead letters of a stream once more, through outlets like the stream's own, and returns what became of
    /// each. After an error none of them is certain to have arrived, and all may be tried again. `None` when there is
    /// no such source.
    pub async fn redeliver(
        &self,
        id: SourceId,
        stream: Stream,
        letters: Vec<(EventId, Timestamp, Vec<u8>)>,
    ) -> Option<Result<Redelivered, Trouble>> {
        let task = self.task(id)?;
        Some(task.redeliver(stream, letters).await)
    }

    /// How many events of a stream the vendor has from `from` to `to`, both inclusive: one request of the tenant's
    /// budget, and one for a token. `Some(Ok(None))` where the vendor does not count; `None` when there is no such
    /// source.
    pub async fn count(
        &self,
        id: SourceId,
        stream: Stream,
        from: Timestamp,
        to: Timestamp,
    ) -> Option<Result<Option<u64>, Trouble>> {
        let task = self.task(id)?;
        Some(task.count(stream, from, to).await)
    }

    /// Tries a source that does not run, and the destinations: authenticates, reads a record of each of its streams, and
    /// keeps and delivers nothing. Ends within 30 seconds, and takes its requests out of the tenant's budget.
    pub async fn check(&self, config: &SourceConfig) -> Vec<Finding> {
        self.0.common.check(config).await
    }

    /// What counts the requests to each kind of service, by its name. A name may occur more than once.
    pub fn exchange_meters(&self) -> Vec<(&'static str, &ExchangeMeter)> {
        let Common { doors, connections, .. } = self.0.common.as_ref();
        let sumo = doors.iter().filter_map(|door| match door {
            Door::Sumo(sumo) => Some(("sumo", sumo.meter())),
            Door::Archive(_) | Door::Stdout => None,
        });
        std::iter::once(("incydr", connections.meter().as_ref())).chain(sumo).collect()
    }

    /// From now on only fields of these names may leave, besides the special ones; all fields for `None`. No source
    /// is restarted.
    pub fn enable_fields(&self, names: Option<Vec<String>>) {
        self.0
            .common
            .fields
            .enable(names.map(|names| names.iter().map(|name| name.to_lowercase()).collect()));
        for task in self.tasks() {
            task.relabel();
        }
    }

    /// The schema of fields, with what it kept back.
    pub fn fields(&self) -> &FieldSchema {
        &self.0.common.fields
    }

    /// A source at this moment; `None` when it does not run.
    pub fn status(&self, id: SourceId) -> Option<SourceStatus> {
        self.task(id).map(|task| task.status())
    }

    /// The state of a source at this moment; `None` when it does not run.
    pub fn state(&self, id: SourceId) -> Option<Condition> {
        self.task(id).map(|task| task.state())
    }

    /// How a source did over time; `None` when it does not run.
    pub fn charts(&self, id: SourceId, scale: Scale) -> Option<Charts> {
        self.task(id).map(|task| task.charts(&self.tasks(), scale))
    }

    /// The last delivered events of a source; `None` when it does not run, and when nothing is kept for anybody.
    pub fn tail(&self, id: SourceId) -> Option<Arc<Tail>> {
        self.task(id)?.tail()
    }

    /// Whether the last delivered events of each source are kept.
    pub fn keeps_tails(&self) -> bool {
        self.0.common.keeps_tails
    }

    /// Shows every source at this moment, by id. Other sources may come and go meanwhile.
    pub fn for_each_status(&self, mut show: impl FnMut(SourceStatus)) {
        for task in self.tasks() {
            show(task.status());
        }
    }

    /// Ends all sources at once, each as [`Fleet::remove`] does, but their health events stay open for the next
    /// process.
    pub async fn stop(&self) {
        let tasks = self.tasks();
        for task in &tasks {
            task.leave(Leaving::ProcessEnds);
        }
        join_all(tasks.iter().map(|task| task.gone())).await;
    }

    fn task(&self, id: SourceId) -> Option<Arc<SourceTask>> {
        self.sources().get(&id).cloned()
    }

    fn tasks(&self) -> Vec<Arc<SourceTask>> {
        self.sources().values().cloned().collect()
    }

    fn sources(&self) -> MutexGuard<'_, BTreeMap<SourceId, Arc<SourceTask>>> {
        self.0.sources()
    }
}

impl Berths {
    fn sources(&self) -> MutexGuard<'_, BTreeMap<SourceId, Arc<SourceTask>>> {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `task` has ended; its place may have been taken meanwhile.
fn leave(berths: &Weak<Berths>, task: &Arc<SourceTask>) {
    if let Some(berths) = berths.upgrade() {
        let mut sources = berths.sources();
        if sources.get(&task.id()).is_some_and(|current| Arc::ptr_eq(current, task)) {
            sources.remove(&task.id());
        }
    }
    task.tell_gone();
}

/// Looks after all sources from outside of their tasks, so that nothing which holds one up can hold up the watchdog.
async fn watch(berths: Weak<Berths>) {
    while let Some(strong) = berths.upgrade() {
        let clock = strong.common.clock.clone();
        let tasks: Vec<_> = strong.sources().values().cloned().collect();
        drop(strong);
        for task in tasks {
            task.look();
        }
        clock.sleep(watchdog::LOOK_EVERY).await;
    }
}
