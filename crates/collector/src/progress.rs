//! What the operator sees while streams are collected: bars on a terminal, log lines elsewhere, and the figures that
//! the summary closes with.
//!
//! Place on the path: beside it. Progress learns of things that have happened and can hold nothing up.

mod bar;
mod log;
mod rate;
mod tally;
pub(crate) mod window;

use std::sync::{Arc, Mutex, PoisonError};

use incydr_core::clock::Clock;
use incydr_core::notice::{Notice, Notify};
use incydr_core::stream::Stream;
use incydr_core::timestamp::Timestamp;

use crate::screen::Screen;

use self::bar::StreamBar;
use self::log::StreamLog;
use self::rate::EventRate;
use self::window::WindowView;

pub use self::tally::StreamTally;

/// The progress of all streams of one run.
pub struct Progress {
    screen: Screen,
    clock: Arc<dyn Clock>,
    streams: Vec<Arc<Mutex<StreamProgress>>>,
}

impl Progress {
    /// No stream yet.
    pub fn new(screen: &Screen, clock: Arc<dyn Clock>) -> Self {
        Self { screen: screen.clone(), clock, streams: Vec::new() }
    }

    /// Adds `stream` below the others; what is returned takes its notices.
    pub fn add(&mut self, stream: Stream) -> Notify {
        let progress = Arc::new(Mutex::new(StreamProgress::new(stream, &self.screen)));
        self.streams.push(progress.clone());
        let clock = self.clock.clone();
        Arc::new(move |notice| {
            let now = clock.now();
            progress.lock().unwrap_or_else(PoisonError::into_inner).take(&notice, now);
        })
    }

    /// The figures of each stream so far, in the order in which they were added.
    pub fn tallies(&self) -> Vec<(Stream, StreamTally)> {
        let tally = |progress: &Arc<Mutex<StreamProgress>>| {
            let progress = progress.lock().unwrap_or_else(PoisonError::into_inner);
            (progress.stream, progress.tally.clone())
        };
        self.streams.iter().map(tally).collect()
    }

    /// Takes the bars off the screen, before the summary is shown.
    pub fn finish(&self) {
        for progress in &self.streams {
            if let Some(bar) = &progress.lock().unwrap_or_else(PoisonError::into_inner).bar {
                bar.remove();
            }
        }
    }
}

/// The progress of one stream.
struct StreamProgress {
    stream: Stream,
    tally: StreamTally,
    window: WindowView,
    rate: EventRate,
    log: StreamLog,
    /// Only on a terminal.
    bar: Option<StreamBar>,
}

impl StreamProgress {
    fn new(stream: Stream, screen: &Screen) -> Self {
        Self {
            stream,
            tally: StreamTally::default(),
            window: WindowView::default(),
            rate: EventRate::default(),
            log: StreamLog::new(stream, !screen.shows_bars()),
            bar: screen.shows_bars().then(|| StreamBar::new(stream, screen)),
        }
    }

    fn take(&mut self, notice: &Notice, now: Timestamp) {
        self.tally.count(notice);
        self.window.follow(notice);
        if let Notice::Acknowledged { events, .. } = notice {
            self.rate.count(*events, now);
        }
        let glance = self.glance(now);
        self.log.take(notice, &self.tally, &glance, now);
        if let Some(bar) = &mut self.bar {
            bar.take(notice, &self.tally, &glance);
        }
    }

    fn glance(&self, now: Timestamp) -> Glance {
        Glance {
            per_second: self.rate.per_second(now),
            reached: self.window.reached(),
            lag: self.window.reached().map(|reached| now.since(reached)),
            walked_permille: self.window.walked_permille(),
        }
    }
}

/// Where a stream stands at one moment.
struct Glance {
    /// Events acknowledged in each of the last seconds.
    per_second: u64,
    /// Up to where the stream has come.
    reached: Option<Timestamp>,
    /// How far that is behind the present.
    lag: Option<std::time::Duration>,
    /// How much of the open window was walked.
    walked_permille: u64,
}

#[cfg(test)]
mod tests;
