//! How long one kind of service takes to answer requests, by the status of its answers.
//!
//! Place on the path: beside it. Whoever sends requests tells a meter when one begins and how it ended; nothing waits,
//! and what is read meanwhile may be one request behind.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Hears how long each request took until its answer began, or until it was clear that none comes. It must return at
/// once.
pub type OnExchange = Arc<dyn Fn(Duration) + Send + Sync>;

/// Upper bounds of the durations that are told apart, in milliseconds. What takes longer than the last one is counted
/// as well.
pub const BOUNDS_MILLIS: [u64; 14] =
    [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 180_000];

const FIRST_STATUS: u16 = 100;
/// Statuses from 100 to 599, and one slot for requests without an answer.
const SLOTS: usize = 501;
const UNANSWERED: usize = SLOTS - 1;

/// Counts the requests to one kind of service. Lock-free.
#[derive(Debug)]
pub struct ExchangeMeter {
    under_way: AtomicU64,
    /// By status; most never occur, and so take no room.
    by_status: [OnceLock<Box<Durations>>; SLOTS],
}

#[derive(Debug, Default)]
struct Durations {
    /// By bound; the last one is for what takes longer than all of them.
    counts: [AtomicU64; BOUNDS_MILLIS.len() + 1],
    sum_micros: AtomicU64,
}

/// A request that is under way. It must be told how it ended; one that is dropped was given up, and is not counted.
#[derive(Debug)]
pub struct ExchangeUnderWay<'a>(&'a ExchangeMeter);

/// The requests that ended with one status.
#[derive(Clone, PartialEq, Debug)]
pub struct ExchangeFigures {
    /// The HTTP status; `None` for requests without an answer.
    pub status: Option<u16>,
    /// How many took up to each of [`BOUNDS_MILLIS`] and longer than the bound before; then how many took longer.
    pub counts: [u64; BOUNDS_MILLIS.len() + 1],
    /// How long they took together.
    pub sum: Duration,
}

impl ExchangeMeter {
    /// A request begins.
    pub fn begin(&self) -> ExchangeUnderWay<'_> {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        ExchangeUnderWay(self)
    }

    /// How many requests are under way.
    pub fn under_way(&self) -> u64 {
        self.under_way.load(Ordering::Relaxed)
    }

    /// The requests that have ended, by status, those without an answer last.
    pub fn figures(&self) -> Vec<ExchangeFigures> {
        let figures = |(slot, durations): (usize, &OnceLock<Box<Durations>>)| {
            Some(ExchangeFigures {
                status: status_of(slot),
                counts: durations.get()?.counts.each_ref().map(|count| count.load(Ordering::Relaxed)),
                sum: Duration::from_micros(durations.get()?.sum_micros.load(Ordering::Relaxed)),
            })
        };
        self.by_status.iter().enumerate().filter_map(figures).collect()
    }

    fn count(&self, slot: usize, took: Duration) {
        let Some(durations) = self.by_status.get(slot) else { return };
        let durations = durations.get_or_init(Box::default);
        let bound = BOUNDS_MILLIS.iter().position(|bound| took <= Duration::from_millis(*bound));
        durations.counts[bound.unwrap_or(BOUNDS_MILLIS.len())].fetch_add(1, Ordering::Relaxed);
        durations
            .sum_micros
            .fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

impl Default for ExchangeMeter {
    fn default() -> Self {
        Self { under_way: AtomicU64::new(0), by_status: [const { OnceLock::new() }; SLOTS] }
    }
}

impl ExchangeUnderWay<'_> {
    /// The request was answered with this status, or not at all, after `took`.
    pub fn end(self, status: Option<u16>, took: Duration) {
        self.0.count(slot_of(status), took);
    }
}

impl Drop for ExchangeUnderWay<'_> {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A status that HTTP does not know is as good as none.
fn slot_of(status: Option<u16>) -> usize {
    let offset = status.and_then(|status| status.checked_sub(FIRST_STATUS)).map(usize::from);
    offset.filter(|offset| *offset < UNANSWERED).unwrap_or(UNANSWERED)
}

fn status_of(slot: usize) -> Option<u16> {
    u16::try_from(slot).ok().filter(|_| slot < UNANSWERED).map(|offset| FIRST_STATUS + offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_request_is_counted_once_under_its_status_and_within_its_bounds(
            ended in proptest::collection::vec((any::<Option<u16>>(), 0_u64..400_000), 0..50),
        ) {
            let meter = ExchangeMeter::default();
            for (status, millis) in &ended {
                meter.begin().end(*status, Duration::from_millis(*millis));
            }
            let figures = meter.figures();
            let known = |status: Option<u16>| status.filter(|status| (100..600).contains(status));
            for told in &figures {
                let of_status: Vec<_> =
                    ended.iter().filter(|(status, _)| known(*status) == told.status).map(|(_, took)| *took).collect();
                prop_assert_eq!(told.counts.iter().sum::<u64>(), of_status.len() as u64);
                prop_assert_eq!(told.sum, Duration::from_millis(of_status.iter().sum()));
                let mut up_to = 0;
                for (bound, count) in BOUNDS_MILLIS.iter().zip(&told.counts) {
                    up_to += count;
                    prop_assert_eq!(up_to, of_status.iter().filter(|took| *took <= bound).count() as u64);
                }
            }
            let counted: u64 = figures.iter().flat_map(|told| told.counts).sum();
            prop_assert_eq!(counted, ended.len() as u64);
        }
    }

    #[test]
    fn a_request_is_under_way_until_it_ends_or_is_given_up() {
        let meter = ExchangeMeter::default();
        let (one, other) = (meter.begin(), meter.begin());
        assert_eq!(meter.under_way(), 2);
        one.end(Some(200), Duration::ZERO);
        drop(other);
        assert_eq!(meter.under_way(), 0);
        assert_eq!(meter.figures().len(), 1);
    }
}
