//! Notices silence: a stream that neither fails nor moves (guarantee: no silent stall). And notices when a stream that
//! stands still comes near to events that the vendor no longer keeps: then, and only then, waiting loses something.
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

use crate::supervision::source_health::{Part, SourceHealth};
use crate::supervision::stream_supervisor::wait_unless_stopped;

/// What the watchdog knows of one stream or backfill.
#[derive(Debug)]
pub struct Pulse {
    part: Part,
    /// How long the vendor keeps events.
    retention: Duration,
    beat: Mutex<Beat>,
}

#[derive(Clone, Copy, Debug)]
struct Beat {
    last: Timestamp,
    /// Since when fetched events have been waiting for an acknowledgement.
    waiting_since: Option<Timestamp>,
    /// Everything before is delivered; `None` until it is known.
    delivered_to: Option<Timestamp>,
    over: bool,
}

/// Never worries before this, however short the polling interval.
const SHORTEST_WORRY: Duration = Duration::from_secs(300);
/// How long before the vendor drops the first missing events this is told.
const WARN_BEFORE_LOSS: Duration = Duration::from_secs(24 * 60 * 60);
/// How often the watchdog looks.
pub const LOOK_EVERY: Duration = Duration::from_secs(10);

impl Pulse {
    /// A stream that begins now, and whose events the vendor keeps for `retention`.
    pub fn new(part: Part, retention: Duration, now: Timestamp) -> Self {
        let beat = Beat { last: now, waiting_since: None, delivered_to: None, over: false };
        Self { part, retention, beat: Mutex::new(beat) }
    }

    /// Learns that something happened.
    pub fn hear(&self, notice: &Notice, now: Timestamp) {
        self.with(|beat| match notice {
            Notice::Trouble(_) | Notice::RequestFailed => {}
            Notice::PageFetched { events, .. } => {
                beat.last = now;
                if *events > 0 {
                    beat.waiting_since.get_or_insert(now);
                }
            }
            Notice::Acknowledged { .. } | Notice::Excluded { .. } => {
                beat.last = now;
                beat.waiting_since = None;
            }
            Notice::WindowOpened { from, .. } => {
                beat.last = now;
                beat.delivered_to.get_or_insert(*from);
            }
            Notice::WindowClosed { watermark, .. } => {
                beat.last = now;
                beat.waiting_since = None;
                beat.delivered_to = Some(*watermark);
            }
            Notice::Duplicates { .. }
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
        let Beat { last, waiting_since, over, .. } = self.with(|beat| *beat);
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

    /// Whether a stalled stream is about to lose something.
    fn retention_ends(&self, now: Timestamp) -> Option<Trouble> {
        let lost_at = self.with(|beat| beat.delivered_to)?.plus(self.retention);
        (now.plus(WARN_BEFORE_LOSS) >= lost_at).then(|| retention_ends(self.part, lost_at))
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

fn retention_ends(part: Part, lost_at: Timestamp) -> Trouble {
    Trouble {
        error_type: ErrorType::FirstPartyGeneric,
        tracker: Trouble::RETENTION_ENDS,
        error_code: None,
        error_info: format!("from {lost_at} on the service drops events that are not collected yet"),
        message: format!("watching {part}: nothing moves, and from {lost_at} on events are lost"),
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

/// Looks once. A stream that is known to fail is not silent, whatever it waits for.
pub fn look(pulses: &[Arc<Pulse>], health: &SourceHealth, now: Timestamp, polling_interval: Duration) {
    for pulse in pulses {
        let Some(stall) = pulse.stall(now, polling_interval) else { continue };
        match pulse.retention_ends(now) {
            Some(loss) => health.open(pulse.part, loss),
            None if health.is_ill(pulse.part, stall.error_type) => {}
            None => health.open(pulse.part, stall),
        }
    }
}

#[cfg(test)]
mod tests {
    use incydr_core::stream::Stream;

    use super::*;

    const INTERVAL: Duration = Duration::from_secs(10);
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);

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
        let pulse = Pulse::new(Part::Stream(Stream::FileEvents), 90 * DAY, at(0));
        assert_eq!(tracker(&pulse, 299), None);
        assert_eq!(tracker(&pulse, 300), Some("PollStalled"));
        pulse.hear(&page(0), at(301));
        assert_eq!(tracker(&pulse, 302), None);
    }

    #[test]
    fn events_that_wait_five_minutes_for_their_delivery_are_stalled_though_pages_arrive() {
        let pulse = Pulse::new(Part::Stream(Stream::FileEvents), 90 * DAY, at(0));
        pulse.hear(&page(5), at(10));
        pulse.hear(&page(5), at(200));
        assert_eq!(tracker(&pulse, 310), Some("DeliveryStalled"));
    }

    #[test]
    fn a_stream_that_has_ended_is_never_stalled() {
        let pulse = Pulse::new(Part::Stream(Stream::Alerts), 90 * DAY, at(0));
        pulse.end();
        assert_eq!(tracker(&pulse, 100_000), None);
    }
    // F63
    #[test]
    fn a_day_before_the_first_missing_event_is_dropped_that_is_told() {
        let pulse = Pulse::new(Part::Stream(Stream::FileEvents), 90 * DAY, at(0));
        let told = |second: i64| pulse.retention_ends(at(second)).map(|trouble| trouble.tracker);
        let last_day = 89 * 24 * 60 * 60;
        assert_eq!(told(last_day), None, "nobody knows yet what is missing");
        pulse.hear(&Notice::WindowClosed { watermark: at(0), expected: None, unique: 0 }, at(0));
        assert_eq!(told(last_day - 1), None);
        assert_eq!(told(last_day), Some("RetentionEnds"));
        pulse
            .hear(&Notice::WindowClosed { watermark: at(last_day), expected: None, unique: 0 }, at(last_day));
        assert_eq!(told(last_day), None);
    }
}
