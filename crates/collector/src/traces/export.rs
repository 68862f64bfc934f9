//! Sends spans to their receiver, several at once, and drops what it does not take.

use std::time::Duration;

use reqwest::Client;
use reqwest::header::CONTENT_TYPE;
use serde_json::json;
use tokio::sync::mpsc;

use super::span::Span;
use crate::allowed_origin::Origin;
use crate::http_client;

/// So many spans are sent at once.
const AT_ONCE: usize = 256;
/// The receiver must take them within this.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The way to a receiver.
pub(super) struct Exporter {
    client: Client,
    address: String,
}

impl Exporter {
    /// The way to the receiver at `endpoint`.
    pub(super) fn new(endpoint: &Origin) -> Result<Self, String> {
        let builder = http_client::builder(TIMEOUT);
        // No proxy leads to this machine.
        let builder = if endpoint.is_loopback() { builder.no_proxy() } else { builder };
        let client = builder.build().map_err(|error| format!("preparing the export of traces: {error}"))?;
        let address = format!("{endpoint}/v1/traces");
        Ok(Self { client, address })
    }

    /// Sends until nobody makes spans any more.
    pub(super) async fn export(self, mut spans: mpsc::Receiver<Span>) {
        let mut batch = Vec::new();
        let mut is_failing = false;
        while spans.recv_many(&mut batch, AT_ONCE).await > 0 {
            let outcome = self.send(&batch).await;
            match &outcome {
                Err(reason) if !is_failing => {
                    tracing::warn!(reason, "the receiver of traces does not take them; they are dropped");
                }
                Err(reason) => tracing::debug!(reason, spans = batch.len(), "traces were dropped"),
                Ok(()) if is_failing => tracing::info!("the receiver of traces takes them again"),
                Ok(()) => {}
            }
            is_failing = outcome.is_err();
            batch.clear();
        }
    }

    async fn send(&self, spans: &[Span]) -> Result<(), String> {
        let body = json!({ "resourceSpans": [{
            "resource": { "attributes": [
                { "key": "service.name", "value": { "stringValue": "incydr-collector" } },
                { "key": "service.version", "value": { "stringValue": env!("CARGO_PKG_VERSION") } },
            ] },
            "scopeSpans": [{
                "scope": { "name": "incydr-collector" },
                "spans": spans.iter().map(Span::json).collect::<Vec<_>>(),
            }],
        }] });
        let request = self.client.post(&self.address).header(CONTENT_TYPE, "application/json");
        let answer =
            request.body(body.to_string()).send().await.map_err(|error| error.without_url().to_string())?;
        match answer.status().is_success() {
            true => Ok(()),
            false => Err(format!("HTTP {}", answer.status())),
        }
    }
}
