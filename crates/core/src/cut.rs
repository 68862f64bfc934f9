//! Where one batch ends and the next begins (hop 6), as a pure function of the page.
//!
//! The edges depend on the position of the events on their page alone, never on time or on what was delivered
//! before: after a crash the same page is cut at the same edges, so that a batch without a final answer is sent
//! again with the same bytes.

use crate::batch::Batch;
use crate::event::EventId;
use crate::stream::Stream;
use crate::timestamp::Timestamp;

/// Cuts the events of one page into batches of at most `max_bytes`.
#[derive(Debug)]
pub struct Cutter {
    max_bytes: usize,
    /// Bytes of all events since the last edge, those that were acknowledged before a crash included.
    filled: usize,
    batch: Batch,
}

impl Cutter {
    /// Begins a page.
    pub fn new(stream: Stream, max_bytes: usize) -> Self {
        Self { max_bytes, filled: 0, batch: Batch::new(stream) }
    }

    /// Adds a fresh event; gives the batch that ends before it, if it does not fit any more.
    pub fn push(&mut self, payload: &[u8], id: EventId, time: Timestamp) -> Option<Batch> {
        let ended = self.make_room(payload.len());
        self.batch.make_room(payload.len(), self.max_bytes);
        self.batch.push(payload, id, time);
        ended
    }

    /// Keeps the room of an event that was acknowledged on this page before a crash.
    pub fn skip(&mut self, payload_len: usize) -> Option<Batch> {
        self.make_room(payload_len)
    }

    /// Ends the page; gives the last batch.
    pub fn finish(self) -> Option<Batch> {
        (!self.batch.entries.is_empty()).then_some(self.batch)
    }

    fn make_room(&mut self, payload_len: usize) -> Option<Batch> {
        let needed = payload_len + 1;
        let fits = self.filled == 0 || self.filled + needed <= self.max_bytes;
        let ended = if fits { None } else { self.end_batch() };
        self.filled += needed;
        ended
    }

    fn end_batch(&mut self) -> Option<Batch> {
        self.filled = 0;
        let next = Batch::new(self.batch.stream);
        let ended = std::mem::replace(&mut self.batch, next);
        (!ended.entries.is_empty()).then_some(ended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MAX: usize = 100;

    fn cut(sizes: &[usize], acknowledged: impl Fn(usize) -> bool) -> Vec<Vec<usize>> {
        let mut cutter = Cutter::new(Stream::FileEvents, MAX);
        let mut batches = Vec::new();
        for (index, &size) in sizes.iter().enumerate() {
            let id = EventId { key: u128::try_from(index).unwrap(), version: 0 };
            batches.extend(match acknowledged(index) {
                true => cutter.skip(size),
                false => cutter.push(&vec![b'x'; size], id, Timestamp::EPOCH),
            });
        }
        batches.extend(cutter.finish());
        batches
            .iter()
            .map(|batch| batch.entries.iter().map(|entry| usize::try_from(entry.id.key).unwrap()).collect())
            .collect()
    }

    proptest! {
        #[test]
        fn every_event_is_in_one_batch_in_order_and_only_a_single_event_exceeds_the_limit(sizes in prop::collection::vec(1_usize..150, 0..60)) {
            let batches = cut(&sizes, |_| false);
            prop_assert_eq!(batches.concat(), (0..sizes.len()).collect::<Vec<_>>());
            for batch in batches {
                prop_assert!(batch.len() == 1 || batch.iter().map(|&index| sizes[index] + 1).sum::<usize>() <= MAX);
            }
        }

        #[test]
        fn a_batch_gives_back_memory_that_fits_the_next(sizes in prop::collection::vec(1_usize..200_000, 0..60)) {
            const LARGE: usize = 300_000;
            let mut cutter = Cutter::new(Stream::FileEvents, LARGE);
            let id = EventId { key: 0, version: 0 };
            let mut batches: Vec<_> =
                sizes.iter().filter_map(|&size| cutter.push(&vec![b'x'; size], id, Timestamp::EPOCH)).collect();
            batches.extend(cutter.finish());
            for batch in batches {
                prop_assert!([65_536, LARGE].contains(&batch.bytes.capacity()));
            }
        }

        #[test]
        fn batches_that_were_not_acknowledged_are_cut_alike_after_a_crash(sizes in prop::collection::vec(1_usize..150, 1..60), pick: u64) {
            let first = cut(&sizes, |_| false);
            let acknowledged: Vec<usize> = first.iter().enumerate().filter(|(number, _)| pick >> (number % 64) & 1 == 1).flat_map(|(_, batch)| batch.clone()).collect();
            let expected: Vec<_> = first.iter().filter(|batch| !acknowledged.contains(&batch[0])).cloned().collect();
            prop_assert_eq!(cut(&sizes, |index| acknowledged.contains(&index)), expected);
        }
    }
}
