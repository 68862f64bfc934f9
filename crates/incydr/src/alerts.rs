//! Single alerts with their details, from the API that the vendor has deprecated.
//!
//! Place on the path: hop 4. A page names the alerts; their details are asked for in portions and are what is
//! delivered. An alert whose details do not come fails the page: it is never skipped.

use std::sync::Arc;

use async_trait::async_trait;
use incydr_core::event::{EventBlock, EventId, Undecodable};
use incydr_core::source::{SourceError, SourceFault};
use incydr_core::stream::Stream;

use crate::client::Client;
use crate::error::failed_in_200;
use crate::json_page::JsonPage;
use crate::narrowing::{NumberedEndpoint, NumberedPage, RowIdentity, Span};
use crate::page_decoder::{Identity, PageShape, TimeField};
use crate::wire::{AlertDetailsQuery, AlertQuery, AlertSummary, Group};

/// Summaries and details are of the same shape.
const SHAPE: PageShape = PageShape {
    array: "alerts",
    identity: Identity::Mutable(&["id"]),
    time: TimeField::Rfc3339(&["createdAt"]),
};

const SEARCHING: &str = "searching alerts";
const READING_DETAILS: &str = "reading alert details";

/// How often the details of an alert are asked for.
const ATTEMPTS: u32 = 2;

/// The alerts of one tenant.
pub(crate) struct Alerts {
    client: Arc<Client>,
}

impl Alerts {
    pub(crate) fn new(client: Arc<Client>) -> Self {
        Self { client }
    }

    async fn summaries(&self, span: Span, number: u32, size: u32) -> Result<NumberedPage, SourceError> {
        let tenant_id = self.client.tenant_id().await?;
        // The inclusive end is the next span's first millisecond: a filter that compares finer than milliseconds
        // would otherwise miss the alerts inside the last one.
        let query = AlertQuery {
            tenant_id: &tenant_id,
            groups: [Group::between("CreatedAt", span.start(), span.end())],
            group_clause: "AND",
            pg_num: number,
            pg_size: size,
            srt_key: "CreatedAt",
            srt_direction: "ASC",
        };
        let call = self.client.post(SEARCHING, "/v1/alerts/query-alerts", &query)?;
        JsonPage::new(self.client.open(&call).await?, SHAPE).collect().await.map(NumberedPage::from)
    }

    /// The details of all alerts that `wanted` names.
    async fn details(&self, wanted: &[String]) -> Result<Vec<EventBlock>, SourceError> {
        let mut missing = wanted.to_vec();
        let mut blocks = Vec::new();
        let mut damaged = Vec::new();
        for _ in 0..ATTEMPTS {
            damaged.clear();
            for mut block in self.ask_for_details(&missing).await? {
                block.events.retain(|entry| cross_off(&mut missing, entry.id.key));
                damaged.append(&mut block.undecodable);
                blocks.push(block);
            }
            if missing.is_empty() {
                break;
            }
        }
        self.account_for(missing.len(), &damaged)?;
        blocks.push(EventBlock { undecodable: damaged, ..EventBlock::default() });
        Ok(blocks)
    }

    async fn ask_for_details(&self, ids: &[String]) -> Result<Vec<EventBlock>, SourceError> {
        let query = AlertDetailsQuery { alert_ids: ids };
        let call = self.client.post(READING_DETAILS, "/v1/alerts/query-details", &query)?;
        let (blocks, _) = JsonPage::new(self.client.open(&call).await?, SHAPE).collect().await?;
        Ok(blocks)
    }

    /// An alert that is missing must at least be among the elements that cannot be decoded, which are kept.
    fn account_for(&self, missing: usize, damaged: &[Undecodable]) -> Result<(), SourceError> {
        if missing <= damaged.len() {
            return Ok(());
        }
        let attempt = self.client.attempt(READING_DETAILS);
        let info = format!("the details of {missing} alerts did not come");
        Err(failed_in_200(&attempt, SourceFault::BadPayload, info))
    }
}

#[async_trait]
impl NumberedEndpoint for Alerts {
    const STREAM: Stream = Stream::Alerts;
    const IDENTITY: RowIdentity = RowIdentity::Named;

    fn page_limit(&self) -> u32 {
        self.client.page_limits().alerts
    }

    fn attempt(&self) -> Arc<str> {
        self.client.attempt(SEARCHING)
    }

    async fn read(&self, span: Span, number: u32, size: u32) -> Result<NumberedPage, SourceError> {
        self.summaries(span, number, size).await
    }

    /// Puts the details in the place of the summaries.
    async fn complete(&self, summaries: Vec<EventBlock>) -> Result<Vec<EventBlock>, SourceError> {
        let attempt = self.client.attempt(READING_DETAILS);
        let mut ids = Vec::new();
        let mut blocks = Vec::new();
        for summary in summaries {
            for entry in &summary.events {
                ids.push(id_of(&attempt, summary.payload(entry))?);
            }
            // A summary without a usable id names nothing to ask for, so it is kept itself.
            blocks.push(EventBlock { undecodable: summary.undecodable, ..EventBlock::default() });
        }
        let portion = self.client.page_limits().alert_details.max(1) as usize;
        for wanted in ids.chunks(portion) {
            blocks.append(&mut self.details(wanted).await?);
        }
        Ok(blocks)
    }

    async fn count(&self, span: Span) -> Result<Option<u64>, SourceError> {
        Ok(self.summaries(span, 0, 1).await?.total)
    }
}

fn id_of(attempt: &str, summary: &[u8]) -> Result<String, SourceError> {
    match serde_json::from_slice(summary) {
        Ok(AlertSummary { id }) => Ok(id),
        Err(_) => Err(failed_in_200(attempt, SourceFault::BadPayload, "an alert has no readable id")),
    }
}

/// Removes the alert of this key from the list; returns whether it was there.
fn cross_off(missing: &mut Vec<String>, key: u128) -> bool {
    let before = missing.len();
    missing.retain(|id| EventId::of_mutable(id.as_bytes(), &[]).key != key);
    missing.len() < before
}
