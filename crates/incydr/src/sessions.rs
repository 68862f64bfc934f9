//! Sessions: what the vendor calls alerts today, grouped by actor and stretch of activity.
//!
//! Place on the path: hop 4. Filtered by begin time alone, for there is no filter on changes; each row carries a
//! version made of its content. Only sessions with alerts are asked for: they are the stream's records.

use std::sync::Arc;

use async_trait::async_trait;
use incydr_core::source::SourceError;
use incydr_core::stream::Stream;

use crate::client::Client;
use crate::json_page::JsonPage;
use crate::narrowing::{NumberedEndpoint, NumberedPage, RowIdentity, Span};
use crate::page_decoder::{Identity, PageShape, TimeField};

const SHAPE: PageShape = PageShape {
    array: "items",
    identity: Identity::Mutable(&["sessionId"]),
    time: TimeField::EpochMillis(&["beginTime"]),
};

const DOING: &str = "reading sessions";

/// The sessions of one tenant.
pub(crate) struct Sessions {
    client: Arc<Client>,
}

impl Sessions {
    pub(crate) fn new(client: Arc<Client>) -> Self {
        Self { client }
    }
}

#[async_trait]
impl NumberedEndpoint for Sessions {
    const STREAM: Stream = Stream::Alerts;
    const IDENTITY: RowIdentity = RowIdentity::Named;

    fn page_limit(&self) -> u32 {
        self.client.page_limits().sessions
    }

    fn attempt(&self) -> Arc<str> {
        self.client.attempt(DOING)
    }

    async fn read(&self, span: Span, number: u32, size: u32) -> Result<NumberedPage, SourceError> {
        let query = [
            ("on_or_after", span.start_millis().to_string()),
            // Exclusive, as the span's own end.
            ("before", span.end_millis().to_string()),
            ("has_alerts", "true".to_owned()),
            ("order_by", "end_time".to_owned()),
            ("sort_direction", "DESC".to_owned()),
            ("page_number", number.to_string()),
            ("page_size", size.to_string()),
        ];
        let call = self.client.get(DOING, "/v1/sessions", &query);
        let page = JsonPage::new(self.client.open(&call).await?, SHAPE);
        page.collect().await.map(NumberedPage::from)
    }

    async fn count(&self, span: Span) -> Result<Option<u64>, SourceError> {
        Ok(self.read(span, 0, 1).await?.total)
    }
}
