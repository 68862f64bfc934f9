//! The series of sources and their streams.

use std::collections::BTreeMap;
use std::fmt;

use incydr_core::ledger::Counts;
use prometheus_client::encoding::DescriptorEncoder;

use super::family::{counters, gauges};
use crate::hosting::{BudgetStatus, SourceStatus, StreamStatus};

/// What is told of a source. It is much less than its status, of which there may be thousands.
#[derive(Debug)]
pub(super) struct SourceFigures {
    id: String,
    name: String,
    state: &'static str,
    /// Type and tracker.
    error: Option<(&'static str, &'static str)>,
    budget: Option<BudgetStatus>,
    backfills: usize,
    streams: Vec<StreamFigures>,
}

#[derive(Debug)]
struct StreamFigures {
    stream: &'static str,
    counts: Counts,
    bytes: u64,
    sent_bytes: u64,
    lag_seconds: Option<f64>,
    last_success: Option<f64>,
    backlog: Option<u64>,
}

impl From<SourceStatus> for SourceFigures {
    fn from(status: SourceStatus) -> Self {
        let error = status.state.error.map(|trouble| (trouble.error_type.as_str(), trouble.tracker));
        Self {
            id: status.id.to_string(),
            name: status.name,
            state: status.state.state.as_str(),
            error,
            budget: status.budget,
            backfills: status.backfills.len(),
            streams: status.streams.iter().map(StreamFigures::from).collect(),
        }
    }
}

impl From<&StreamStatus> for StreamFigures {
    fn from(status: &StreamStatus) -> Self {
        Self {
            stream: status.stream.as_str(),
            counts: status.totals.counts,
            bytes: status.totals.bytes,
            sent_bytes: status.totals.sent_bytes,
            lag_seconds: status.lag.map(|lag| lag.as_secs_f64()),
            last_success: status.last_success.map(|at| at.as_millis() as f64 / 1_000.0),
            backlog: status.backlog,
        }
    }
}

/// Writes the families.
pub(super) fn encode(encoder: &mut DescriptorEncoder<'_>, sources: &[SourceFigures]) -> fmt::Result {
    encode_sources(encoder, sources)?;
    encode_outcomes(encoder, sources)?;
    encode_progress(encoder, sources)
}

fn encode_sources(encoder: &mut DescriptorEncoder<'_>, sources: &[SourceFigures]) -> fmt::Result {
    let mut by_state = BTreeMap::<&str, u64>::new();
    sources.iter().for_each(|source| *by_state.entry(source.state).or_default() += 1);
    let count = by_state.iter().map(|(state, count)| ([("state", *state)], *count as f64));
    gauges(encoder, "incydr_collector_sources", "Sources that run, by state", count)?;
    let names = sources.iter().map(|source| ([("source", &*source.id), ("name", &*source.name)], 1.0));
    gauges(encoder, "incydr_collector_source_info", "The name of a source", names)?;
    let states = sources.iter().map(|source| ([("source", &*source.id), ("state", source.state)], 1.0));
    gauges(encoder, "incydr_collector_source_state", "1 for the state that a source is in", states)?;
    let errors = sources.iter().filter_map(|source| {
        let (error_type, tracker) = source.error?;
        Some(([("source", &*source.id), ("error_type", error_type), ("tracker", tracker)], 1.0))
    });
    gauges(encoder, "incydr_collector_source_error", "1 for the error that a source is in", errors)?;
    let backfills = sources.iter().map(|source| ([("source", &*source.id)], source.backfills as f64));
    gauges(encoder, "incydr_collector_backfills", "Backfills of a source that have not ended", backfills)?;
    let budgets = || sources.iter().filter_map(|source| Some(([("source", &*source.id)], source.budget?)));
    gauges(
        encoder,
        "incydr_collector_request_budget_allowed",
        "Requests a minute that the tenant of a source may be asked right now",
        budgets().map(|(labels, budget)| (labels, f64::from(budget.allowed))),
    )?;
    gauges(
        encoder,
        "incydr_collector_request_budget_used",
        "Requests to the tenant of a source in the last minute",
        budgets().map(|(labels, budget)| (labels, f64::from(budget.used))),
    )
}

fn encode_outcomes(encoder: &mut DescriptorEncoder<'_>, sources: &[SourceFigures]) -> fmt::Result {
    let outcomes = streams(sources).flat_map(|(source, figures)| {
        let Counts { acknowledged, duplicate, excluded, dead, fetched: _ } = figures.counts;
        let outcomes = [
            ("acknowledged", acknowledged),
            ("duplicate", duplicate),
            ("excluded", excluded),
            ("dead_letter", dead),
        ];
        outcomes.map(|(outcome, events)| {
            ([("source", &*source.id), ("stream", figures.stream), ("outcome", outcome)], events)
        })
    });
    counters(
        encoder,
        "incydr_collector_events",
        "Events fetched since the place was new, by what became of them",
        outcomes,
    )?;
    counters(
        encoder,
        "incydr_collector_event_bytes",
        "Bytes of acknowledged events before compression",
        streams(sources).map(|(source, figures)| (labels_of(source, figures), figures.bytes)),
    )?;
    counters(
        encoder,
        "incydr_collector_sent_bytes",
        "Bytes sent for acknowledged events, over all destinations",
        streams(sources).map(|(source, figures)| (labels_of(source, figures), figures.sent_bytes)),
    )
}

fn encode_progress(encoder: &mut DescriptorEncoder<'_>, sources: &[SourceFigures]) -> fmt::Result {
    let known = |of: fn(&StreamFigures) -> Option<f64>| {
        streams(sources).filter_map(move |(source, figures)| Some((labels_of(source, figures), of(figures)?)))
    };
    gauges(
        encoder,
        "incydr_collector_lag_seconds",
        "How far what is delivered is behind the present",
        known(|figures| figures.lag_seconds),
    )?;
    gauges(
        encoder,
        "incydr_collector_last_success_timestamp_seconds",
        "When a poll last succeeded",
        known(|figures| figures.last_success),
    )?;
    gauges(
        encoder,
        "incydr_collector_backlog_events",
        "About how many events of the open window are still to come",
        known(|figures| figures.backlog.map(|events| events as f64)),
    )
}

fn streams(sources: &[SourceFigures]) -> impl Iterator<Item = (&SourceFigures, &StreamFigures)> {
    sources.iter().flat_map(|source| source.streams.iter().map(move |stream| (source, stream)))
}

fn labels_of<'a>(source: &'a SourceFigures, stream: &StreamFigures) -> [(&'static str, &'a str); 2] {
    [("source", &source.id), ("stream", stream.stream)]
}
