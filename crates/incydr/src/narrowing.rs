//! Reads endpoints that are paged by number without ever walking page numbers over a long time.
//!
//! Place on the path: hop 4. Rows move from page to page while a list that is paged by number changes, and what
//! moves against the walk is lost. So a span of time is narrowed until all its rows fit the first page; the next
//! cursor is the instant where the span ends (I5), and spans tile the range (I6). Only when a single millisecond
//! overflows a page are its page numbers walked, again and again until the walk proves itself (`one_millisecond`).
//!
//! A row belongs to the span that holds its own time; what an endpoint shows beyond that is left to the neighbor.
//! So no row without an id is ever counted in two spans, and identical rows, which share their time, are always
//! counted together.

mod one_millisecond;
mod span;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use incydr_core::checkpoint::{Cursor, WalkRange};
use incydr_core::event::EventBlock;
use incydr_core::source::{Page, PageEnd, Source, SourceError, SourceFault};
use incydr_core::stream::Stream;
use incydr_core::timestamp::Timestamp;

use crate::error::failed;
use crate::json_page;
use crate::page_decoder::Envelope;
pub(crate) use span::Span;

/// An endpoint that is paged by number. Implemented by sessions, alerts and the audit log.
#[async_trait]
pub(crate) trait NumberedEndpoint: Send + Sync {
    const STREAM: Stream;
    const IDENTITY: RowIdentity;

    /// The most rows of one page.
    fn page_limit(&self) -> u32;

    /// What is attempted, for errors about the rows themselves.
    fn attempt(&self) -> Arc<str>;

    /// Page `number`, counted from 0, of the rows of `span`; it may show some rows of the neighbors.
    async fn read(&self, span: Span, number: u32, size: u32) -> Result<NumberedPage, SourceError>;

    /// How many rows `span` has; `None` where the vendor does not count.
    async fn count(&self, span: Span) -> Result<Option<u64>, SourceError>;

    /// Adds to the rows that were chosen what their list did not show.
    async fn complete(&self, rows: Vec<EventBlock>) -> Result<Vec<EventBlock>, SourceError> {
        Ok(rows)
    }
}

/// What makes a row of an endpoint itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum RowIdentity {
    /// It has an id.
    Named,
    /// Its bytes, and how many rows of the same bytes came before it.
    Counted,
}

/// One page as the vendor gave it.
pub(crate) struct NumberedPage {
    pub(crate) blocks: Vec<EventBlock>,
    /// Rows on the page, those that cannot be decoded included.
    pub(crate) elements: u64,
    /// Rows on all pages, if the vendor says so.
    pub(crate) total: Option<u64>,
}

impl From<(Vec<EventBlock>, Envelope)> for NumberedPage {
    fn from((blocks, envelope): (Vec<EventBlock>, Envelope)) -> Self {
        Self { blocks, elements: json_page::elements(&envelope), total: envelope.total_count() }
    }
}

impl NumberedPage {
    /// Whether these are all rows there are. A full page may always hide some, whatever its total says; and a page
    /// may be full before we think so, when the vendor has lowered its limit.
    fn is_all(&self, size: u32) -> bool {
        self.elements < u64::from(size) && self.total.is_none_or(|total| self.elements >= total)
    }
}

/// The source of an endpoint that is paged by number.
pub(crate) struct Narrowed<E> {
    endpoint: E,
    /// The width in milliseconds that is likely to fit; a mere guess, so it may be shared and lost.
    likely_width: AtomicI64,
}

impl<E: NumberedEndpoint> Narrowed<E> {
    pub(crate) fn new(endpoint: E) -> Self {
        Self { endpoint, likely_width: AtomicI64::new(i64::MAX) }
    }

    /// The longest span from the beginning of `rest` whose rows one page can hold, and those rows.
    async fn narrow(&self, rest: Span, size: u32) -> Result<(Span, NumberedPage), SourceError> {
        let mut span = rest.shortened_to(self.likely_width.load(Ordering::Relaxed));
        loop {
            let page = self.endpoint.read(span, 0, size).await?;
            if page.is_all(size) {
                self.widen(span, &page, size);
                return Ok((span, page));
            }
            if span.is_one_millisecond() {
                return Ok((span, one_millisecond::read(&self.endpoint, span, size).await?));
            }
            span = span.shortened_to(span.width() / 2);
            self.likely_width.store(span.width(), Ordering::Relaxed);
        }
    }

    /// Guesses the next width, so that its rows are about half a page; a span that the range cut short says nothing.
    fn widen(&self, span: Span, page: &NumberedPage, size: u32) {
        let width = self.likely_width.load(Ordering::Relaxed);
        let half_a_page = u64::from(size) / 2;
        if span.width() >= width && page.elements <= half_a_page {
            let growth = (half_a_page / (page.elements + 1)).clamp(2, 16);
            let wider = width.saturating_mul(i64::try_from(growth).unwrap_or(2));
            self.likely_width.store(wider, Ordering::Relaxed);
        }
    }
}

#[async_trait]
impl<E: NumberedEndpoint> Source for Narrowed<E> {
    fn stream(&self) -> Stream {
        E::STREAM
    }

    async fn fetch_page(&self, range: &WalkRange, page_size: u32) -> Result<Box<dyn Page>, SourceError> {
        let whole = Span::between(range.from, range.to);
        let rest = match &range.cursor {
            Cursor::Start => whole,
            Cursor::At(instant) => whole.starting_at(*instant),
            Cursor::Token(_) => {
                let attempt = self.endpoint.attempt();
                return Err(failed(&attempt, SourceFault::InvalidCursor, "this endpoint has no page tokens"));
            }
        };
        if rest.is_empty() {
            return Ok(Box::new(NarrowedPage::default()));
        }
        let size = page_size.clamp(1, self.endpoint.page_limit().max(1));
        let (span, mut page) = self.narrow(rest, size).await?;
        let foreign = leave_to_neighbors(&mut page.blocks, span);
        let end = PageEnd {
            next: (span.end() < rest.end()).then(|| Cursor::At(span.end())),
            total_count: page.total.filter(|_| span == whole && !foreign),
        };
        let blocks = self.endpoint.complete(page.blocks).await?.into();
        Ok(Box::new(NarrowedPage { blocks, end }))
    }

    async fn count(&self, from: Timestamp, to: Timestamp) -> Result<Option<u64>, SourceError> {
        self.endpoint.count(Span::between(from, to)).await
    }
}

/// Drops the rows of other spans; returns whether there were any.
fn leave_to_neighbors(blocks: &mut [EventBlock], span: Span) -> bool {
    let mut foreign = false;
    for block in blocks {
        let before = block.events.len();
        block.events.retain(|entry| span.owns(entry.time));
        foreign |= block.events.len() < before;
    }
    foreign
}

/// All rows of one span.
#[derive(Default)]
struct NarrowedPage {
    blocks: VecDeque<EventBlock>,
    end: PageEnd,
}

#[async_trait]
impl Page for NarrowedPage {
    async fn next_block(&mut self) -> Result<Option<EventBlock>, SourceError> {
        while let Some(block) = self.blocks.pop_front() {
            if !block.events.is_empty() || !block.undecodable.is_empty() {
                return Ok(Some(block));
            }
        }
        Ok(None)
    }

    fn end(&self) -> PageEnd {
        self.end.clone()
    }
}

#[cfg(test)]
mod tests;
