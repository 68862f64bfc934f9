//! The simulated Sumo Logic as its users hold it.

use std::io;
use std::sync::Arc;

use crate::clock::Clock;
use crate::faults::plan::FaultPlan;
use crate::http::record::RequestRecord;
use crate::http::server::HttpServer;
use crate::http::tls::TlsServer;
use crate::sumo::options::SumoOptions;
use crate::sumo::received::Received;
use crate::sumo::service::SumoService;

/// A running simulated Sumo Logic on 127.0.0.1. Dropping it ends it.
#[derive(Debug)]
pub struct SimulatedSumo {
    service: Arc<SumoService>,
    server: HttpServer,
}

impl SimulatedSumo {
    /// Starts to listen.
    pub async fn start(options: SumoOptions) -> io::Result<Self> {
        let tls = options.tls.as_ref().map(TlsServer::new).transpose()?;
        let port = options.port;
        let service = Arc::new(SumoService::new(options));
        let server = HttpServer::start(service.clone(), port, tls).await?;
        Ok(Self { service, server })
    }

    /// As in `http://127.0.0.1:40124/receiver/v1/http/<code>`.
    pub fn url(&self) -> String {
        let options = &self.service.options;
        let scheme = if options.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://127.0.0.1:{}/receiver/v1/http/{}", self.port(), options.code)
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

    /// Everything taken in so far.
    pub fn received(&self) -> Received {
        let mut received = self.service.received.lock();
        received.catch_up();
        received.clone()
    }

    /// How many messages were taken in so far; cheap.
    pub fn message_count(&self) -> u64 {
        self.service.received.lock().messages
    }

    /// All requests so far, oldest first; without their bodies.
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.service.log.lock().all().to_vec()
    }

    /// Returns once `count` messages have been taken in. Cancel safe.
    pub async fn wait_for_messages(&self, count: u64) {
        let mut messages = self.service.messages.subscribe();
        // The sender lives in the service, which outlives this call.
        messages.wait_for(|&taken| taken >= count).await.map(drop).unwrap_or_default();
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
