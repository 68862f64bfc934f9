//! The reader: pages become batches (hops 4 to 6).
//!
//! It asks for a page, judges each event while the body arrives, and hands full batches on at once. Nothing comes
//! back to it: where the next page begins stands in the page before.

use tokio::sync::mpsc;

use super::Collection;
use super::chain::Chain;
use super::tally::Tally;
use crate::admission::{Admission, Verdict};
use crate::batch::Batch;
use crate::checkpoint::{Cursor, WalkRange};
use crate::cut::Cutter;
use crate::event::{EventBlock, EventEntry, EventId};
use crate::health::{ErrorType, Trouble};
use crate::ledger::{Counts, DeadLetter};
use crate::notice::Notice;
use crate::source::{PageEnd, SourceError, SourceFault};
use crate::timestamp::Timestamp;

/// What the reader hands to the courier, in page order.
pub(super) enum Load {
    /// Fresh events, to be delivered.
    Batch { page: u64, batch: Batch },
    /// Elements that cannot be delivered, to be kept.
    DeadLetters { page: u64, letters: Vec<DeadLetter> },
    /// Fresh events of the page that a rule excludes, to be remembered.
    Excluded { page: u64, ids: Vec<(EventId, Timestamp)> },
    /// The page is complete.
    PageEnd(PageOutcome),
}

/// A page that was read to its end.
pub(super) struct PageOutcome {
    /// The page's number in its range.
    pub(super) page: u64,
    /// How many loads of this page came before.
    pub(super) loads: usize,
    /// The range once everything on the page is acknowledged.
    pub(super) range: WalkRange,
    /// What the page adds to the totals besides its loads.
    pub(super) counts: Counts,
}

/// How reading ended.
pub(super) enum ReadEnd {
    /// The range is complete.
    Closed,
    /// The vendor counted other than we met: walk the range again.
    Again(WalkRange),
    /// The vendor's side failed.
    Failed(SourceError),
    /// The stop was asked for, or nobody takes loads any more.
    Stopped,
}

/// Why a page was not read to its end.
enum PageError {
    /// The request was refused: nothing of the page was admitted, and it may be asked for again at once.
    Refused(SourceError),
    /// The body broke off. Events of the page may be admitted without being on their way, so that only a new
    /// activation, which asks the ledger anew, may read the page again.
    Broken(SourceError),
    /// The stop was asked for, or nobody takes loads any more.
    Stopped,
}

impl Collection {
    /// Reads pages of `range` until it is complete or something fails.
    pub(super) async fn read(
        &self,
        mut range: WalkRange,
        mut admission: Admission,
        loads: mpsc::Sender<Load>,
    ) -> ReadEnd {
        let mut chain = Chain::default();
        loop {
            let (tally, mut end) = match self.read_page(&range, &mut admission, &loads).await {
                Ok(read) => read,
                Err(PageError::Stopped) => return ReadEnd::Stopped,
                Err(PageError::Broken(error)) => return ReadEnd::Failed(self.failed_request(error)),
                Err(PageError::Refused(error)) => {
                    let error = self.failed_request(error);
                    let Some(cursor) = self.after_refusal(&range, &error) else {
                        return ReadEnd::Failed(error);
                    };
                    if cursor != range.cursor {
                        chain = Chain::reopened();
                        range.cursor = cursor;
                    }
                    continue;
                }
            };
            self.pace.note_good_page();
            let page = range.page;
            let verdict = chain.follow(&range.cursor, &end, tally.elements);
            if chain.is_reopened() {
                end.total_count = None;
            }
            self.advance(&mut range, &tally, end);
            if verdict == Err(SourceFault::TokenLoop) {
                range.cursor = Cursor::At(self.horizon(&range));
            }
            admission.forget_before(self.horizon(&range));
            let outcome =
                PageOutcome { page, loads: tally.loads, range: range.clone(), counts: tally.counts };
            if loads.send(Load::PageEnd(outcome)).await.is_err() {
                return ReadEnd::Stopped;
            }
            match verdict {
                _ if range.closed => return ReadEnd::Closed,
                _ if range.cursor == Cursor::Start => return ReadEnd::Again(range),
                Ok(()) => {}
                Err(fault) => return ReadEnd::Failed(broken_chain(fault)),
            }
        }
    }

