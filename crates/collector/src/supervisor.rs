//! Activates a stream again and again, and decides what a failure means (hop 1).
//!
//! The generic failures are retried for ever; a wrong configuration ends the stream, or the whole source when it
//! concerns the credentials. The engine keeps the place; nothing here does.

use std::sync::Arc;
use std::time::Duration;

use incydr_core::checkpoint::Checkpoint;
use incydr_core::clock::Clock;
use incydr_core::collection::{Collection, CollectionError};
use incydr_core::health::{SourceState, Trouble};
use incydr_core::ledger::{Lease, LedgerError, LedgerFault};
use incydr_core::retry::Backoff;
use incydr_core::source::{SourceError, SourceFault};
use incydr_core::stop::Stop;
use incydr_core::stream::{Place, Stream};
use incydr_core::timestamp::Timestamp;

use crate::source_health::SourceHealth;

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
    /// What is known of the source.
    pub health: Arc<SourceHealth>,
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
    pub async fn run(self) -> StreamEnd {
        let mut streak = None;
        let mut lease = None;
        loop {
            let wait = match self.activate(&mut lease).await {
                Ok(reached) => {
                    streak = None;
                    self.health.reach(SourceState::Collecting);
                    match reached {
                        // The window had been opened by an earlier run and ends before what is wanted now.
                        Reached::Behind => Duration::ZERO,
                        Reached::Wanted if self.schedule.until.is_some() => return StreamEnd::Complete,
                        Reached::Wanted => self.schedule.polling_interval,
                    }
                }
                Err(CollectionError::Stopped) => return StreamEnd::Stopped,
                Err(error) => {
                    let now = self.clock().now();
                    let streak = streak.get_or_insert_with(|| Streak::begin(now, self.place.stream));
                    match self.react(&error, streak) {
                        Reaction::End(end) => return self.end(end),
                        Reaction::Retry { wait, report } => {
                            if report {
                                self.health.open(Some(self.place.stream), Trouble::from(&error));
                            }
                            wait
                        }
                    }
                }
            };
            if self.stopped_while_waiting(wait).await {
                return StreamEnd::Stopped;
            }
        }
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
            | SourceFault::BudgetUnavailable => {
                let wait = wait_after(error, &mut streak.backoff);
                Reaction::Retry { wait, report: true }
            }
        }
    }

    fn end(&self, end: StreamEnd) -> StreamEnd {
        match &end {
            StreamEnd::StreamFailed(trouble) => self.health.open(Some(self.place.stream), trouble.clone()),
            StreamEnd::SourceFailed(trouble) => self.health.open(None, trouble.clone()),
            StreamEnd::Complete | StreamEnd::Stopped => {}
        }
        end
    }

    async fn stopped_while_waiting(&self, wait: Duration) -> bool {
        wait_unless_stopped(self.clock(), &self.collection.stop, wait).await
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
