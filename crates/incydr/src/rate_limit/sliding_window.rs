//! Counts requests over the last 60 seconds, in memory.
//!
//! Pure: the instant is handed in.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

const WINDOW: Duration = Duration::from_secs(60);

/// When the requests of the last 60 seconds were taken.
#[derive(Clone, Debug, Default)]
pub(super) struct SlidingWindow {
    taken: VecDeque<Instant>,
}

impl SlidingWindow {
    /// Notes a request that was taken elsewhere.
    pub(super) fn note(&mut self, now: Instant) {
        self.forget_before(now);
        self.taken.push_back(now);
    }

    /// Requests of the last 60 seconds.
    pub(super) fn taken(&mut self, now: Instant) -> usize {
        self.forget_before(now);
        self.taken.len()
    }

    /// Takes one request if fewer than `per_minute` were taken in the last 60 seconds; else says how long to wait.
    pub(super) fn take(&mut self, now: Instant, per_minute: u32) -> Duration {
        self.forget_before(now);
        let surplus = self.taken.len().checked_sub(per_minute as usize);
        match surplus.and_then(|surplus| self.taken.get(surplus)) {
            None => {
                self.taken.push_back(now);
                Duration::ZERO
            }
            // The last millisecond makes the window half open at both ends: the request may leave a little early.
            Some(&blocking) => WINDOW - now.duration_since(blocking) + Duration::from_millis(1),
        }
    }

    fn forget_before(&mut self, now: Instant) {
        while self.taken.front().is_some_and(|&taken| now.duration_since(taken) > WINDOW) {
            self.taken.pop_front();
        }
    }
}