    /// Tells of a request that failed, and passes its error on.
    pub(super) fn failed_request(&self, error: SourceError) -> SourceError {
        (self.notify)(Notice::RequestFailed);
        error
    }

    /// Where to go on at once after a refusal that needs no waiting; `None` where it must be reported.
    fn after_refusal(&self, range: &WalkRange, error: &SourceError) -> Option<Cursor> {
        match (error.fault, &range.cursor) {
            (SourceFault::InvalidCursor, Cursor::Token(_)) => Some(Cursor::At(self.horizon(range))),
            (SourceFault::TooLarge, cursor) if self.pace.shrink_pages() => Some(cursor.clone()),
            _ => None,
        }
    }

    async fn read_page(
        &self,
        range: &WalkRange,
        admission: &mut Admission,
        loads: &mpsc::Sender<Load>,
    ) -> Result<(Tally, PageEnd), PageError> {
        let max_bytes = self.outlets.iter().map(|outlet| outlet.destination().limits().max_bytes).min();
        let mut cutter = Cutter::new(self.source.stream(), max_bytes.unwrap_or_default());
        let mut tally = Tally::default();
        let asking = self.source.fetch_page(range, self.pace.page_size());
        let mut page = self.unless_stopped(asking).await?.map_err(PageError::Refused)?;
        while let Some(block) = self.unless_stopped(page.next_block()).await?.map_err(PageError::Broken)? {
            let mut ready = self.admit(range, admission, &block, &mut cutter, &mut tally);
            ready.extend(bury(range, admission, block, &mut tally));
            for load in ready {
                tally.loads += 1;
                loads.send(load).await.map_err(|_| PageError::Stopped)?;
            }
        }
        let last = cutter.finish().map(|batch| Load::Batch { page: range.page, batch });
        let excluded = tally.excluded_load(range.page);
        for load in last.into_iter().chain(excluded) {
            tally.loads += 1;
            loads.send(load).await.map_err(|_| PageError::Stopped)?;
        }
        let end = page.end();
        self.tell_page(&tally, &end);
        Ok((tally, end))
    }

    async fn unless_stopped<T>(&self, work: impl Future<Output = T>) -> Result<T, PageError> {
        tokio::select! {
            biased;
            () = self.stop.requested() => Err(PageError::Stopped),
            done = work => Ok(done),
        }
    }

    /// Judges the events of a block, and cuts what leaves of the fresh ones into batches.
    fn admit(
        &self,
        range: &WalkRange,
        admission: &mut Admission,
        block: &EventBlock,
        cutter: &mut Cutter,
        tally: &mut Tally,
    ) -> Vec<Load> {
        let mut ready = Vec::new();
        let owned = |time: Timestamp| range.owns_end || time < range.to;
        let own: Vec<_> = block.events.iter().filter(|event| owned(event.time)).collect();
        let verdicts = admission.judge(own.iter().map(|event| (event.id, event.time)));
        for (event, verdict) in own.iter().zip(&verdicts) {
            let cut = match verdict {
                Verdict::Fresh => self.cut_fresh(block, event, cutter, tally),
                Verdict::KnownOnThisPage => {
                    let outgoing = self.rules.apply(block.payload(event));
                    outgoing.payload().and_then(|payload| cutter.skip(payload.len()))
                }
                Verdict::Known | Verdict::Repeated => None,
            };
            ready.extend(cut.map(|batch| Load::Batch { page: range.page, batch }));
        }
        tally.add(block, &verdicts);
        ready
    }

