//! The rows of the Collection page: what is kept of collectors and sources, and what the fleet says of them right now.

use incydr_core::health::{SourceState, StateRecord};
use incydr_core::timestamp::Timestamp;
use incydr_store::{CollectorRow, OverviewRow, SourceRow};

use crate::api::Api;
use crate::figures::grouped;
use crate::hosting::{SourceId, SourceStatus};
use crate::pages::{HealthBadge, Moment, Sparkline, lag_text, state_class};
use crate::printable::printable;
use crate::resources::sources::{newest_state, pages};

pub(super) enum Row {
    Collector(ShownCollector),
    Source(ShownSource),
}

pub(super) struct ShownCollector {
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) category: String,
    pub(super) health: HealthBadge,
    /// As in `3 sources`.
    pub(super) sources: String,
}

pub(super) struct ShownSource {
    pub(super) id: u64,
    pub(super) href: String,
    pub(super) name: String,
    pub(super) category: String,
    pub(super) health: HealthBadge,
    pub(super) state: SourceState,
    pub(super) state_class: &'static str,
    /// What the state means right now.
    pub(super) explanation: String,
    pub(super) error_code: Option<u16>,
    pub(super) error_info: String,
    /// Events a minute.
    pub(super) sparkline: Sparkline,
    /// Events in the last hour.
    pub(super) events: String,
    pub(super) lag: String,
}

impl Row {
    pub(super) fn of(api: &Api, row: OverviewRow, now: Timestamp) -> Self {
        match row {
            OverviewRow::Collector(collector) => Self::Collector(ShownCollector::of(collector)),
            OverviewRow::Source(source) => {
                let status = api.fleet.status(SourceId(source.id));
                Self::Source(ShownSource::of(source, status.as_ref(), now))
            }
        }
    }
}

impl ShownCollector {
    fn of(row: CollectorRow) -> Self {
        Self {
            id: row.id,
            health: HealthBadge::of_collector(row.id, row.in_error),
            name: printable(&row.name).into_owned(),
            category: row.category.as_deref().map(printable).unwrap_or_default().into_owned(),
            sources: match row.sources {
                1 => "1 source".to_owned(),
                many => format!("{} sources", grouped(many)),
            },
        }
    }
}

impl ShownSource {
    fn of(row: SourceRow, status: Option<&SourceStatus>, now: Timestamp) -> Self {
        let state = newest_state(row.stopping, &row.state, status.map(|status| &status.state));
        let open = status.map_or(row.open_events.len(), |status| status.open_events.len());
        let streams = status.map(|status| &status.streams[..]).unwrap_or_default();
        let sparkline = Sparkline::sum_of(streams.iter().map(|stream| &stream.events_per_minute[..]));
        let lag = streams.iter().filter_map(|stream| stream.lag).max();
        Self {
            id: row.id,
            href: pages::path_of(row.collector_id, row.id),
            health: HealthBadge::of_source(row.id, state.state, open, dropped_fields(status)),
            name: printable(&row.name).into_owned(),
            category: row.category.as_deref().map(printable).unwrap_or_default().into_owned(),
            state: state.state,
            state_class: state_class(state.state),
            explanation: explanation(&state, now),
            error_code: state.error_code,
            error_info: state.error_info.as_deref().map(printable).unwrap_or_default().into_owned(),
            events: grouped(sparkline.total()),
            sparkline,
            lag: lag.map(lag_text).unwrap_or_default(),
        }
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.state == SourceState::Stopping
    }

    pub(super) fn has_error(&self) -> bool {
        self.error_code.is_some() || !self.error_info.is_empty()
    }
}

fn dropped_fields(status: Option<&SourceStatus>) -> &[String] {
    status.map(|status| &status.dropped_fields[..]).unwrap_or_default()
}

/// As in `Error (ThirdPartyConfigError), since 3 min ago`.
fn explanation(state: &StateRecord, now: Timestamp) -> String {
    let since = Moment::new(state.since, now).relative();
    match state.error_type {
        Some(error_type) => format!("{} ({}), since {since}", state.state.as_str(), error_type.event_name()),
        None => format!("{}, since {since}", state.state.as_str()),
    }
}
