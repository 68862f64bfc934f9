//! One activation of one stream: the path of an event, top to bottom.
//!
//! [`Collection::collect`] loads the checkpoint, plans a window, walks its ranges page by page and moves the
//! watermark. Inside a range three parts run side by side and hand on in one direction only: the reader (hops 4
//! to 6), the courier (hop 7) and the committer (hop 8). Between them are short channels, so that a stalled
//! destination stops the download instead of filling memory (I9).
//!
//! Not for: when to poll, and what to do after a failure; that is the supervisor's business.

mod chain;
mod committer;
mod courier;
mod reader;
mod tally;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use thiserror::Error;
use tokio::sync::{Semaphore, mpsc};

use crate::admission::Admission;
use crate::checkpoint::{Checkpoint, WalkRange};
use crate::clock::Clock;
use crate::delivery::{Outlet, Surroundings};
use crate::destination::{DeliveryError, Destination, Receipt};
use crate::health::{ErrorType, Trouble};
use crate::ledger::{Commit, Lease, Ledger, LedgerError, Step};
use crate::notice::{Notice, Notify};
use crate::rules::Rules;
use crate::source::{Source, SourceError};
use crate::stop::Stop;
use crate::tap::Tap;
use crate::timestamp::Timestamp;
use crate::window::{self, Plan, Reach};

use self::reader::ReadEnd;

/// What one stream of one source works with, for as long as it is supervised.
pub struct Collection {
    /// Where events come from.
    pub source: Box<dyn Source>,
    /// Which of them leave, and what of them.
    pub rules: Arc<Rules>,
    /// Where they go: every one of these must acknowledge.
    pub outlets: Vec<Outlet>,
    /// Where the place is kept.
    pub ledger: Arc<dyn Ledger>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Hears what happens.
    pub notify: Notify,
    /// Sees what was delivered.
    pub tap: Option<Tap>,
    /// Ends the work early.
    pub stop: Stop,
    /// How far windows reach.
    pub reach: Reach,
    /// How fast and how wide.
    pub pace: Pace,
}

/// How fast and how wide a stream is walked.
#[derive(Debug)]
pub struct Pace {
    page_size: AtomicU32,
    max_page_size: u32,
    good_pages: AtomicU32,
    deliveries: Arc<Semaphore>,
    commits: Semaphore,
    max_in_flight: usize,
    parallel_ranges: usize,
}

/// A window longer than this is split into ranges that are walked in parallel.
const SPLIT_ABOVE: Duration = Duration::from_secs(3_600);
/// A range of a split window has about so many pages: enough that its last, partly filled page hardly counts.
const PAGES_PER_RANGE: u64 = 8;
/// Shrunken pages grow again this slowly, so that a vendor who cannot send large ones is not asked all the time.
const GOOD_PAGES_TO_GROW: u32 = 16;
/// Bounds the rows of a window in the ledger.
const MAX_RANGES: u64 = 1_024;

impl Pace {
    /// Pages of `page_size` events, at most `max_in_flight` batches delivered but not yet committed, `parallel_ranges` ranges of a long window at
    /// once. Every number is at least 1.
    pub fn new(page_size: u32, max_in_flight: usize, parallel_ranges: usize) -> Self {
        let max_in_flight = max_in_flight.max(1);
        Self {
            page_size: AtomicU32::new(page_size.max(1)),
            max_page_size: page_size.max(1),
            good_pages: AtomicU32::new(0),
            deliveries: Arc::new(Semaphore::new(max_in_flight)),
            commits: Semaphore::new(1),
            max_in_flight,
            parallel_ranges: parallel_ranges.max(1),
        }
    }

    /// Events that the next page may have.
    pub fn page_size(&self) -> u32 {
        self.page_size.load(Ordering::Relaxed)
    }

