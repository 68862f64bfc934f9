//! How many events per second were acknowledged lately.

use std::collections::VecDeque;
use std::time::Duration;

use incydr_core::timestamp::Timestamp;

/// What "lately" means.
const MEMORY: Duration = Duration::from_secs(10);

/// Counts events of the last seconds.
#[derive(Default)]
pub(super) struct EventRate {
    began: Option<Timestamp>,
    recent: VecDeque<(Timestamp, u64)>,
}

impl EventRate {
    pub(super) fn count(&mut self, events: u64, now: Timestamp) {
        self.began.get_or_insert(now);
        match self.recent.back_mut() {
            Some((second, count)) if now.since(*second) < Duration::from_secs(1) => *count += events,
            Some(_) | None => self.recent.push_back((now, events)),
        }
        while self.recent.front().is_some_and(|(second, _)| now.since(*second) > MEMORY) {
            self.recent.pop_front();
        }
    }

    pub(super) fn per_second(&self, now: Timestamp) -> u64 {
        let Some(began) = self.began else { return 0 };
        let span = now.since(began).clamp(Duration::from_secs(1), MEMORY);
        let events = self.recent.iter().filter(|(second, _)| now.since(*second) <= MEMORY);
        events.map(|(_, count)| count).sum::<u64>() * 1_000 / u64::try_from(span.as_millis()).unwrap_or(1_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    #[test]
    fn the_rate_is_that_of_the_last_ten_seconds() {
        let mut rate = EventRate::default();
        assert_eq!(rate.per_second(at(0)), 0);
        for second in 0..20 {
            rate.count(100, at(second));
        }
        assert_eq!(rate.per_second(at(20)), 100);
        assert_eq!(rate.per_second(at(25)), 50);
        assert_eq!(rate.per_second(at(60)), 0);
    }

    #[test]
    fn a_first_burst_is_not_counted_as_endless() {
        let mut rate = EventRate::default();
        rate.count(500, at(0));
        rate.count(500, at(0));
        assert_eq!(rate.per_second(at(0)), 1_000);
    }
}
