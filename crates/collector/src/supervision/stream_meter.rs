//! The figures of one stream: how far it has come, what it has done, and when it polls next.
//!
//! Place on the path: beside it. A meter learns of things that have happened and can hold nothing up. It is small,
//! because an idle stream is most of the time nothing but its meter.

mod course;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use incydr_core::checkpoint::Checkpoint;
use incydr_core::health::Trouble;
use incydr_core::ledger::Counts;
use incydr_core::notice::Notice;
use incydr_core::stream::Stream;
use incydr_core::timestamp::Timestamp;

use crate::progress::window::WindowView;

pub use self::course::{Course, Scale, SpanFigures};

/// Counts what happens to one stream.
#[derive(Debug)]
pub struct StreamMeter {
    stream: Stream,
    reading: Mutex<Reading>,
}

#[derive(Debug, Default)]
struct Reading {
    window: WindowView,
    /// Events fetched in the open window, and what the vendor counted in it.
    window_events: u64,
    window_count: Option<u64>,
    totals: StreamTotals,
    /// Absent before anything has happened.
    course: Option<Box<Course>>,
    is_polling: bool,
    next_poll: Option<Timestamp>,
    last_success: Option<Timestamp>,
    last_error: Option<Box<StreamError>>,
}

/// The figures of a stream at one moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StreamStatus {
    /// Which stream.
    pub stream: Stream,
    /// Everything up to here was delivered and committed.
    pub watermark: Option<Timestamp>,
    /// How far that is behind the present; inside an open window it is the position reached that counts.
    pub lag: Option<Duration>,
    /// When everything that was wanted had last been collected.
    pub last_success: Option<Timestamp>,
    /// What went wrong last, even if it is well again.
    pub last_error: Option<StreamError>,
    /// What has become of its events.
    pub totals: StreamTotals,
    /// Events acknowledged in each of the last 60 minutes, oldest first, the present one last.
    pub events_per_minute: Vec<u32>,
    /// When it polls next; `None` while it polls, and when it has ended.
    pub next_poll: Option<Timestamp>,
    /// Whether it is polling right now.
    pub is_polling: bool,
    /// The walked part of the open window in thousandths; `None` when no window is open.
    pub walked_permille: Option<u16>,
    /// About how many events of the open window are still to come; `None` when nobody knows.
    pub backlog: Option<u64>,
}

/// What has become of the events of a stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct StreamTotals {
    /// Outcomes since the place was new.
    pub counts: Counts,
    /// Bytes of acknowledged events before compression, since the process began.
    pub bytes: u64,
    /// Bytes sent for them, over all destinations, since the process began.
    pub sent_bytes: u64,
}

/// A failure of a stream.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StreamError {
    /// When.
    pub at: Timestamp,
    /// What.
    pub trouble: Trouble,
}

impl StreamMeter {
    /// A meter of a stream of which nothing is known yet.
    pub fn new(stream: Stream) -> Self {
        Self { stream, reading: Mutex::default() }
    }

    /// The same for a stream whose course an earlier process has kept.
    pub fn with_course(stream: Stream, course: Option<Course>) -> Self {
        let course = course.map(Box::new);
        Self { stream, reading: Mutex::new(Reading { course, ..Reading::default() }) }
    }

    /// The place stands at `checkpoint`, and these are the outcomes of its whole life.
    pub fn take_place(&self, checkpoint: &Checkpoint, counts: Counts) {
        self.with(|reading| {
            reading.window = WindowView::at(checkpoint.watermark);
            reading.totals.counts = counts;
        });
    }

    /// A poll begins.
    pub fn begin_poll(&self) {
        self.with(|reading| {
            reading.is_polling = true;
            reading.next_poll = None;
        });
    }

    /// A poll has succeeded.
    pub fn succeed(&self, now: Timestamp) {
        self.with(|reading| reading.last_success = Some(now));
    }

    /// A poll has failed.
    pub fn fail(&self, trouble: Trouble, now: Timestamp) {
        self.with(|reading| reading.last_error = Some(Box::new(StreamError { at: now, trouble })));
    }

