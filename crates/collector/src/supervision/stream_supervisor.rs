//! Activates a stream again and again, and decides what a failure means (hop 1).
//!
//! The generic failures are retried for ever; a wrong configuration ends the stream, or the whole source when it
//! concerns the credentials. The engine keeps the place; nothing here does.

use std::sync::Arc;
use std::time::Duration;

use incydr_core::checkpoint::Checkpoint;
use incydr_core::clock::Clock;
use incydr_core::collection::{Collection, CollectionError};
use incydr_core::exchange_meter::OnExchange;
use incydr_core::health::Trouble;
use incydr_core::ledger::{Lease, LedgerError, LedgerFault};
use incydr_core::notice::{Notice, Notify};
use incydr_core::retry::Backoff;
use incydr_core::source::{SourceError, SourceFault};
use incydr_core::stop::Stop;
use incydr_core::stream::{Place, Stream};
use incydr_core::timestamp::Timestamp;

use crate::supervision::cadence::Cadence;
use crate::supervision::nudge::Nudge;
use crate::supervision::source_health::{Part, SourceHealth};
use crate::supervision::stream_meter::StreamMeter;
use crate::supervision::watchdog::Pulse;

/// When a stream is activated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Schedule {
    /// Where collection ends; `None` for as long as the process lives.
    pub until: Option<Timestamp>,
    /// From one activation to the next.
    pub polling_interval: Duration,
    /// How long an event must have been there before it is collected.
    pub settle_time: Duration,
}

/// One stream under supervision.
pub struct StreamSupervisor {
    /// Where its place is kept.
    pub place: Place,
    /// Who holds the place, for people.
    pub holder: String,
    /// What it works with.
    pub collection: Collection,
    /// When it works.
    pub schedule: Schedule,
    /// Asks it to poll now.
    pub nudge: Nudge,
    /// Who learns how it is.
    pub observers: Observers,
}

/// Who learns how one part of a source is.
#[derive(Clone)]
pub struct Observers {
    /// Which part.
    pub part: Part,
    /// What is known of the whole source.
    pub health: Arc<SourceHealth>,
    /// The figures of this part.
    pub meter: Arc<StreamMeter>,
    /// What the watchdog knows of this part.
    pub pulse: Arc<Pulse>,
}

impl Observers {
    /// Takes the engine's notices for all of them, and for `other`.
    pub fn notify(&self, clock: &Arc<dyn Clock>, other: impl Fn(Notice) + Send + Sync + 'static) -> Notify {
        let (observers, clock) = (self.clone(), clock.clone());
        Arc::new(move |notice| {
            let now = clock.now();
            observers.health.hear(observers.part, &notice);
            observers.pulse.hear(&notice, now);
            observers.meter.hear(&notice, now);
            other(notice);
        })
    }

    /// Takes what the client tells of requests for all of them.
    pub fn on_exchange(&self, clock: &Arc<dyn Clock>) -> OnExchange {
        let (meter, clock) = (self.meter.clone(), clock.clone());
        Arc::new(move |took| meter.exchanged(took, clock.now()))
    }
}

/// How the supervision of a stream ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StreamEnd {
    /// Everything up to the wanted instant is delivered and committed.
    Complete,
    /// The stop was asked for.
    Stopped,
    /// Retrying cannot help this stream.
    StreamFailed(Trouble),
    /// Retrying cannot help any stream of the source.
    SourceFailed(Trouble),
}

/// How far an activation came.
enum Reached {
    /// Up to the wanted instant.
    Wanted,
    /// To the end of a window that ends before it.
    Behind,
}

/// What to do after a failure.
enum Reaction {
    /// Try again after this long; report the trouble, unless it is too early to worry.
    Retry { wait: Duration, report: bool },
    /// Give up.
    End(StreamEnd),
}

/// Failures in a row, and since when.
struct Streak {
    backoff: Backoff,
    began: Timestamp,
    refusals: u32,
    bad_payloads: u32,
}

/// After the stop was asked for, deliveries under way may take this long to end. Two seconds remain for the rest of
/// the ten that a supervisor of processes usually grants.
pub const DRAIN: Duration = Duration::from_secs(8);

const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// A service that only asks for patience is not reported before this.
const THROTTLED_BEFORE_REPORT: Duration = Duration::from_secs(60);
/// Credentials that worked are believed to be wrong after so many refusals …
const REFUSALS_TO_BELIEVE: u32 = 3;
/// … over at least this long.
const REFUSED_TO_BELIEVE: Duration = Duration::from_secs(60);
/// Waits between those refusals.
const REFUSED_WAIT: Duration = Duration::from_secs(30);
/// The same page may arrive broken so often before smaller ones are asked for.
const BAD_PAYLOADS_TO_SHRINK: u32 = 3;

