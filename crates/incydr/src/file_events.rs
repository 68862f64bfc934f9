//! File events: searched by the time of their insertion, walked by token.
//!
//! Place on the path: hop 4. The walk is sent with an explicit sort on every page, for the vendor's default runs
//! backwards, and starts with an empty token, for a null one ends after 10,000 events.

use std::sync::Arc;

use async_trait::async_trait;
use incydr_core::checkpoint::{Cursor, WalkRange};
use incydr_core::event::EventBlock;
use incydr_core::source::{Page, PageEnd, Source, SourceError};
use incydr_core::stream::Stream;
use incydr_core::timestamp::Timestamp;

use crate::client::Client;
use crate::json_page::{JsonPage, elements};
use crate::page_decoder::{Identity, PageShape, TimeField};
use crate::transport::Call;
use crate::wire::{FileEventQuery, Group};

const SHAPE: PageShape = PageShape {
    array: "fileEvents",
    identity: Identity::Immutable(&["event", "id"]),
    time: TimeField::Rfc3339(&["event", "inserted"]),
};

/// The term by which events are filtered and sorted; its clock is the server's.
const INSERTED: &str = "event.inserted";

/// The file events of one tenant.
pub(crate) struct FileEvents {
    client: Arc<Client>,
}

impl FileEvents {
    pub(crate) fn new(client: Arc<Client>) -> Self {
        Self { client }
    }

    fn search(
        &self,
        doing: &str,
        from: Timestamp,
        to: Timestamp,
        size: u32,
        token: Option<&str>,
    ) -> Result<Call, SourceError> {
        let query = FileEventQuery {
            groups: [Group::between(INSERTED, from, to)],
            group_clause: "AND",
            pg_num: 1,
            pg_size: size,
            pg_token: token,
            srt_dir: "asc",
            srt_key: INSERTED,
        };
        self.client.post(doing, "/v2/file-events", &query)
    }
}

#[async_trait]
impl Source for FileEvents {
    fn stream(&self) -> Stream {
        Stream::FileEvents
    }

    async fn fetch_page(&self, range: &WalkRange, page_size: u32) -> Result<Box<dyn Page>, SourceError> {
        let (from, token) = match &range.cursor {
            Cursor::Start => (range.from, ""),
            Cursor::Token(token) => (range.from, token.as_str()),
            // The token that ends this page names an event of the whole range too, so the walk goes on with it.
            Cursor::At(instant) => (instant.floor_to_millis(), ""),
        };
        let size = page_size.clamp(1, self.client.page_limits().file_events.max(1));
        let call = self.search("searching file events", from, range.to, size, Some(token))?;
        let answer = self.client.open(&call).await?;
        Ok(Box::new(FileEventPage {
            body: JsonPage::new(answer, SHAPE),
            token: token.to_owned(),
            covers_range: from == range.from,
        }))
    }

    async fn count(&self, from: Timestamp, to: Timestamp) -> Result<Option<u64>, SourceError> {
        let call = self.search("counting file events", from, to, 1, None)?;
        let (_, envelope) = JsonPage::new(self.client.open(&call).await?, SHAPE).collect().await?;
        Ok(envelope.total_count())
    }
}

/// One page of a walk by token.
struct FileEventPage {
    body: JsonPage,
    token: String,
    covers_range: bool,
}

#[async_trait]
impl Page for FileEventPage {
    async fn next_block(&mut self) -> Result<Option<EventBlock>, SourceError> {
        self.body.next_block().await
    }

    fn end(&self) -> PageEnd {
        let Some(envelope) = self.body.envelope() else {
            return PageEnd::default();
        };
        let next = envelope
            .next_page_token()
            // An empty page that repeats its own token is the end of the walk, not a loop.
            .filter(|token| *token != self.token || elements(envelope) > 0)
            .map(Cursor::Token);
        PageEnd { next, total_count: envelope.total_count().filter(|_| self.covers_range) }
    }
}
