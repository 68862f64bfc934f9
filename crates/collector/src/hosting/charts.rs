//! Figures of sources over time: shown to people, told to the journal once an hour and at the end, and recalled by the
//! next process.

use std::sync::Arc;
use std::time::Duration;

use incydr_core::stream::Stream;
use incydr_core::timestamp::Timestamp;

use crate::supervision::source_health::Part;
use crate::supervision::stream_meter::{Course, Scale, SpanFigures};

use super::fleet::Change;
use super::task::SourceTask;

/// How a source did over time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Charts {
    /// How finely, and how far back.
    pub scale: Scale,
    /// When the last span began; it is under way.
    pub last_begin: Timestamp,
    /// The streams, in the order of the configuration, each with as many spans as the scale has, oldest first.
    pub streams: Vec<(Stream, Vec<SpanFigures>)>,
    /// The requests of all sources of the tenant in the same spans.
    pub tenant_requests: Vec<u64>,
    /// Requests a minute that the tenant may be asked right now; `None` before the source first started.
    pub allowed_per_minute: Option<u32>,
}

/// A crash forgets no more than this.
const TELL_EVERY: Duration = Duration::from_secs(3_600);
/// Sources that start together tell in turns, which are spread over this.
const TURNS: Duration = Duration::from_secs(1_800);

/// When a source whose number is `id`, and which starts now, counts as having told its courses last.
pub(super) fn told_before(id: u64, now: Timestamp) -> Timestamp {
    now.minus(Duration::from_secs(id % TURNS.as_secs()))
}

impl SourceTask {
    /// How the source and all of `fleet_mates` that share its tenant did.
    pub(super) fn charts(&self, fleet_mates: &[Arc<Self>], scale: Scale) -> Charts {
        let now = self.common.clock.now();
        let spans = |stream: &Stream| {
            let course = self.course(*stream).unwrap_or_else(|| Course::beginning(now));
            (*stream, course.until(now, scale))
        };
        let streams = self.source().config.streams.iter().map(spans).collect();
        // Looked at last, so that they are never fewer than those of the source alone.
        let budget = self.observed().budget.clone();
        let mut tenant_requests = vec![0_u64; scale.spans()];
        for mate in fleet_mates {
            let shares = || Some(Arc::as_ptr(mate.observed().budget.as_ref()?));
            if budget.as_ref().is_some_and(|budget| shares() == Some(Arc::as_ptr(budget))) {
                mate.add_requests(&mut tenant_requests, scale, now);
            }
        }
        Charts {
            scale,
            last_begin: scale.span_begin(now),
            streams,
            tenant_requests,
            allowed_per_minute: budget.map(|budget| budget.requests_per_minute()),
        }
    }

    /// Tells the journal how the streams did, if it has not heard that for an hour.
    pub(super) fn tell_courses_if_due(&self, now: Timestamp) {
        let mut observed = self.observed();
        let is_due = now.since(observed.courses_told) >= TELL_EVERY;
        if is_due {
            observed.courses_told = now;
            drop(observed);
            self.tell_courses();
        }
    }

    /// Tells the journal how the streams did.
    pub(super) fn tell_courses(&self) {
        for stream in Stream::ALL {
            if let Some(course) = self.course(stream) {
                (self.common.journal)(self.id(), Change::Charted { stream, course: course.to_bytes() });
            }
        }
    }

    fn course(&self, stream: Stream) -> Option<Course> {
        let observed = self.observed();
        match observed.parts.get(&Part::Stream(stream)) {
            Some(observers) => observers.meter.course(),
            None => observed.recalled.get(&stream).cloned(),
        }
    }

    /// Adds the requests of all streams and backfills.
    fn add_requests(&self, sums: &mut [u64], scale: Scale, now: Timestamp) {
        let meters: Vec<_> =
            self.observed().parts.values().map(|observers| observers.meter.clone()).collect();
        for course in meters.iter().filter_map(|meter| meter.course()) {
            let spans = course.until(now, scale);
            sums.iter_mut().zip(spans).for_each(|(sum, span)| *sum = sum.saturating_add(span.requests));
        }
    }
}