impl StreamSupervisor {
    /// Runs the stream to its end.
    pub async fn run(mut self) -> StreamEnd {
        let end = self.supervise().await;
        self.observers.pulse.end();
        self.observers.meter.rest(None);
        if end != StreamEnd::Stopped {
            self.observers.health.settle(self.observers.part);
        }
        end
    }

    async fn supervise(&mut self) -> StreamEnd {
        let mut cadence = Cadence::new(self.clock().now(), self.schedule.polling_interval);
        let mut streak = None;
        let mut lease = None;
        loop {
            self.nudge.answer();
            self.observers.meter.begin_poll();
            // On the heap, so that a stream that waits for its next poll is small.
            let wait = match Box::pin(self.activate(&mut lease)).await {
                Ok(reached) => {
                    streak = None;
                    self.observers.health.succeed(self.observers.part);
                    match reached {
                        // The window had been opened by an earlier run and ends before what is wanted now.
                        Reached::Behind => Duration::ZERO,
                        Reached::Wanted if self.schedule.until.is_some() => return StreamEnd::Complete,
                        Reached::Wanted => self.rest_until_next_beat(&mut cadence),
                    }
                }
                Err(CollectionError::Stopped) => return StreamEnd::Stopped,
                Err(error) => {
                    let now = self.clock().now();
                    self.observers.meter.fail(Trouble::from(&error), now);
                    let streak = streak.get_or_insert_with(|| Streak::begin(now, self.place.stream));
                    match self.react(&error, streak) {
                        Reaction::End(end) => return self.end(end),
                        Reaction::Retry { wait, report } => {
                            if report {
                                self.observers.health.open(self.observers.part, Trouble::from(&error));
                            }
                            self.observers.meter.rest(Some(now.plus(wait)));
                            wait
                        }
                    }
                }
            };
            if self.stopped_while_resting(wait).await {
                return StreamEnd::Stopped;
            }
        }
    }

    /// Everything wanted is collected; returns how long until the next poll.
    fn rest_until_next_beat(&self, cadence: &mut Cadence) -> Duration {
        let now = self.clock().now();
        let wait = cadence.wait(now);
        self.observers.meter.succeed(now);
        self.observers.meter.rest(Some(now.plus(wait)));
        wait
    }

    /// One activation, under a lease that is taken first if there is none.
    async fn activate(&self, lease: &mut Option<Lease>) -> Result<Reached, CollectionError> {
        let lease = match lease {
            Some(lease) => lease,
            None => lease.insert(self.take_place().await?),
        };
        if self.schedule.until.is_some() && self.stopped_while_waiting(self.until_settled()).await {
            return Err(CollectionError::Stopped);
        }
        let settled = self.clock().now().minus(self.schedule.settle_time);
        let until = self.schedule.until.map_or(settled, |until| until.min(settled));
        let checkpoint = self.collection.collect(lease, until).await?;
        let wanted = until.floor_to_millis();
        let is_behind = checkpoint.watermark.is_some_and(|watermark| watermark < wanted);
        Ok(if is_behind { Reached::Behind } else { Reached::Wanted })
    }

    /// Takes the place, and tells where it stands unless it is new: `--since` does not matter then.
    async fn take_place(&self) -> Result<Lease, CollectionError> {
        let lease = self.collection.ledger.acquire(&self.place, &self.holder).await?;
        let checkpoint = self.collection.ledger.load(&lease).await?;
        let totals = self.collection.ledger.totals(&lease).await?;
        self.observers.meter.take_place(&checkpoint, totals);
        if checkpoint != Checkpoint::default() {
            let stream = self.place.stream.as_str();
            let watermark = checkpoint.watermark.map(tracing::field::display);
            tracing::info!(stream, watermark, "going on where an earlier run stopped");
        }
        Ok(lease)
    }

    /// How long until the wanted end has settled.
    fn until_settled(&self) -> Duration {
        let settles = self.schedule.until.unwrap_or(Timestamp::EPOCH).plus(self.schedule.settle_time);
        settles.since(self.clock().now())
    }

