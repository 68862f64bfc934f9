//! The budget of requests that all streams of a tenant share.
//!
//! Place on the path: hop 4, before anything is sent, tokens included. The vendor allows 120 requests a minute and
//! blocks whatever exceeds them. Permits are given in the order in which they were asked for; when the vendor says
//! "too many requests" all streams hold, or the pace is halved and grows back slowly.
//! Not for: deciding whether a failed request is made again.

mod pace;
mod sliding_window;

use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex as StdMutex, MutexGuard, PoisonError};
use std::time::Duration;

use incydr_core::ledger::LedgerError;
use incydr_core::source::{SourceError, SourceFault};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

use crate::error::failed;
use pace::Pace;
use sliding_window::SlidingWindow;

/// The pace unless configured otherwise; the vendor's limit of 120 leaves 20 to the tenant's other users.
pub const DEFAULT_REQUESTS_PER_MINUTE: u32 = 100;

/// Never asks again sooner, whatever the reserve says.
const SHORTEST_WAIT: Duration = Duration::from_millis(10);

/// Never trusts a longer wait: the clock behind the reserve may have jumped.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Takes one request out of a budget of so many per minute: zero when it was taken and durably recorded, else how
/// long to wait before asking again. Backed by `Ledger::reserve_request` wherever there is a ledger.
pub type Reserve = Box<dyn Fn(u32) -> Reservation + Send + Sync>;

/// What a [`Reserve`] returns.
pub type Reservation = Pin<Box<dyn Future<Output = Result<Duration, LedgerError>> + Send>>;

/// The shared budget of one tenant.
pub struct RateBudget {
    reserve: Reserve,
    turn: Mutex<()>,
    pace: StdMutex<Pace>,
    /// What this process has sent.
    sent: StdMutex<SlidingWindow>,
}

/// The right to send one request.
#[derive(Debug)]
pub(crate) struct Permit {
    granted_at: Instant,
}

impl RateBudget {
    /// At most `requests_per_minute` (at least 1), each recorded by `reserve` before it is sent.
    pub fn new(requests_per_minute: u32, reserve: Reserve) -> Self {
        let pace = StdMutex::new(Pace::new(requests_per_minute.max(1), Instant::now()));
        Self { reserve, turn: Mutex::new(()), pace, sent: StdMutex::default() }
    }

    /// A budget that forgets everything when the process ends; for tools and tests that keep no ledger.
    pub fn in_memory(requests_per_minute: u32) -> Self {
        let window = std::sync::Arc::new(StdMutex::new(SlidingWindow::default()));
        let reserve = move |per_minute| -> Reservation {
            let wait = lock(&window).take(Instant::now(), per_minute);
            Box::pin(std::future::ready(Ok(wait)))
        };
        Self::new(requests_per_minute, Box::new(reserve))
    }

    /// How many requests per minute are allowed right now; less than configured after the vendor complained.
    pub fn requests_per_minute(&self) -> u32 {
        self.pace().limit()
    }

    /// How many requests were taken out of the budget in the last 60 seconds.
    pub fn requests_in_last_minute(&self) -> u32 {
        u32::try_from(lock(&self.sent).taken(Instant::now())).unwrap_or(u32::MAX)
    }

    /// Waits for this caller's turn and takes one request out of the budget.
    ///
    /// Cancel safe: a caller that gives up leaves the queue. Fails only when the reserve does.
    pub(crate) async fn permit(&self, attempt: &str) -> Result<Permit, SourceError> {
        // This lock queues its waiters in order, which is all the fairness we need.
        let _turn = self.turn.lock().await;
        loop {
            let hold = self.pace().hold_left(Instant::now());
            if !hold.is_zero() {
                sleep(hold.max(SHORTEST_WAIT)).await;
                continue;
            }
            let limit = self.pace().limit();
            let wait = (self.reserve)(limit).await.map_err(|error| {
                let tracker = error.fault.tracker();
                failed(attempt, SourceFault::BudgetUnavailable { tracker }, error.to_string())
            })?;
            if wait.is_zero() {
                let granted_at = Instant::now();
                lock(&self.sent).note(granted_at);
                return Ok(Permit { granted_at });
            }
            sleep(wait.clamp(SHORTEST_WAIT, LONGEST_WAIT)).await;
        }
    }

    /// The vendor answered the request of `permit` with "too many requests".
    pub(crate) fn throttled(&self, permit: &Permit, retry_after: Option<Duration>) {
        self.pace().throttled(Instant::now(), permit.granted_at, retry_after);
    }

    /// The vendor answered well.
    pub(crate) fn succeeded(&self) {
        self.pace().succeeded(Instant::now());
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        lock(&self.pace)
    }
}

/// Nothing panics while it holds one of these locks, and a number cannot be half written.
fn lock<T>(mutex: &StdMutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