    /// Applies the rules to a fresh event. One that is excluded takes no room in the cut, now or after a crash.
    fn cut_fresh(
        &self,
        block: &EventBlock,
        event: &EventEntry,
        cutter: &mut Cutter,
        tally: &mut Tally,
    ) -> Option<Batch> {
        let outgoing = self.rules.apply(block.payload(event));
        let Some(payload) = outgoing.payload() else {
            tally.excluded.push((event.id, event.time));
            return None;
        };
        self.warn_of_oversize(payload);
        cutter.push(payload, event.id, event.time)
    }

    fn warn_of_oversize(&self, payload: &[u8]) {
        let keeps = |limit: usize| payload.len() <= limit;
        if !self.outlets.iter().all(|outlet| keeps(outlet.destination().limits().max_message_bytes)) {
            let bytes = u64::try_from(payload.len()).unwrap_or(u64::MAX);
            (self.notify)(Notice::Oversize { bytes });
        }
    }

    /// Moves the range behind the page.
    fn advance(&self, range: &mut WalkRange, tally: &Tally, end: PageEnd) {
        range.page += 1;
        range.unique += tally.unique;
        range.position = range.position.max(tally.latest.unwrap_or(range.position));
        range.expected = end.total_count.or(range.expected);
        match end.next {
            Some(Cursor::At(time)) => {
                range.position = range.position.max(time);
                range.cursor = Cursor::At(time);
            }
            Some(cursor) => range.cursor = cursor,
            None => self.complete(range),
        }
    }

    /// The walk is at its end: closes the range, or begins it once more where the counts differ.
    fn complete(&self, range: &mut WalkRange) {
        let differs = range.expected.is_some_and(|expected| expected != range.unique);
        if differs && range.rescans == 0 {
            range.rescans = 1;
            range.unique = 0;
            range.position = range.from;
            range.cursor = Cursor::Start;
            return;
        }
        range.closed = true;
        if differs {
            (self.notify)(Notice::Trouble(count_mismatch(range)));
        }
    }

    fn tell_page(&self, tally: &Tally, end: &PageEnd) {
        (self.notify)(Notice::PageFetched {
            events: tally.elements,
            bytes: tally.bytes,
            position: tally.latest,
            total_count: end.total_count,
        });
        if tally.counts.duplicate > 0 {
            (self.notify)(Notice::Duplicates { events: tally.counts.duplicate });
        }
    }
}

/// Turns the undecodable elements of a block into dead letters, unless they are known already.
fn bury(range: &WalkRange, admission: &mut Admission, block: EventBlock, tally: &mut Tally) -> Option<Load> {
    let ids = block.undecodable.iter().map(|element| (EventId::of_row(&element.raw, 0), range.to));
    let verdicts = admission.judge(ids);
    let mut letters = Vec::new();
    for (element, verdict) in block.undecodable.into_iter().zip(verdicts) {
        tally.elements += 1;
        tally.unique += u64::from(verdict.is_first_meeting());
        if verdict == Verdict::Fresh {
            let id = EventId::of_row(&element.raw, 0);
            letters.push(DeadLetter { id, time: range.to, reason: element.reason, raw: element.raw });
        } else {
            tally.counts.fetched += 1;
            tally.counts.duplicate += 1;
        }
    }
    (!letters.is_empty()).then_some(Load::DeadLetters { page: range.page, letters })
}

fn broken_chain(fault: SourceFault) -> SourceError {
    SourceError {
        attempt: "following the pages of a window".to_owned(),
        fault,
        code: None,
        info: String::new(),
        retry_after: None,
    }
}

fn count_mismatch(range: &WalkRange) -> Trouble {
    let expected = range.expected.unwrap_or_default();
    let info = format!("the service counts {expected} events, {} different ones were met", range.unique);
    Trouble {
        error_type: ErrorType::ThirdPartyGeneric,
        tracker: "CountMismatch",
        error_code: None,
        message: format!("proving the range from {} to {} complete: {info}", range.from, range.to),
        error_info: info,
    }
}
