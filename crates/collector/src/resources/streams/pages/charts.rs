//! The charts of a source: its streams, and the requests of its tenant.

use incydr_core::stream::Stream;

use crate::hosting::{Charts, Scale, SpanFigures};
use crate::pages::{Columns, Unit};

/// How one stream did.
pub fn charts_of_stream(charts: &Charts, stream: Stream) -> Vec<Columns> {
    let Some((_, spans)) = charts.streams.iter().find(|(own, _)| *own == stream) else { return Vec::new() };
    let of = |title: String, unit: Unit, figure: fn(&SpanFigures) -> Option<u64>| {
        columns(charts, title, unit, spans.iter().map(figure).collect())
    };
    let each = per_span(charts.scale);
    vec![
        of(format!("Events {each}"), Unit::Count, |span| Some(span.events)),
        of(format!("Bytes {each}"), Unit::Bytes, |span| Some(span.bytes)),
        of("Request latency".to_owned(), Unit::Latency, |span| {
            span.request_micros.checked_div(span.requests)
        }),
    ]
}

/// The requests of the tenant against what it may be asked.
pub fn charts_of_budget(charts: &Charts) -> Columns {
    let minutes = charts.scale.span().as_secs() / 60;
    let requests = charts.tenant_requests.iter().copied().map(Some).collect();
    Columns {
        limit: charts.allowed_per_minute.map(|allowed| u64::from(allowed).saturating_mul(minutes)),
        ..columns(charts, format!("Requests {}", per_span(charts.scale)), Unit::Count, requests)
    }
}

fn columns(charts: &Charts, title: String, unit: Unit, values: Vec<Option<u64>>) -> Columns {
    let before_last = u32::try_from(values.len().saturating_sub(1)).unwrap_or(u32::MAX);
    let span = charts.scale.span();
    let begin = charts.last_begin.minus(span.saturating_mul(before_last));
    Columns { title, unit, values, begin, span, limit: None }
}

const fn per_span(scale: Scale) -> &'static str {
    match scale {
        Scale::Hour => "a minute",
        Scale::Day => "in 15 minutes",
        Scale::Week => "in 2 hours",
    }
}
