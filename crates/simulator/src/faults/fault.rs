//! The misfortunes themselves.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::faults::poison::Poison;

/// One thing that goes wrong with a request or its answer.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Fault {
    /// This is answered instead of what the endpoint would say. A request to Sumo that is answered so was
    /// dropped, unless [`Fault::Ingest`] says otherwise.
    Answer(CannedAnswer),
    /// The answer comes late.
    Delay {
        /// By so many milliseconds.
        millis: u64,
    },
    /// Nothing more is sent, while the connection stays open.
    Hang {
        /// From here on.
        at: BreakPoint,
    },
    /// The connection breaks.
    Break {
        /// Here.
        at: BreakPoint,
        /// In this way.
        how: BreakKind,
    },
    /// The body ends early in an answer that is complete for HTTP.
    Truncate {
        /// After so many bytes, as sent (that is, compressed when the answer is).
        at: u64,
    },
    /// The answer crawls.
    Trickle {
        /// From here on.
        from: TrickleStart,
        /// So many bytes at once.
        bytes: usize,
        /// Then none for so many milliseconds.
        every_millis: u64,
    },
    /// The page of a list is not what it should be.
    Page(PageTwist),
    /// The bearer token of the request is no longer valid, from this request on.
    RevokeToken,
    /// The page token is refused with status 400.
    InvalidPageToken,
    /// The answer is a gzip body that decodes to very much more than it weighs.
    Bomb {
        /// Size of the decoded body.
        decoded_bytes: u64,
    },
    /// How much of a request to Sumo is taken in before whatever else happens.
    Ingest {
        /// From 0 (nothing) to 1 (everything).
        share: f64,
    },
    /// A request to Sumo is refused, and dropped, if its decoded body contains a text.
    RefuseContaining {
        /// The text, as in the id of a poison event.
        marker: String,
        /// Usually 400.
        status: u16,
    },
    /// A request to Sumo is refused, and dropped, if its decoded body is too large.
    RefuseAbove {
        /// The largest size that passes.
        bytes: u64,
        /// Usually 413.
        status: u16,
    },
}

impl Fault {
    /// Answers with `status` and an empty body.
    pub fn status(status: u16) -> Self {
        Self::Answer(CannedAnswer { status, ..CannedAnswer::default() })
    }

    /// Answers with `status` and `body`.
    pub fn answer(status: u16, body: impl Into<String>) -> Self {
        Self::Answer(CannedAnswer { status, body: body.into(), ..CannedAnswer::default() })
    }

    /// Answers 429 and asks to wait for `retry_after`, which may be any text, even nonsense.
    pub fn throttle(retry_after: &str) -> Self {
        let headers = BTreeMap::from([("retry-after".to_owned(), retry_after.to_owned())]);
        Self::Answer(CannedAnswer { status: 429, headers, body: String::new() })
    }

    /// Breaks the connection before any byte of the answer.
    pub const fn no_answer(how: BreakKind) -> Self {
        Self::Break { at: BreakPoint::BeforeHead, how }
    }
}

/// An answer that is known beforehand.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CannedAnswer {
    /// HTTP status.
    pub status: u16,
    /// Header names and values.
    pub headers: BTreeMap<String, String>,
    /// The body, as it is.
    pub body: String,
}

impl Default for CannedAnswer {
    fn default() -> Self {
        Self { status: 200, headers: BTreeMap::new(), body: String::new() }
    }
}

/// Where in an answer something happens.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BreakPoint {
    /// Before any byte of it.
    BeforeHead,
    /// Between head and body.
    AfterHead,
    /// After so many bytes of the body.
    Body(u64),
}

/// How a connection breaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BreakKind {
    /// It is closed (FIN), without the end that HTTP wants.
    Close,
    /// It is reset (RST).
    Reset,
    /// The server says that it will send no more, and goes on listening.
    HalfClose,
    /// Bytes follow that are neither HTTP nor TLS; then it is closed.
    Garbage,
}

/// From where on an answer crawls.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrickleStart {
    /// From its first byte.
    Head,
    /// From the first byte of its body.
    Body,
}

/// How a page of a list differs from what it should be.
///
/// [`PageTwist::EmptyWithToken`], [`PageTwist::TokenCycle`] and [`PageTwist::Overlap`] need page tokens and
/// do nothing to lists that are paged by number.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum PageTwist {
    /// The page is empty and promises more; what it should have held comes with the promised page.
    EmptyWithToken,
    /// `nextPgToken` is the one that was handed out `length` answers ago; 1 repeats the token just used.
    TokenCycle {
        /// Length of the circle.
        length: usize,
    },
    /// The page begins that many events too early; as many as the page holds make a duplicate page.
    Overlap {
        /// How many events are repeated.
        events: usize,
    },
    /// The events of the page come in another order.
    Shuffle {
        /// Which order.
        seed: u64,
    },
    /// The total is wrong.
    TotalCount {
        /// By so many, up or down.
        by: i64,
    },
    /// The last events of the page are left out, though the total counts them.
    Omit {
        /// How many.
        events: usize,
    },
    /// One more document stands in the page, which is no good event.
    Poison {
        /// In which way it is bad.
        poison: Poison,
        /// Before which event of the page, from 0.
        position: usize,
    },
}
