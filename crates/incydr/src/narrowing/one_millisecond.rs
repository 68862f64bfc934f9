//! The last resort: more rows in one millisecond than one page holds, so that its pages must be walked by number.
//!
//! A walk counts only when it reaches the end and proves itself: it met as many different rows as the vendor counts, or, where the
//! vendor does not count, the walk before it met exactly the same ones.

use std::collections::{BTreeSet, HashMap, HashSet};

use incydr_core::event::{EventBlock, EventId};
use incydr_core::source::{SourceError, SourceFault};

use super::{NumberedEndpoint, NumberedPage, RowIdentity, Span};
use crate::error::failed_in_200;

/// How often the pages are walked before we give up for now.
const MOST_WALKS: u32 = 5;

/// How many pages one walk may have.
const MOST_PAGES: u32 = 100;

/// All rows of `span`, however many pages they fill.
pub(super) async fn read<E: NumberedEndpoint>(
    endpoint: &E,
    span: Span,
    size: u32,
) -> Result<NumberedPage, SourceError> {
    let mut previous = None;
    for _ in 0..MOST_WALKS {
        let walk = walk(endpoint, span, size).await?;
        let proven = match walk.total {
            _ if !walk.is_finished => false,
            Some(total) => walk.different() == total,
            None => previous.as_ref() == Some(&walk.ids),
        };
        if proven {
            return Ok(walk.into_page());
        }
        previous = Some(walk.ids);
    }
    let info = format!("the pages of the one millisecond at {} do not add up", span.start());
    Err(failed_in_200(&endpoint.attempt(), SourceFault::BadPayload, info))
}

async fn walk<E: NumberedEndpoint>(endpoint: &E, span: Span, size: u32) -> Result<Walk, SourceError> {
    let mut walk = Walk::new(E::IDENTITY);
    for number in 0..MOST_PAGES {
        let page = endpoint.read(span, number, size).await?;
        let (elements, is_full) = (page.elements, page.elements >= u64::from(size));
        walk.take(page);
        let more_are_counted = walk.total.is_some_and(|total| walk.met < total);
        walk.is_finished = elements == 0 || !(is_full || more_are_counted);
        if walk.is_finished {
            break;
        }
    }
    Ok(walk)
}

/// What one walk over the pages met.
struct Walk {
    identity: RowIdentity,
    rows: EventBlock,
    ids: BTreeSet<EventId>,
    keys: HashSet<u128>,
    occurrences: HashMap<u128, u32>,
    met: u64,
    total: Option<u64>,
    is_finished: bool,
}

impl Walk {
    fn new(identity: RowIdentity) -> Self {
        Self {
            identity,
            rows: EventBlock::default(),
            ids: BTreeSet::new(),
            keys: HashSet::new(),
            occurrences: HashMap::new(),
            met: 0,
            total: None,
            is_finished: false,
        }
    }

    /// Different rows, those that cannot be decoded included.
    fn different(&self) -> u64 {
        (self.keys.len() + self.rows.undecodable.len()) as u64
    }

    fn take(&mut self, page: NumberedPage) {
        self.met += page.elements;
        self.total = page.total;
        for mut block in page.blocks {
            for entry in &block.events {
                let payload = block.payload(entry);
                let id = self.identify(payload, entry.id);
                if self.ids.insert(id) {
                    self.keys.insert(id.key);
                    self.rows.push(payload, id, entry.time);
                }
            }
            for element in block.undecodable.drain(..) {
                if !self.rows.undecodable.iter().any(|kept| kept.raw == element.raw) {
                    self.rows.undecodable.push(element);
                }
            }
        }
    }

    /// A page counts the occurrences of a row from 0; here they go on from page to page.
    fn identify(&mut self, payload: &[u8], id: EventId) -> EventId {
        match self.identity {
            RowIdentity::Named => id,
            RowIdentity::Counted => {
                let first = EventId::of_row(payload, 0);
                let occurrence = self.occurrences.entry(first.key).or_default();
                let id = EventId::of_row(payload, *occurrence);
                *occurrence += 1;
                id
            }
        }
    }

    fn into_page(self) -> NumberedPage {
        NumberedPage { elements: self.different(), total: self.total, blocks: vec![self.rows] }
    }
}
