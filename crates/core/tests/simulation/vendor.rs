//! A vendor that pages by token over events sorted by insertion, fails in the middle of pages, and forgets tokens.

use std::collections::VecDeque;
use std::sync::Arc;

use async_trait::async_trait;
use incydr_core::checkpoint::{Cursor, WalkRange};
use incydr_core::clock::Clock;
use incydr_core::event::{EventBlock, EventId, Undecodable};
use incydr_core::source::{Page, PageEnd, Source, SourceError, SourceFault};
use incydr_core::stream::Stream;
use incydr_core::timestamp::Timestamp;

use super::mutant::Mutant;
use super::world::{Thing, World};

pub struct Vendor {
    pub world: Arc<World>,
    pub mutant: Option<Mutant>,
}

pub fn fault(fault: SourceFault) -> SourceError {
    SourceError {
        attempt: "asking the vendor".into(),
        fault,
        code: None,
        info: String::new(),
        retry_after: None,
    }
}

impl Vendor {
    fn is(&self, mutant: Mutant) -> bool {
        self.mutant == Some(mutant)
    }

    /// What the query matches, in the order of the walk.
    fn matches(&self, from: Timestamp, to: Timestamp) -> Vec<&Thing> {
        let (from, to) = (from.floor_to_millis(), to.floor_to_millis());
        let after = |thing: &Thing| match self.mutant {
            Some(Mutant::AfterInsteadOfOnOrAfter) => thing.inserted > from,
            _ => thing.inserted >= from,
        };
        let mut matches: Vec<_> = self.world.visible();
        matches.retain(|thing| after(thing) && thing.inserted.floor_to_millis() <= to);
        if self.is(Mutant::WalkByIdInsteadOfTime) {
            matches.sort_by(|one, other| one.id.cmp(&other.id));
        }
        matches
    }

    fn begin(&self, range: &WalkRange, matches: &[&Thing]) -> Result<usize, SourceError> {
        match &range.cursor {
            Cursor::Start | Cursor::At(_) => Ok(0),
            Cursor::Token(page) if self.is(Mutant::PageNumberInCheckpoint) => {
                Ok(page.parse::<usize>().unwrap_or(0).min(matches.len()))
            }
            Cursor::Token(token) => matches
                .iter()
                .position(|thing| thing.id == *token)
                .map(|at| at + 1)
                .ok_or_else(|| fault(SourceFault::InvalidCursor)),
        }
    }

    fn block(&self, things: &[&Thing]) -> EventBlock {
        let mut block = EventBlock::default();
        for thing in things {
            let content = thing.content_at(self.world.now());
            if thing.undecodable {
                block.undecodable.push(Undecodable { raw: content.to_vec(), reason: "bad".into() });
                continue;
            }
            let mut id = EventId::of_mutable(thing.id.as_bytes(), content);
            if self.is(Mutant::ChangesIgnored) {
                id.version = 0;
            }
            block.push(content, id, thing.inserted);
        }
        block
    }
}

#[async_trait]
impl Source for Vendor {
    fn stream(&self) -> Stream {
        Stream::FileEvents
    }

    async fn fetch_page(&self, range: &WalkRange, page_size: u32) -> Result<Box<dyn Page>, SourceError> {
        self.world.step().await;
        if self.world.chance(5) {
            return Err(fault(SourceFault::Upstream));
        }
        let from = match range.cursor {
            Cursor::At(time) => time,
            Cursor::Start | Cursor::Token(_) => range.from,
        };
        let matches = self.matches(from, range.to);
        let forgets = matches!(range.cursor, Cursor::Token(_)) && self.world.chance(8);
        if forgets && self.is(Mutant::InvalidTokenTakenAsEnd) {
            return Ok(Box::new(SimulatedPage::empty(self)));
        }
        if forgets && !self.is(Mutant::PageNumberInCheckpoint) {
            return Err(fault(SourceFault::InvalidCursor));
        }
        let begin = self.begin(range, &matches)?;
        let size = usize::try_from(page_size).expect("small");
        let rows = &matches[begin..matches.len().min(begin + size)];
        let more = begin + rows.len() < matches.len();
        let next = rows.last().filter(|_| more).map(|last| match self.mutant {
            Some(Mutant::PageNumberInCheckpoint) => Cursor::Token((begin + rows.len()).to_string()),
            _ => Cursor::Token(last.id.clone()),
        });
        let total_count = match self.mutant {
            Some(Mutant::PageNumberInCheckpoint | Mutant::WalkByIdInsteadOfTime) => None,
            _ => u64::try_from(matches.len()).ok(),
        };
        let mut blocks: VecDeque<_> = rows.chunks(2).map(|things| Ok(self.block(things))).collect();
        if self.world.chance(8) {
            blocks.truncate(blocks.len() / 2);
            if !self.is(Mutant::BrokenPageTakenAsComplete) {
                blocks.push_back(Err(fault(SourceFault::BadPayload)));
            }
        }
        Ok(Box::new(SimulatedPage { world: self.world.clone(), blocks, end: PageEnd { next, total_count } }))
    }

    async fn count(&self, from: Timestamp, to: Timestamp) -> Result<Option<u64>, SourceError> {
        self.world.step().await;
        Ok(u64::try_from(self.matches(from, to).len()).ok())
    }
}

struct SimulatedPage {
    world: Arc<World>,
    blocks: VecDeque<Result<EventBlock, SourceError>>,
    end: PageEnd,
}

impl SimulatedPage {
    fn empty(vendor: &Vendor) -> Self {
        Self { world: vendor.world.clone(), blocks: VecDeque::new(), end: PageEnd::default() }
    }
}

#[async_trait]
impl Page for SimulatedPage {
    async fn next_block(&mut self) -> Result<Option<EventBlock>, SourceError> {
        self.world.step().await;
        self.blocks.pop_front().transpose()
    }

    fn end(&self) -> PageEnd {
        self.end.clone()
    }
}