    /// Halves the pages after one was too large or could not be decoded; false when a page is one event already.
    pub fn shrink_pages(&self) -> bool {
        let size = self.page_size();
        self.page_size.store((size / 2).max(1), Ordering::Relaxed);
        size > 1
    }

    /// Doubles shrunken pages again after enough good ones.
    fn note_good_page(&self) {
        if self.page_size() < self.max_page_size
            && (self.good_pages.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(GOOD_PAGES_TO_GROW)
        {
            let doubled = self.page_size().saturating_mul(2).min(self.max_page_size);
            self.page_size.store(doubled, Ordering::Relaxed);
        }
    }
}

/// Why an activation ended before its window was closed. What was acknowledged until then is committed.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum CollectionError {
    /// The vendor's side failed.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A destination could not publish what it had acknowledged.
    #[error(transparent)]
    Destination(#[from] DeliveryError),
    /// The stop was asked for.
    #[error("stopped on request")]
    Stopped,
}

impl From<&CollectionError> for Trouble {
    fn from(error: &CollectionError) -> Self {
        match error {
            CollectionError::Source(error) => Self::from(error),
            CollectionError::Ledger(error) => Self::from(error),
            CollectionError::Destination(error) => Self::from(error),
            CollectionError::Stopped => Self {
                error_type: ErrorType::FirstPartyGeneric,
                tracker: "Stopped",
                error_code: None,
                error_info: String::new(),
                message: error.to_string(),
            },
        }
    }
}

impl Collection {
    /// Collects everything up to `until`, and returns the checkpoint as committed.
    ///
    /// Dropping the future is like a crash: batches whose answer is still out may arrive twice, nothing is lost.
    pub async fn collect(&self, lease: &Lease, until: Timestamp) -> Result<Checkpoint, CollectionError> {
        let published = self.publish_leftovers(lease).await?;
        let checkpoint = self.ledger.load(lease).await?;
        let checkpoint = match window::plan(&checkpoint, &self.reach, until) {
            Plan::Nothing => return Ok(checkpoint),
            Plan::Resume => {
                self.tell_window(&checkpoint, true);
                checkpoint
            }
            Plan::Open { from, to } => {
                let ranges = self.split(from, to).await?;
                let step = Some(Step::OpenWindow(ranges));
                let opened = self.commit(lease, &Commit { published, step, ..Commit::default() }).await?;
                self.tell_window(&opened, false);
                opened
            }
        };
        self.walk_all(lease, &checkpoint).await?;
        self.close_window(lease).await
    }

    /// Publishes what an earlier activation had committed but perhaps not published. Receipts of a destination that
    /// is not among the outlets now stay in the ledger for the run that has it again.
    async fn publish_leftovers(&self, lease: &Lease) -> Result<Vec<Receipt>, CollectionError> {
        let receipts = self.ledger.unpublished(lease).await?;
        let mut published = Vec::new();
        for outlet in &self.outlets {
            let destination = outlet.destination();
            let own = receipts_of(destination, &receipts);
            destination.recover(&own).await?;
            published.extend(own);
        }
        Ok(published)
    }

    /// Splits a long window by the vendor's count; a window that is short, or cannot be counted, stays whole.
    async fn split(&self, from: Timestamp, to: Timestamp) -> Result<Vec<WalkRange>, CollectionError> {
        let mut parts = 1;
        if to.since(from) > SPLIT_ABOVE
            && let Some(events) =
                self.source.count(from, to).await.map_err(|error| self.failed_request(error))?
        {
            parts = (events / (PAGES_PER_RANGE * u64::from(self.pace.max_page_size))).clamp(1, MAX_RANGES);
        }
        Ok(window::split(from, to, u32::try_from(parts).unwrap_or(1)))
    }

