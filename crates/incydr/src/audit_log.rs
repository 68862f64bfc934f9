//! The audit log: what the users of Incydr itself did.
//!
//! Place on the path: hop 4. Rows have no id, so their bytes are their name; pages have no total, so a full page
//! counts as one that does not fit, and a round number of rows is compared with the vendor's count; and a page without rows lacks its array.

use std::sync::Arc;

use async_trait::async_trait;
use incydr_core::source::SourceError;
use incydr_core::stream::Stream;
use incydr_core::timestamp::Timestamp;

use crate::client::Client;
use crate::json_page::JsonPage;
use crate::narrowing::{NumberedEndpoint, NumberedPage, RowIdentity, Span};
use crate::page_decoder::{Identity, PageShape, TimeField};
use crate::wire::{self, AuditCount, AuditQuery, DateRange};

const SHAPE: PageShape =
    PageShape { array: "events", identity: Identity::Row, time: TimeField::Rfc3339(&["timestamp"]) };

const DOING: &str = "searching the audit log";

/// A page that is not full and yet has a multiple of so many rows may be as many as the vendor now gives at most. Then
/// one more request asks how many there are.
const ROUND: u64 = 100;

/// What an empty page has instead of its array.
const KEY_OF_EMPTY_PAGE: &str = "paginationRangeStartIndex";

/// The dates travel as floating seconds, which may miss a millisecond by a hair to either side; so a little more
/// is asked for, and rows outside the span are left to its neighbors.
const MARGIN_MILLIS: i64 = 1;

/// The audit log of one tenant.
pub(crate) struct AuditLog {
    client: Arc<Client>,
}

impl AuditLog {
    pub(crate) fn new(client: Arc<Client>) -> Self {
        Self { client }
    }

    /// All rows that `query` finds, on whatever page.
    async fn total(&self, query: &AuditQuery) -> Result<u64, SourceError> {
        let call = self.client.post("counting the audit log", "/v1/audit/search-results-count", query)?;
        let AuditCount { total_result_count } = wire::read(self.client.open(&call).await?).await?;
        Ok(total_result_count)
    }

    /// One if there is any row from `from` to `to`.
    pub(crate) async fn probe(&self, from: Timestamp, to: Timestamp) -> Result<u64, SourceError> {
        Ok(self.read(Span::between(from, to), 0, 1).await?.elements)
    }
}

#[async_trait]
impl NumberedEndpoint for AuditLog {
    const STREAM: Stream = Stream::AuditLogs;
    const IDENTITY: RowIdentity = RowIdentity::Counted;

    fn page_limit(&self) -> u32 {
        self.client.page_limits().audit_log
    }

    fn attempt(&self) -> Arc<str> {
        self.client.attempt(DOING)
    }

    async fn read(&self, span: Span, number: u32, size: u32) -> Result<NumberedPage, SourceError> {
        let date_range = DateRange {
            start_time: seconds(span.start_millis() - MARGIN_MILLIS),
            end_time: seconds(span.end_millis() + MARGIN_MILLIS),
        };
        let query = AuditQuery { page: number, page_size: size, date_range };
        let call = self.client.post(DOING, "/v1/audit/search-audit-log", &query)?;
        let page = JsonPage::new(self.client.open(&call).await?, SHAPE).empty_with(KEY_OF_EMPTY_PAGE);
        let (blocks, envelope) = page.collect().await?;
        // A total stands only in empty answers, where it counts other rows than those of the page.
        let page = NumberedPage { total: None, ..NumberedPage::from((blocks, envelope)) };
        let may_be_cut = number == 0 && page.elements > 0 && page.elements.is_multiple_of(ROUND);
        if !may_be_cut || page.elements >= u64::from(size) {
            return Ok(page);
        }
        Ok(NumberedPage { total: Some(self.total(&query).await?), ..page })
    }

    async fn count(&self, _span: Span) -> Result<Option<u64>, SourceError> {
        Ok(None)
    }
}

/// Seconds since the epoch as the vendor's own client sends them.
fn seconds(millis: i64) -> f64 {
    millis as f64 / 1000.0
}
