//! The records of the simulated tenants: made at the start, grown as time passes, added to by tests.

use std::sync::Arc;
use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use crate::data::alerts::AlertDocuments;
use crate::data::audit::{audit_time, has_twin};
use crate::data::given::GivenRecord;
use crate::data::options::DataOptions;
use crate::data::sessions::SessionSeed;
use crate::data::template::TemplateSet;
use crate::incydr::audit::{AuditContent, AuditLog, AuditRow};
use crate::incydr::file_events::endpoint::FileEvents;
use crate::incydr::file_events::history::History;
use crate::incydr::sessions::Sessions;
use crate::moment::Moment;

/// Everything there is to collect.
#[derive(Debug)]
pub(crate) struct Tenant {
    pub(crate) events: FileEvents,
    pub(crate) sessions: Sessions,
    pub(crate) audit: AuditLog,
    options: DataOptions,
    random: SmallRng,
    new_events: Growing,
    new_sessions: Growing,
    new_rows: Growing,
}

/// Records of one kind that come into being at an even pace.
#[derive(Debug)]
struct Growing {
    since: Moment,
    per_second: f64,
    /// All records of this kind ever made, those of the history included; numbers their seeds.
    made: u64,
    grown: u64,
}

impl Growing {
    /// The next record that is due by `now`: its number, and when it came into being.
    fn next(&mut self, now: Moment) -> Option<(u64, Moment)> {
        if self.per_second <= 0.0 {
            return None;
        }
        let after = Duration::try_from_secs_f64((self.grown + 1) as f64 / self.per_second).ok()?;
        let at = self.since.plus(after);
        if at > now {
            return None;
        }
        self.grown += 1;
        self.made += 1;
        Some((self.made, at))
    }
}

impl Tenant {
    pub(crate) fn new(options: &DataOptions, tenant: &str, now: Moment) -> Self {
        let templates = Arc::new(TemplateSet::new(options.seed, tenant, options.mean_event_bytes));
        let growing = |per_second, made| Growing { since: now, per_second, made, grown: 0 };
        let mut this = Self {
            events: FileEvents::new(History::new(templates)),
            sessions: Sessions::default(),
            audit: AuditLog::default(),
            random: SmallRng::seed_from_u64(options.seed),
            new_events: growing(options.growth.file_events_per_second, options.file_events),
            new_sessions: growing(options.growth.sessions_per_hour / 3600.0, options.sessions),
            new_rows: growing(options.growth.audit_rows_per_minute / 60.0, options.audit_rows),
            options: options.clone(),
        };
        this.make_history(now);
        this
    }

    fn make_history(&mut self, now: Moment) {
        self.events.history.reserve(usize::try_from(self.options.file_events).unwrap_or_default());
        for number in 0..self.options.file_events {
            let at = self.moment_of(number, self.options.file_events, now);
            self.add_event(number, at);
        }
        for number in 0..self.options.sessions {
            let begin = self.moment_of(number, self.options.sessions, now);
            self.add_session(number, begin);
        }
        for number in 0..self.options.audit_rows {
            let at = self.moment_of(number, self.options.audit_rows, now);
            self.add_row(number, at);
        }
    }

    /// When the record with this number came into being: evenly spread, with some jitter.
    fn moment_of(&mut self, number: u64, all: u64, now: Moment) -> Moment {
        let place = (number as f64 + self.random.random::<f64>()) / all.max(1) as f64;
        now.minus(self.options.period.mul_f64(1.0 - place.min(1.0)))
    }

    /// Makes what has come into being since the last call.
    pub(crate) fn grow(&mut self, now: Moment) {
        while let Some((number, at)) = self.new_events.next(now) {
            self.add_event(number, at);
        }
        while let Some((number, at)) = self.new_sessions.next(now) {
            self.add_session(number, at);
        }
        while let Some((number, at)) = self.new_rows.next(now) {
            self.add_row(number, at);
        }
    }

    /// Adds invented file events that were all inserted at the same moment.
    pub(crate) fn add_burst(&mut self, count: u64, inserted: Moment) {
        let inserted = inserted.cut_to(6);
        for _ in 0..count {
            self.new_events.made += 1;
            self.add_event(self.new_events.made, inserted);
        }
    }

    fn add_event(&mut self, number: u64, inserted: Moment) {
        let visible = self.options.event_visibility.visible_at(inserted, &mut self.random);
        self.events.history.push_drawn(self.seed_of(number), inserted, visible);
    }

    fn add_session(&mut self, number: u64, begin: Moment) {
        self.sessions.drawn.push(SessionSeed { seed: self.seed_of(number), begin: begin.cut_to(3) });
    }

    fn add_row(&mut self, number: u64, happened: Moment) {
        let seed = self.seed_of(number);
        let at = audit_time(seed, happened);
        let copies = if has_twin(seed) { 2 } else { 1 };
        for _ in 0..copies {
            let visible = self.options.audit_visibility.visible_at(happened, &mut self.random);
            let content = AuditContent::Drawn { seed, at: happened };
            self.audit.rows.push(AuditRow { at, visible, content });
        }
    }

    /// Adds a row as given, to be found at once.
    pub(crate) fn add_given_row(&mut self, record: GivenRecord, visible: Moment) {
        let content = AuditContent::Given(record.bytes);
        self.audit.rows.push(AuditRow { at: record.at, visible, content });
    }

    fn seed_of(&self, number: u64) -> u64 {
        self.options.seed.wrapping_mul(1 << 40).wrapping_add(number)
    }

    /// All alerts that were raised by `now`.
    pub(crate) fn alerts(&self, now: Moment, tenant: &str) -> Vec<AlertDocuments> {
        self.sessions.drawn.iter().filter_map(|seed| seed.alert(now, tenant)).collect()
    }
}
