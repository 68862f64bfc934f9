//! The first seam: where events come from.
//!
//! Place on the path: hop 4. A source answers for one stream of one tenant. It never keeps a place of its own: what
//! it is asked for stands in the [`WalkRange`], and what comes next stands in the [`PageEnd`].

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use thiserror::Error;

use crate::checkpoint::{Cursor, WalkRange};
use crate::event::EventBlock;
use crate::stream::Stream;
use crate::timestamp::Timestamp;

/// One stream of one tenant. Implemented by the Incydr client and by the sources of the crash simulation.
#[async_trait]
pub trait Source: Send + Sync {
    /// Which stream this is.
    fn stream(&self) -> Stream;

    /// Asks for the page at `range.cursor`, with at most `page_size` events (the source may ask for fewer when its
    /// endpoint allows fewer).
    ///
    /// Returns as soon as the vendor has answered well; the events are read from the page while the body still
    /// arrives. Dropping the page cancels the download.
    async fn fetch_page(&self, range: &WalkRange, page_size: u32) -> Result<Box<dyn Page>, SourceError>;

    /// How many events the vendor has from `from` (inclusive) to `to` (inclusive); `None` where the vendor cannot
    /// tell. Used to split long histories, never to end a walk.
    async fn count(&self, from: Timestamp, to: Timestamp) -> Result<Option<u64>, SourceError>;
}

/// A page whose body is still arriving.
#[async_trait]
pub trait Page: Send {
    /// The next events in page order; `None` once the whole page was read and found complete.
    ///
    /// An error means that the page is not complete: what it gave so far stays valid, but the cursor must not move.
    async fn next_block(&mut self) -> Result<Option<EventBlock>, SourceError>;

    /// What the page said besides its events. Call it after [`Page::next_block`] gave `None`.
    fn end(&self) -> PageEnd;
}

/// What stands around the events of a page.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PageEnd {
    /// Where the next page begins; `None` when the walk is complete.
    pub next: Option<Cursor>,
    /// All matches of the query, not of the page, as counted when this page was answered.
    pub total_count: Option<u64>,
}

/// Why a request to the vendor failed: what was attempted, which kind of fault, and the vendor's words.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{attempt}: {fault}{}", describe(*.code, .info))]
pub struct SourceError {
    /// What was attempted on what, lower case, as in `searching file events at api.us.code42.com`.
    pub attempt: String,
    /// What the caller does next depends on this alone.
    pub fault: SourceFault,
    /// The HTTP status, where there was an answer.
    pub code: Option<u16>,
    /// The vendor's answer or the system's message, shortened, without secrets and payloads.
    pub info: String,
    /// How long the vendor asks us to wait.
    pub retry_after: Option<Duration>,
}

/// Code and vendor's words as they follow a message.
fn describe(code: Option<u16>, info: &str) -> String {
    match (code, info) {
        (None, "") => String::new(),
        (None, info) => format!(": {info}"),
        (Some(code), "") => format!(" (HTTP {code})"),
        (Some(code), info) => format!(" (HTTP {code}): {info}"),
    }
}

/// Kinds of failure at the vendor's side.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SourceFault {
    /// The token endpoint refused the client ID or secret key (401 `invalid_client`).
    InvalidClient,
    /// A data request was refused with 401 although the token had just been renewed.
    Unauthorized,
    /// 403: the API client may not read this stream.
    Forbidden,
    /// 429.
    RateLimited,
    /// The page token is no longer known; walk on from the position instead.
    InvalidCursor,
    /// The vendor says that the answer would be too large; ask for a smaller page.
    TooLarge,
    /// The body ended early or is not the JSON that it must be.
    BadPayload,
    /// The status was 200, the body was an error or no answer at all.
    ErrorIn200,
    /// 400 for another reason than the page token.
    InvalidQuery,
    /// 5xx, or a status that this endpoint does not document.
    Upstream,
    /// The host name does not resolve.
    Dns,
    /// The TLS handshake failed or its certificate is not trusted.
    Tls,
    /// No connection, or it broke.
    Connect,
    /// The proxy refused.
    Proxy,
    /// The answer trickles.
    Slow,
    /// No complete answer before the deadline.
    Timeout,
    /// The same page token came twice.
    TokenLoop,
    /// A hundred pages in a row were empty and promised more.
    EmptyPages,
    /// The request budget could not be recorded in the ledger, so that nothing was sent.
    BudgetUnavailable {
        /// The stable name of the ledger's trouble, as in `StorageFull`.
        tracker: &'static str,
    },
}

impl fmt::Display for SourceFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::InvalidClient => "the client ID or secret key was refused",
            Self::Unauthorized => "refused although the token is new",
            Self::Forbidden => "the API client lacks the permission",
            Self::RateLimited => "too many requests",
            Self::InvalidCursor => "the page token is no longer valid",
            Self::TooLarge => "the answer would be too large",
            Self::BadPayload => "the answer cannot be decoded",
            Self::ErrorIn200 => "the answer is an error although its status is 200",
            Self::InvalidQuery => "the query was refused",
            Self::Upstream => "the service failed",
            Self::Dns => "the host name does not resolve",
            Self::Tls => "no trusted TLS connection",
            Self::Connect => "the connection failed",
            Self::Proxy => "the proxy refused",
            Self::Slow => "the answer arrives too slowly",
            Self::Timeout => "no answer in time",
            Self::TokenLoop => "the same page token came twice",
            Self::EmptyPages => "too many empty pages in a row",
            Self::BudgetUnavailable { .. } => "the request budget cannot be recorded",
        })
    }
}
