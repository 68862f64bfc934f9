//! Notices silence: a stream that neither fails nor moves (guarantee: no silent stall).
//!
//! It runs beside the streams and looks only at what they have told, so that nothing which holds a stream up can hold
//! up the watchdog.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use incydr_core::clock::Clock;
use incydr_core::health::{ErrorType, Trouble};
use incydr_core::notice::Notice;
use incydr_core::stop::Stop;
use incydr_core::timestamp::Timestamp;

use crate::source_health::{Part, SourceHealth};
use crate::supervisor::wait_unless_stopped;

/// What the watchdog knows of one stream or backfill.
#[derive(Debug)]
pub struct Pulse {
    part: Part,
    beat: Mutex<Beat>,
}

#[derive(Clone, Copy, Debug)]
struct Beat {
    last: Timestamp,
    /// Since when fetched events have been waiting for an acknowledgement.
    waiting_since: Option<Timestamp>,
    over: bool,
}

/// Never worries before this, however short the polling interval.
const SHORTEST_WORRY: Duration = Duration::from_secs(300);
/// How often the watchdog looks.
pub const LOOK_EVERY: Duration = Duration::from_secs(10);

impl Pulse {
    /// A stream that begins now.
    pub fn new(part: Part, now: Timestamp) -> Self {
        Self { part, beat: Mutex::new(Beat { last: now, waiting_since: None, over: false }) }
    }

    /// Learns that something happened.
    pub fn hear(&self, notice: &Notice, now: Timestamp) {
        self.with(|beat| match notice {
            Notice::Trouble(_) => {}
            Notice::PageFetched { events, .. } => {
                beat.last = now;
                if *events > 0 {
                    beat.waiting_since.get_or_insert(now);
                }
            }
            Notice::Acknowledged { .. } | Notice::Excluded { .. } | Notice::WindowClosed { .. } => {
                beat.last = now;
                beat.waiting_since = None;
            }
            Notice::WindowOpened { .. }
            | Notice::Duplicates { .. }
            | Notice::DeadLettered { .. }
            | Notice::Oversize { .. }
            | Notice::Recovered => beat.last = now,
        });
    }

    /// The stream has ended and will say nothing more.
    pub fn end(&self) {
        self.with(|beat| beat.over = true);
    }

    fn stall(&self, now: Timestamp, polling_interval: Duration) -> Option<Trouble> {
        let Beat { last, waiting_since, over } = self.with(|beat| *beat);
        let worry = SHORTEST_WORRY.max(polling_interval * 3);
        if over {
            None
        } else if waiting_since.is_some_and(|since| now.since(since) >= SHORTEST_WORRY) {
            Some(stalled("DeliveryStalled", "fetched events have been waiting for their delivery", self.part))
        } else if now.since(last) >= worry {
            Some(stalled("PollStalled", "nothing was polled", self.part))
        } else {
            None
        }
    }

    fn with<T>(&self, use_it: impl FnOnce(&mut Beat) -> T) -> T {
        use_it(&mut self.beat.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn stalled(tracker: &'static str, what: &str, part: Part) -> Trouble {
    Trouble {
        error_type: ErrorType::FirstPartyGeneric,
        tracker,
        error_code: None,
        error_info: what.to_owned(),
        message: format!("watching {part}: {what} for {} minutes or more", SHORTEST_WORRY.as_secs() / 60),
    }
}

/// Watches until the stop is asked for.
pub async fn watch(
    pulses: &[Arc<Pulse>],
    health: &SourceHealth,
    clock: &dyn Clock,
    stop: &Stop,
    polling_interval: Duration,
) {
    while !wait_unless_stopped(clock, stop, LOOK_EVERY).await {
        look(pulses, health, clock.now(), polling_interval);
    }
}

/// Looks once.
pub fn look(pulses: &[Arc<Pulse>], health: &SourceHealth, now: Timestamp, polling_interval: Duration) {
    for pulse in pulses {
        if let Some(trouble) = pulse.stall(now, polling_interval) {
            health.open(pulse.part, trouble);
        }
    }
}

#[cfg(test)]
mod tests {
    use incydr_core::stream::Stream;

    use super::*;

    const INTERVAL: Duration = Duration::from_secs(10);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    fn tracker(pulse: &Pulse, seconds: i64) -> Option<&'static str> {
        pulse.stall(at(seconds), INTERVAL).map(|trouble| trouble.tracker)
    }

    fn page(events: u64) -> Notice {
        Notice::PageFetched { events, bytes: 0, position: None, total_count: None }
    }

    #[test]
    fn a_stream_that_says_nothing_for_five_minutes_is_stalled() {
        let pulse = Pulse::new(Part::Stream(Stream::FileEvents), at(0));
        assert_eq!(tracker(&pulse, 299), None);
        assert_eq!(tracker(&pulse, 300), Some("PollStalled"));
        pulse.hear(&page(0), at(301));
        assert_eq!(tracker(&pulse, 302), None);
    }

    #[test]
    fn events_that_wait_five_minutes_for_their_delivery_are_stalled_though_pages_arrive() {
        let pulse = Pulse::new(Part::Stream(Stream::FileEvents), at(0));
        pulse.hear(&page(5), at(10));
        pulse.hear(&page(5), at(200));
        assert_eq!(tracker(&pulse, 310), Some("DeliveryStalled"));
    }

    #[test]
    fn a_stream_that_has_ended_is_never_stalled() {
        let pulse = Pulse::new(Part::Stream(Stream::Alerts), at(0));
        pulse.end();
        assert_eq!(tracker(&pulse, 100_000), None);
    }
}
