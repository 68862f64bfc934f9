//! The figures of one stream as a page shows them.

use std::time::Duration;

use incydr_core::timestamp::Timestamp;

use super::title_of;
use crate::figures::{bytes, grouped};
use crate::hosting::{StreamError, StreamStatus};
use crate::pages::{Columns, Moment, Unit, lag_text};
use crate::printable::printable;

/// The rate is the mean of so many minutes that are over.
const RATE_MINUTES: usize = 10;
const MINUTE: Duration = Duration::from_secs(60);

/// A stream at one moment, in words.
pub struct Panel {
    /// The name of the stream in addresses.
    pub key: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// How far it is behind; `None` before its first window.
    pub lag: Option<String>,
    /// Events a minute of late.
    pub rate: String,
    /// Outcomes since the place was new.
    pub fetched: String,
    /// Of these, what every destination has.
    pub delivered: String,
    /// What was met again.
    pub duplicates: String,
    /// What rules left out.
    pub excluded: String,
    /// What could not be delivered.
    pub dead: String,
    /// Whether there is any of that.
    pub has_dead: bool,
    /// Bytes of events since the process began, and bytes sent for them.
    pub bytes: (String, String),
    /// Everything up to here was delivered: exactly, and for people.
    pub position: Option<(String, Moment)>,
    /// When everything that was wanted had been collected.
    pub last_success: Option<Moment>,
    /// What went wrong last.
    pub last_error: Option<PanelError>,
    /// When it polls next.
    pub next_poll: Option<Moment>,
    /// Whether it polls right now.
    pub is_polling: bool,
    /// The walked part of the open window in percent, while it polls.
    pub walked: Option<u16>,
    /// About how many events of the open window are still to come.
    pub backlog: Option<String>,
    /// How it did over time.
    pub charts: Vec<Columns>,
}

/// A failure of a stream in words.
pub struct PanelError {
    /// When.
    pub at: Moment,
    /// Whether nothing has succeeded since.
    pub lasts: bool,
    /// The stable name, as in `RateLimited`.
    pub tracker: &'static str,
    /// The HTTP status of the answer.
    pub code: Option<u16>,
    /// The whole sentence.
    pub message: String,
}

impl Panel {
    /// The figures of `status` as of `now`.
    pub fn of(status: &StreamStatus, now: Timestamp) -> Self {
        let counts = status.totals.counts;
        let moment = |at: Option<Timestamp>| at.map(|at| Moment::new(at, now));
        Self {
            key: status.stream.as_str(),
            title: title_of(status.stream),
            lag: status.lag.map(lag_text),
            rate: grouped(rate_of(&status.events_per_minute)),
            fetched: grouped(counts.fetched),
            delivered: grouped(counts.acknowledged),
            duplicates: grouped(counts.duplicate),
            excluded: grouped(counts.excluded),
            dead: grouped(counts.dead),
            has_dead: counts.dead > 0,
            bytes: (bytes(status.totals.bytes), bytes(status.totals.sent_bytes)),
            position: status.watermark.map(|at| (at.to_string(), Moment::new(at, now))),
            last_success: moment(status.last_success),
            last_error: status.last_error.as_ref().map(|error| PanelError::of(error, status, now)),
            next_poll: moment(status.next_poll),
            is_polling: status.is_polling,
            walked: status
                .walked_permille
                .filter(|_| status.is_polling)
                .map(|permille| permille.min(1_000) / 10),
            backlog: status.backlog.filter(|backlog| *backlog > 0).map(grouped),
            charts: vec![events_a_minute(&status.events_per_minute, now)],
        }
    }
}

impl PanelError {
    fn of(error: &StreamError, status: &StreamStatus, now: Timestamp) -> Self {
        let trouble = &error.trouble;
        Self {
            at: Moment::new(error.at, now),
            lasts: status.last_success.is_none_or(|success| success < error.at),
            tracker: trouble.tracker,
            code: trouble.error_code,
            message: printable(&trouble.message).into_owned(),
        }
    }
}

/// Events a minute in the last minutes that are over.
fn rate_of(events_per_minute: &[u32]) -> u64 {
    let over = events_per_minute.iter().rev().skip(1).take(RATE_MINUTES);
    let sum: u64 = over.map(|events| u64::from(*events)).sum();
    sum.div_ceil(RATE_MINUTES as u64)
}

fn events_a_minute(events_per_minute: &[u32], now: Timestamp) -> Columns {
    let past = MINUTE.saturating_mul(u32::try_from(events_per_minute.len()).unwrap_or_default());
    Columns {
        title: "Events a minute".to_owned(),
        unit: Unit::Count,
        values: events_per_minute.iter().map(|events| Some(u64::from(*events))).collect(),
        begin: now.minus(past).plus(MINUTE),
        span: MINUTE,
        limit: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_leaves_the_minute_out_that_is_not_over() {
        let mut minutes = vec![0; 60];
        minutes[59] = 1_000;
        assert_eq!(rate_of(&minutes), 0);
        minutes[58] = 95;
        minutes[40] = 1_000;
        assert_eq!(rate_of(&minutes), 10);
        assert_eq!(rate_of(&[]), 0);
    }
}
