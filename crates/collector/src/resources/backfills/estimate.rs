//! What it would take to collect a stretch of history.

use incydr_client::client::PageLimits;
use incydr_core::stream::Stream;
use incydr_core::timestamp::Timestamp;

use crate::api::Api;
use crate::hosting::HostedSource;
use crate::printable::printable;
use crate::source_config::AlertsApi;

/// What there is to collect.
pub struct Estimate {
    /// How many events the vendor has; `None` where nobody can tell.
    pub events: Option<u64>,
    /// How many requests it takes at least to read them.
    pub requests: Option<u64>,
    /// Why nobody can tell.
    pub note: Option<String>,
}

/// Asks the vendor how many events of `stream` it has from `from` to `to`.
pub async fn estimate(
    api: &Api,
    source: &HostedSource,
    stream: Stream,
    from: Timestamp,
    to: Timestamp,
) -> Estimate {
    let unknown = |note: String| Estimate { events: None, requests: None, note: Some(note) };
    match api.fleet.count(source.id, stream, from, to).await {
        None => unknown("the source does not run".to_owned()),
        Some(Err(trouble)) => unknown(printable(&trouble.message).into_owned()),
        Some(Ok(None)) => unknown(format!("the vendor does not count {stream}")),
        Some(Ok(Some(events))) => {
            let requests = requests_for(source.config.alerts_api, stream, events);
            Estimate { events: Some(events), requests: Some(requests), note: None }
        }
    }
}

/// Full pages only, and nothing is asked twice.
fn requests_for(alerts_api: AlertsApi, stream: Stream, events: u64) -> u64 {
    let limits = PageLimits::default();
    let pages = |of: u32| events.div_ceil(u64::from(of)).max(1);
    match (stream, alerts_api) {
        (Stream::FileEvents, _) => pages(limits.file_events),
        (Stream::Alerts, AlertsApi::Sessions) => pages(limits.sessions),
        (Stream::Alerts, AlertsApi::Alerts) if events > 0 => {
            pages(limits.alerts) + pages(limits.alert_details)
        }
        (Stream::Alerts, AlertsApi::Alerts) => 1,
        (Stream::AuditLogs, _) => pages(limits.audit_log),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_full_pages_and_at_least_one() {
        let requests =
            |alerts_api, stream| [0, 1, 100, 500, 501].map(|events| requests_for(alerts_api, stream, events));
        assert_eq!(requests(AlertsApi::Sessions, Stream::FileEvents), [1; 5]);
        assert_eq!(requests(AlertsApi::Sessions, Stream::Alerts), [1, 1, 2, 10, 11]);
        assert_eq!(requests(AlertsApi::Alerts, Stream::Alerts), [1, 2, 2, 6, 8]);
        assert_eq!(requests_for(AlertsApi::Sessions, Stream::FileEvents, 10_001), 2);
    }
}
