//! A page of any list: its documents, made into bytes while they are sent.

use std::sync::Arc;

use bytes::Bytes;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom;

use crate::data::drawn::Drawn;
use crate::data::template::TemplateSet;
use crate::faults::fault::PageTwist;
use crate::http::body::Chunks;
use crate::moment::Moment;

/// Pieces in which a page is sent.
const CHUNK: usize = 128 * 1024;

/// One document of a page.
#[derive(Clone, Debug)]
pub(crate) enum Document {
    /// An invented file event, written when it is needed.
    Drawn { seed: u64, inserted: Moment },
    /// Bytes.
    Given(Bytes),
}

impl Document {
    pub(crate) fn write(&self, templates: &TemplateSet, out: &mut Vec<u8>) {
        match self {
            Self::Drawn { seed, inserted } => Drawn::new(templates, *seed).write_document(*inserted, out),
            Self::Given(bytes) => out.extend_from_slice(bytes),
        }
    }
}

/// What every list answers: documents and how many there are in all.
#[derive(Debug, Default)]
pub(crate) struct ListPage {
    pub(crate) documents: Vec<Document>,
    pub(crate) total: i64,
}

impl ListPage {
    /// Applies those twists that need nothing but the page itself.
    pub(crate) fn twist(&mut self, twists: &[PageTwist], now: Moment) {
        for twist in twists {
            match twist {
                PageTwist::Shuffle { seed } => {
                    self.documents.shuffle(&mut SmallRng::seed_from_u64(*seed));
                }
                PageTwist::TotalCount { by } => self.total = self.total.saturating_add(*by).max(0),
                PageTwist::Omit { events } => {
                    self.documents.truncate(self.documents.len().saturating_sub(*events));
                }
                PageTwist::Poison { poison, position } => {
                    let bytes = poison.document("poison", &now.iso(6));
                    let position = (*position).min(self.documents.len());
                    self.documents.insert(position, Document::Given(bytes.into()));
                }
                PageTwist::EmptyWithToken | PageTwist::TokenCycle { .. } | PageTwist::Overlap { .. } => {}
            }
        }
    }

    /// `head`, the documents with commas between them, `tail`.
    pub(crate) fn into_chunks(self, templates: Arc<TemplateSet>, head: Vec<u8>, tail: Vec<u8>) -> Chunks {
        let mut documents = self.documents.into_iter().peekable();
        let mut head = Some(head);
        let mut tail = Some(tail);
        Box::new(std::iter::from_fn(move || {
            tail.as_ref()?;
            let mut chunk = Vec::with_capacity(CHUNK + CHUNK / 4);
            chunk.extend_from_slice(&head.take().unwrap_or_default());
            while chunk.len() < CHUNK {
                let Some(document) = documents.next() else {
                    chunk.extend_from_slice(&tail.take().unwrap_or_default());
                    break;
                };
                document.write(&templates, &mut chunk);
                if documents.peek().is_some() {
                    chunk.push(b',');
                }
            }
            Some(Bytes::from(chunk))
        }))
    }
}