    /// Walks all open ranges, several at once. A failing range does not stop the others; the first failure is
    /// returned when all have ended.
    async fn walk_all(&self, lease: &Lease, checkpoint: &Checkpoint) -> Result<(), CollectionError> {
        let open: Vec<_> = checkpoint.ranges.iter().filter(|range| !range.closed).cloned().collect();
        let abreast = self.pace.parallel_ranges.min(open.len()).max(1);
        let in_flight = (self.pace.max_in_flight / abreast).max(1);
        let walks = open.into_iter().map(|range| self.walk(lease, checkpoint.window, range, in_flight));
        let results: Vec<_> = stream::iter(walks).buffer_unordered(abreast).collect().await;
        results.into_iter().collect()
    }

    /// Walks one range until it is closed; once more where the vendor counted other than we met.
    async fn walk(
        &self,
        lease: &Lease,
        window: u64,
        mut range: WalkRange,
        in_flight: usize,
    ) -> Result<(), CollectionError> {
        loop {
            let horizon = self.horizon(&range);
            let seen = self.ledger.seen(lease, horizon, range.last_instant()).await?;
            let admission = Admission::of_range(&range, window, horizon, &seen);
            drop(seen);
            let (loads, loads_taken) = mpsc::channel(1);
            let (outcomes, outcomes_taken) = mpsc::channel(self.pace.max_in_flight);
            let number = range.number;
            let read = async { Ok(self.read(range, admission, loads).await) };
            let deliver = async {
                self.deliver(loads_taken, outcomes, in_flight).await;
                Ok(())
            };
            let commit = self.commit_outcomes(lease, window, number, outcomes_taken);
            match tokio::try_join!(read, deliver, commit)?.0 {
                ReadEnd::Closed => return Ok(()),
                ReadEnd::Again(rescan) => range = rescan,
                ReadEnd::Failed(error) => return Err(error.into()),
                ReadEnd::Stopped => return Err(CollectionError::Stopped),
            }
        }
    }

    /// The earliest instant that the walk of `range` can still meet: here it is taken up by time when its page token
    /// is no longer valid, and ids from here on are remembered. In whole milliseconds, as the vendor compares.
    fn horizon(&self, range: &WalkRange) -> Timestamp {
        range.position.minus(self.reach.look_back).max(range.from).floor_to_millis()
    }

    async fn close_window(&self, lease: &Lease) -> Result<Checkpoint, CollectionError> {
        let walked = self.ledger.load(lease).await?;
        if walked.ranges.iter().any(|range| !range.closed) {
            // The stop interrupted deliveries of a range that had been read to its end.
            return Err(CollectionError::Stopped);
        }
        let Some(watermark) = walked.ranges.iter().map(|range| range.to).max() else { return Ok(walked) };
        let step = Step::CloseWindow {
            watermark,
            forget_before: watermark.minus(self.reach.longest()).minus(self.reach.look_back),
            second_pass: self.reach.is_second_pass(&walked),
        };
        let commit = Commit { step: Some(step), ..Commit::default() };
        let closed = self.commit(lease, &commit).await?;
        let expected = walked.ranges.iter().map(|range| range.expected).sum();
        let unique = walked.ranges.iter().map(|range| range.unique).sum();
        (self.notify)(Notice::WindowClosed { watermark, expected, unique });
        Ok(closed)
    }

    fn tell_window(&self, checkpoint: &Checkpoint, resumed: bool) {
        let (Some(first), Some(last)) = (checkpoint.ranges.first(), checkpoint.ranges.last()) else { return };
        let ranges = checkpoint.ranges.len();
        (self.notify)(Notice::WindowOpened { from: first.from, to: last.to, ranges, resumed });
    }

    fn surroundings(&self) -> Surroundings<'_> {
        Surroundings { clock: self.clock.as_ref(), stop: &self.stop, notify: &self.notify }
    }
}

/// Those of `receipts` that `destination` gave.
fn receipts_of(destination: &dyn Destination, receipts: &[Receipt]) -> Vec<Receipt> {
    receipts.iter().filter(|receipt| receipt.destination == destination.name()).cloned().collect()
}
