//! The way in: which endpoint answers for which stream.

use std::sync::Arc;

use incydr_core::source::{Source, SourceError};
use incydr_core::stream::Stream;
use incydr_core::timestamp::Timestamp;

use crate::alerts::Alerts;
use crate::audit_log::AuditLog;
use crate::client::Client;
use crate::file_events::FileEvents;
use crate::narrowing::Narrowed;
use crate::sessions::Sessions;

/// Which API gives the alerts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum AlertsApi {
    /// Alerts grouped in sessions, which the vendor offers today.
    #[default]
    Sessions,
    /// Single alerts with their details, which the vendor has deprecated.
    Alerts,
}

/// The source of one stream; it shares token and budget with all others made from the same client.
pub fn source(client: Arc<Client>, stream: Stream, alerts_api: AlertsApi) -> Box<dyn Source> {
    match (stream, alerts_api) {
        (Stream::FileEvents, _) => Box::new(FileEvents::new(client)),
        (Stream::Alerts, AlertsApi::Sessions) => Box::new(Narrowed::new(Sessions::new(client))),
        (Stream::Alerts, AlertsApi::Alerts) => Box::new(Narrowed::new(Alerts::new(client))),
        (Stream::AuditLogs, _) => Box::new(Narrowed::new(AuditLog::new(client))),
    }
}

impl Client {
    /// Asks for one record of `stream` to prove that it may be read, and returns how many are visible from `from`
    /// to `to`; for the audit log, whose rows the vendor does not count, one if there is any.
    pub async fn probe(
        self: &Arc<Self>,
        stream: Stream,
        alerts_api: AlertsApi,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<u64, SourceError> {
        if stream == Stream::AuditLogs {
            return AuditLog::new(Arc::clone(self)).probe(from, to).await;
        }
        let visible = source(Arc::clone(self), stream, alerts_api).count(from, to).await?;
        Ok(visible.unwrap_or_default())
    }
}