    fn react(&self, error: &CollectionError, streak: &mut Streak) -> Reaction {
        match error {
            CollectionError::Source(error) => self.react_to_source(error, streak),
            CollectionError::Ledger(LedgerError { fault: LedgerFault::Fenced, .. }) => {
                Reaction::End(StreamEnd::StreamFailed(Trouble::from(error)))
            }
            CollectionError::Ledger(_) | CollectionError::Destination(_) => {
                let wait = streak.backoff.next_wait().min(Duration::from_secs(5));
                Reaction::Retry { wait, report: true }
            }
            CollectionError::Stopped => Reaction::End(StreamEnd::Stopped),
        }
    }

    fn react_to_source(&self, error: &SourceError, streak: &mut Streak) -> Reaction {
        let age = self.clock().now().since(streak.began);
        let trouble = || Trouble::from(error);
        match error.fault {
            SourceFault::InvalidClient | SourceFault::Unauthorized => {
                streak.refusals += 1;
                if streak.refusals >= REFUSALS_TO_BELIEVE && age >= REFUSED_TO_BELIEVE {
                    return Reaction::End(StreamEnd::SourceFailed(trouble()));
                }
                Reaction::Retry { wait: REFUSED_WAIT, report: false }
            }
            SourceFault::Forbidden => Reaction::End(StreamEnd::StreamFailed(trouble())),
            SourceFault::RateLimited => {
                let wait = wait_after(error, &mut streak.backoff);
                Reaction::Retry { wait, report: age + wait >= THROTTLED_BEFORE_REPORT }
            }
            SourceFault::BadPayload => {
                streak.bad_payloads += 1;
                if streak.bad_payloads.is_multiple_of(BAD_PAYLOADS_TO_SHRINK) {
                    self.collection.pace.shrink_pages();
                }
                let wait = streak.backoff.next_wait();
                Reaction::Retry { wait, report: streak.bad_payloads >= BAD_PAYLOADS_TO_SHRINK }
            }
            SourceFault::InvalidCursor
            | SourceFault::TooLarge
            | SourceFault::ErrorIn200
            | SourceFault::InvalidQuery
            | SourceFault::Upstream
            | SourceFault::Dns
            | SourceFault::Tls
            | SourceFault::Connect
            | SourceFault::Proxy
            | SourceFault::Slow
            | SourceFault::Timeout
            | SourceFault::TokenLoop
            | SourceFault::EmptyPages
            | SourceFault::BudgetUnavailable { .. } => {
                let wait = wait_after(error, &mut streak.backoff);
                Reaction::Retry { wait, report: true }
            }
        }
    }

    fn end(&self, end: StreamEnd) -> StreamEnd {
        match &end {
            StreamEnd::StreamFailed(trouble) => {
                self.observers.health.open(self.observers.part, trouble.clone())
            }
            StreamEnd::SourceFailed(trouble) => self.observers.health.open(Part::Source, trouble.clone()),
            StreamEnd::Complete | StreamEnd::Stopped => {}
        }
        end
    }

    async fn stopped_while_waiting(&self, wait: Duration) -> bool {
        wait_unless_stopped(self.clock(), &self.collection.stop, wait).await
    }

    /// Waits for the next poll, or until somebody asks for it; true as soon as the stop is asked for.
    async fn stopped_while_resting(&mut self, wait: Duration) -> bool {
        let Self { collection: Collection { clock, stop, .. }, nudge, .. } = self;
        tokio::select! {
            biased;
            stopped = wait_unless_stopped(clock.as_ref(), stop, wait) => stopped,
            () = nudge.asked() => false,
        }
    }

    fn clock(&self) -> &dyn Clock {
        self.collection.clock.as_ref()
    }
}

/// How long to wait after `error`: as long as the vendor asks for, else the next of `backoff`. A vendor that asks to
/// come back at once gets the back-off too, for it may say so for ever.
pub fn wait_after(error: &SourceError, backoff: &mut Backoff) -> Duration {
    error.retry_after.filter(|wait| !wait.is_zero()).unwrap_or_else(|| backoff.next_wait())
}

/// Waits for `wait`; true as soon as the stop is asked for.
pub async fn wait_unless_stopped(clock: &dyn Clock, stop: &Stop, wait: Duration) -> bool {
    if wait.is_zero() {
        return stop.is_requested();
    }
    tokio::select! {
        biased;
        () = stop.requested() => true,
        () = clock.sleep(wait) => false,
    }
}

impl Streak {
    fn begin(now: Timestamp, stream: Stream) -> Self {
        let seed = format!("{stream} {}", now.as_nanos());
        let backoff = Backoff::new(FIRST_WAIT, LONGEST_WAIT, seed.as_bytes());
        Self { backoff, began: now, refusals: 0, bad_payloads: 0 }
    }
}

#[cfg(test)]
mod tests;
