//! The simulated Incydr as its users hold it.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::clock::Clock;
use crate::data::given::{GivenEvent, GivenRecord};
use crate::digest::{Digest, as_line};
use crate::faults::plan::FaultPlan;
use crate::http::record::RequestRecord;
use crate::http::server::HttpServer;
use crate::http::tls::TlsServer;
use crate::incydr::options::IncydrOptions;
use crate::incydr::rate::busiest_minute;
use crate::incydr::service::IncydrService;
use crate::incydr::truth::{Truth, TruthEntry};
use crate::moment::Moment;
use crate::stream::RecordKind;

/// A running simulated Incydr on 127.0.0.1. Dropping it ends it.
#[derive(Debug)]
pub struct SimulatedIncydr {
    service: Arc<IncydrService>,
    server: HttpServer,
}

impl IncydrOptions {
    pub(crate) fn first_tenant(&self) -> String {
        self.clients.first().map(|client| client.tenant.clone()).unwrap_or_default()
    }
}

impl SimulatedIncydr {
    /// Makes the records and starts to serve them.
    pub async fn start(options: IncydrOptions) -> io::Result<Self> {
        let tls = options.tls.as_ref().map(TlsServer::new).transpose()?;
        let port = options.port;
        let service = Arc::new(IncydrService::new(options));
        let server = HttpServer::start(service.clone(), port, tls).await?;
        Ok(Self { service, server })
    }

    /// As in `http://127.0.0.1:40123`.
    pub fn base_url(&self) -> String {
        let scheme = if self.service.options.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://127.0.0.1:{}", self.port())
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.server.port()
    }

    /// What goes wrong; may be changed at any time.
    pub fn faults(&self) -> &FaultPlan {
        &self.service.options.faults
    }

    /// The clock that everything here goes by.
    pub fn clock(&self) -> &Clock {
        &self.service.options.clock
    }

    /// Adds file events as given, to be found from `visible` on.
    pub fn add_events(&self, events: impl IntoIterator<Item = GivenEvent>, visible: Moment) {
        let mut tenant = self.service.tenant.lock();
        events.into_iter().for_each(|event| tenant.events.history.push_given(event, visible));
    }

    /// Adds invented file events that were all inserted at one moment.
    pub fn add_burst(&self, count: u64, inserted: Moment) {
        self.service.tenant.lock().add_burst(count, inserted);
    }

    /// Adds sessions as given, to be found from their begin on.
    pub fn add_sessions(&self, sessions: impl IntoIterator<Item = GivenRecord>) {
        self.service.tenant.lock().sessions.given.extend(sessions);
    }

    /// Adds audit rows as given, to be found from `visible` on.
    pub fn add_audit_rows(&self, rows: impl IntoIterator<Item = GivenRecord>, visible: Moment) {
        let mut tenant = self.service.tenant.lock();
        rows.into_iter().for_each(|row| tenant.add_given_row(row, visible));
    }

    /// Adds all sample documents of a folder, found by the names of their files.
    pub fn load_samples(&self, folder: &Path) -> io::Result<()> {
        let now = self.clock().now();
        self.add_events(GivenEvent::load_samples(folder)?, now);
        self.add_sessions(GivenRecord::load_session_samples(folder)?);
        self.add_audit_rows(GivenRecord::load_audit_samples(folder)?, now);
        Ok(())
    }

    /// Ends the life of every token at once.
    pub fn revoke_tokens(&self) {
        self.service.tokens.lock().revoke_all();
    }

    /// Everything that can be found by now, with the digest of its bytes.
    pub fn truth(&self) -> Truth {
        let now = self.clock().now();
        let tenant_id = self.service.options.first_tenant();
        let mut tenant = self.service.tenant.lock();
        tenant.grow(now);
        let mut entries = Vec::new();
        let history = &tenant.events.history;
        let mut document = Vec::new();
        for record in history.records().iter().filter(|record| record.visible <= now) {
            document.clear();
            history.document(record).write(&history.templates, &mut document);
            entries.push(entry(RecordKind::FileEvent, Some(history.id(record)), record.inserted, &document));
        }
        for view in tenant.sessions.visible(now, &tenant_id) {
            entries.push(entry(RecordKind::Session, Some(view.facts.session_id), view.begin, &view.bytes));
        }
        for alert in tenant.alerts(now, &tenant_id) {
            entries.push(entry(RecordKind::Alert, Some(alert.id), alert.created, &alert.details));
        }
        for row in tenant.audit.rows.iter().filter(|row| row.visible <= now) {
            entries.push(entry(RecordKind::AuditRow, None, row.at, &row.bytes()));
        }
        Truth { entries, served_versions: self.service.served.lock().clone() }
    }

    /// All requests so far, oldest first.
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.service.log.lock().all().to_vec()
    }

    /// How many requests met each endpoint, and how they were answered.
    pub fn traffic(&self) -> Traffic {
        let log = self.service.log.lock();
        let mut traffic = Traffic::default();
        let mut by_tenant: BTreeMap<&str, Vec<Moment>> = BTreeMap::new();
        for record in log.all() {
            let counts = traffic.endpoints.entry(record.endpoint).or_default();
            counts.requests += 1;
            counts.request_bytes += record.body_bytes;
            *counts.statuses.entry(record.status).or_default() += 1;
            if let Some(tenant) = &record.tenant {
                by_tenant.entry(tenant).or_default().push(record.at);
            }
        }
        traffic.busiest_minute = by_tenant.into_values().map(busiest_minute).max().unwrap_or(0);
        traffic
    }

    /// Returns once `count` answers have been started in all. Cancel safe.
    pub async fn wait_for_answers(&self, count: u64) {
        let mut answered = self.service.answered.subscribe();
        // The sender lives in the service, which outlives this call.
        answered.wait_for(|&answers| answers >= count).await.map(drop).unwrap_or_default();
    }

    /// Lets running answers finish for a moment, then refuses connections until [`Self::come_up`].
    pub async fn go_down(&self) {
        self.server.go_down().await;
    }

    /// Listens again on the same port, with everything as it was.
    pub async fn come_up(&self) -> io::Result<()> {
        self.server.come_up().await
    }

    /// Lets running answers finish for a moment, then ends.
    pub async fn stop(self) {
        self.server.go_down().await;
    }
}

/// Requests by endpoint.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Traffic {
    /// By the names that fault plans use.
    pub endpoints: BTreeMap<&'static str, EndpointTraffic>,
    /// The largest number of requests with valid bearer tokens of one tenant inside any 60 seconds.
    pub busiest_minute: usize,
}

/// What one endpoint met.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EndpointTraffic {
    /// Requests.
    pub requests: u64,
    /// Bytes of their bodies.
    pub request_bytes: u64,
    /// Answers by status; `None` counts requests without an answer.
    pub statuses: BTreeMap<Option<u16>, u64>,
}

fn entry(kind: RecordKind, id: Option<String>, at: Moment, document: &[u8]) -> TruthEntry {
    let line = as_line(document);
    let digest = Digest::of(&line);
    let len = u64::try_from(line.len()).unwrap_or(u64::MAX);
    TruthEntry { kind, id: id.unwrap_or_else(|| digest.to_string()), at, digest, len }
}
