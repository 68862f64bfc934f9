//! The time of the machine: the only room that reads it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use incydr_core::clock::Clock;
use incydr_core::timestamp::Timestamp;

/// The system's wall clock and the runtime's timer.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the wall clock")]
        let now = SystemTime::now();
        match now.duration_since(UNIX_EPOCH) {
            Ok(since) => Timestamp::EPOCH.plus(since),
            Err(before) => Timestamp::EPOCH.minus(before.duration()),
        }
    }

    async fn sleep(&self, span: Duration) {
        tokio::time::sleep(span).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_tells_a_time_after_this_test_was_written() {
        assert!(Timestamp::parse(b"2025-01-01T00:00:00Z").is_some_and(|then| SystemClock.now() > then));
    }

    #[tokio::test(start_paused = true)]
    async fn sleeping_takes_the_runtime_s_time() {
        let before = tokio::time::Instant::now();
        SystemClock.sleep(Duration::from_secs(3_600)).await;
        assert_eq!(before.elapsed(), Duration::from_secs(3_600));
    }
}