    /// No poll is under way; the next one begins then, if ever.
    pub fn rest(&self, next_poll: Option<Timestamp>) {
        self.with(|reading| {
            reading.is_polling = false;
            reading.next_poll = next_poll;
        });
    }

    /// Learns from what the engine tells.
    pub fn hear(&self, notice: &Notice, now: Timestamp) {
        self.with(|reading| reading.hear(notice, now));
    }

    /// A request to the vendor has ended; its answer, if there was one, began after `took`.
    pub fn exchanged(&self, took: Duration, now: Timestamp) {
        let request_micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let figures = SpanFigures { requests: 1, request_micros, ..SpanFigures::default() };
        self.with(|reading| reading.course(now).count(figures, now));
    }

    /// How the stream did over time; `None` before anything has happened.
    pub fn course(&self) -> Option<Course> {
        self.with(|reading| reading.course.as_deref().cloned())
    }

    /// The figures as of `now`.
    pub fn status(&self, now: Timestamp) -> StreamStatus {
        self.with(|reading| StreamStatus {
            stream: self.stream,
            watermark: reading.window.watermark(),
            lag: reading.window.reached().map(|reached| now.since(reached)),
            last_success: reading.last_success,
            last_error: reading.last_error.as_deref().cloned(),
            totals: reading.totals,
            events_per_minute: reading.events_per_minute(now),
            next_poll: reading.next_poll,
            is_polling: reading.is_polling,
            walked_permille: reading.walked_permille(),
            backlog: reading.backlog(),
        })
    }

    fn with<T>(&self, use_it: impl FnOnce(&mut Reading) -> T) -> T {
        use_it(&mut self.reading.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Reading {
    fn hear(&mut self, notice: &Notice, now: Timestamp) {
        self.window.follow(notice);
        let counts = &mut self.totals.counts;
        match notice {
            Notice::WindowOpened { .. } => (self.window_events, self.window_count) = (0, None),
            Notice::PageFetched { events, total_count, .. } => {
                self.window_events += events;
                self.window_count = *total_count;
            }
            Notice::Acknowledged { events, bytes, sent_bytes, .. } => {
                counts.fetched += events;
                counts.acknowledged += events;
                self.totals.bytes += bytes;
                self.totals.sent_bytes += sent_bytes;
                let figures = SpanFigures { events: *events, bytes: *bytes, ..SpanFigures::default() };
                self.course(now).count(figures, now);
            }
            Notice::Duplicates { events } => {
                counts.fetched += events;
                counts.duplicate += events;
            }
            Notice::Excluded { events } => {
                counts.fetched += events;
                counts.excluded += events;
            }
            Notice::DeadLettered { .. } => {
                counts.fetched += 1;
                counts.dead += 1;
            }
            Notice::Trouble(trouble) => {
                self.last_error = Some(Box::new(StreamError { at: now, trouble: trouble.clone() }));
            }
            Notice::RequestFailed
            | Notice::Oversize { .. }
            | Notice::Recovered
            | Notice::WindowClosed { .. } => {}
        }
    }

    fn course(&mut self, now: Timestamp) -> &mut Course {
        self.course.get_or_insert_with(|| Box::new(Course::beginning(now)))
    }

    fn events_per_minute(&self, now: Timestamp) -> Vec<u32> {
        let Some(course) = &self.course else { return vec![0; Scale::Hour.spans()] };
        let events = |span: SpanFigures| u32::try_from(span.events).unwrap_or(u32::MAX);
        course.until(now, Scale::Hour).into_iter().map(events).collect()
    }

    fn walked_permille(&self) -> Option<u16> {
        self.window.is_open().then(|| u16::try_from(self.window.walked_permille()).unwrap_or(u16::MAX))
    }

    /// Of a window in one range the vendor's count tells; of more ranges, the walked part of the time.
    fn backlog(&self) -> Option<u64> {
        match (self.window.ranges()?, self.window_count, self.window.walked_permille()) {
            (1, Some(count), _) => Some(count.saturating_sub(self.window_events)),
            (_, _, 0) => None,
            (_, _, walked) => Some(self.window_events * 1_000_u64.saturating_sub(walked) / walked),
        }
    }
}

#[cfg(test)]
mod tests;
