//! Whether the vendor's page tokens lead anywhere.

use std::collections::HashSet;

use crate::checkpoint::Cursor;
use crate::event::EventId;
use crate::source::{PageEnd, SourceFault};

/// Empty pages in a row that promise more before we stop believing.
const MAX_EMPTY_PAGES: u32 = 100;

/// The page tokens of one uninterrupted walk.
#[derive(Default)]
pub(super) struct Chain {
    tokens: HashSet<u128>,
    empty_pages: u32,
    reopened: bool,
}

impl Chain {
    /// A walk that was taken up by time after its token had become invalid.
    pub(super) fn reopened() -> Self {
        Self { reopened: true, ..Self::default() }
    }

    /// Whether the vendor counts only a part of the range.
    pub(super) fn is_reopened(&self) -> bool {
        self.reopened
    }

    /// Notes where a page leads; an error when it leads in a circle or nowhere.
    pub(super) fn follow(&mut self, from: &Cursor, end: &PageEnd, elements: u64) -> Result<(), SourceFault> {
        if let Cursor::Token(token) = from {
            self.tokens.insert(EventId::of_immutable(token.as_bytes()).key);
        }
        let Some(Cursor::Token(next)) = &end.next else { return Ok(()) };
        if self.tokens.contains(&EventId::of_immutable(next.as_bytes()).key) {
            return Err(SourceFault::TokenLoop);
        }
        self.empty_pages = if elements == 0 { self.empty_pages + 1 } else { 0 };
        if self.empty_pages > MAX_EMPTY_PAGES { Err(SourceFault::EmptyPages) } else { Ok(()) }
    }
}
