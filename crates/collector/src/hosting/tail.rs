//! The last events of a source that were delivered, for those who watch them pass.
//!
//! Place on the path: beside it, at the courier's outcome. They are what destinations got, so what rules mask is masked
//! here too. They stay in memory, and never enter a log.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use incydr_core::batch::Batch;
use incydr_core::ledger::DeadLetter;
use incydr_core::stream::Stream;
use incydr_core::timestamp::Timestamp;

/// So many events of a source are kept at most, …
const MOST_EVENTS: usize = 200;
/// … with so many bytes.
const MOST_BYTES: usize = 1024 * 1024;
/// So much is kept of one event.
const LONGEST: usize = 64 * 1024;

/// The last delivered events of one source.
#[derive(Default)]
pub struct Tail(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    events: VecDeque<Arc<TailEvent>>,
    /// Of all payloads.
    bytes: usize,
    /// The number of the last event that was delivered.
    newest: u64,
}

/// A delivered event.
#[derive(Clone, PartialEq, Eq)]
pub struct TailEvent {
    /// Its number among the events of the source that were delivered since the process began. A gap between two of them
    /// is what passed too quickly to be kept.
    pub number: u64,
    /// Which stream it came from.
    pub stream: Stream,
    /// The time by which its stream is walked.
    pub time: Timestamp,
    /// When the last destination had acknowledged it.
    pub delivered: Timestamp,
    /// What was sent; of an event longer than 64 KiB only the beginning.
    pub payload: Box<[u8]>,
    /// How many bytes were sent.
    pub length: usize,
}

impl Tail {
    /// The kept events with numbers above `number`, oldest first; all of them for 0.
    pub fn newer_than(&self, number: u64) -> Vec<Arc<TailEvent>> {
        let kept = self.kept();
        let first = kept.events.partition_point(|event| event.number <= number);
        kept.events.range(first..).cloned().collect()
    }

    /// The number of the last event that was delivered; 0 before the first.
    pub fn newest(&self) -> u64 {
        self.kept().newest
    }

    /// Every event of `batch` was delivered but those that were `refused`.
    pub(super) fn take(&self, batch: &Batch, refused: &[DeadLetter], now: Timestamp) {
        let count = batch.entries.len();
        let last = batch.part(count.saturating_sub(MOST_EVENTS)..count);
        let is_delivered = |id| refused.iter().all(|letter| letter.id != id);
        let delivered: Vec<_> = last.events().filter(|(entry, _)| is_delivered(entry.id)).collect();
        let mut kept = self.kept();
        kept.newest += (count - refused.len()) as u64;
        let before = kept.newest - delivered.len() as u64;
        for (number, (entry, payload)) in (before + 1..).zip(delivered) {
            kept.push(TailEvent {
                number,
                stream: batch.stream,
                time: entry.time,
                delivered: now,
                payload: payload[..payload.len().min(LONGEST)].into(),
                length: payload.len(),
            });
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TailEvent {
    /// Whether only the beginning of it is kept.
    pub fn is_cut(&self) -> bool {
        self.payload.len() < self.length
    }
}

impl Kept {
    fn push(&mut self, event: TailEvent) {
        self.bytes += event.payload.len();
        self.events.push_back(Arc::new(event));
        while self.events.len() > MOST_EVENTS || self.bytes > MOST_BYTES {
            let gone = self.events.pop_front();
            self.bytes -= gone.map_or(self.bytes, |event| event.payload.len());
        }
    }
}

impl fmt::Debug for Tail {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept = self.kept();
        out.debug_struct("Tail").field("newest", &kept.newest).field("kept", &kept.events.len()).finish()
    }
}

/// Without the payload, which is nobody's business but the reader's.
impl fmt::Debug for TailEvent {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = out.debug_struct("TailEvent");
        shown.field("number", &self.number).field("stream", &self.stream).field("length", &self.length);
        shown.finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use incydr_core::event::EventId;
    use proptest::prelude::*;

    use super::*;

    fn id(key: u128) -> EventId {
        EventId { key, version: 0 }
    }

    fn batch(payloads: &[Vec<u8>]) -> Batch {
        let mut batch = Batch::new(Stream::FileEvents);
        for (key, payload) in (0..).zip(payloads) {
            batch.push(payload, id(key), Timestamp::EPOCH);
        }
        batch
    }

    fn letter(key: u128) -> DeadLetter {
        DeadLetter { id: id(key), time: Timestamp::EPOCH, reason: String::new(), raw: Vec::new() }
    }

    fn numbers(events: &[Arc<TailEvent>]) -> Vec<u64> {
        events.iter().map(|event| event.number).collect()
    }

    #[test]
    fn a_reader_gets_what_is_newer_than_what_it_has() {
        let tail = Tail::default();
        assert_eq!((tail.newest(), numbers(&tail.newer_than(0))), (0, vec![]));
        tail.take(&batch(&[b"{1}".to_vec(), b"{2}".to_vec()]), &[], Timestamp::from_millis(5));
        tail.take(&batch(&[b"{3}".to_vec()]), &[], Timestamp::from_millis(6));
        assert_eq!(numbers(&tail.newer_than(0)), [1, 2, 3]);
        let newer = tail.newer_than(2);
        assert_eq!((numbers(&newer), &*newer[0].payload), (vec![3], &b"{3}"[..]));
        assert_eq!((newer[0].delivered, newer[0].is_cut()), (Timestamp::from_millis(6), false));
        assert_eq!(tail.newer_than(3), []);
    }

    #[test]
    fn an_event_that_was_refused_is_not_among_the_delivered_ones() {
        let tail = Tail::default();
        let payloads = [b"{0}".to_vec(), b"{1}".to_vec(), b"{2}".to_vec()];
        tail.take(&batch(&payloads), &[letter(1)], Timestamp::EPOCH);
        let kept = tail.newer_than(0);
        assert_eq!(numbers(&kept), [1, 2]);
        assert_eq!([&*kept[0].payload, &*kept[1].payload], [b"{0}", b"{2}"]);
    }

    #[test]
    fn a_long_event_is_cut_and_says_so() {
        let tail = Tail::default();
        tail.take(&batch(&[vec![b'x'; LONGEST], vec![b'x'; LONGEST + 1]]), &[], Timestamp::EPOCH);
        let kept = tail.newer_than(0);
        assert!(!kept[0].is_cut() && kept[1].is_cut());
        assert_eq!((kept[1].payload.len(), kept[1].length), (LONGEST, LONGEST + 1));
    }

    #[test]
    fn nobody_reads_a_payload_in_a_debug_message() {
        let tail = Tail::default();
        tail.take(&batch(&[b"canary".to_vec()]), &[], Timestamp::EPOCH);
        let shown = format!("{tail:?} {:?}", tail.newer_than(0));
        assert!(!shown.contains("canary") && !shown.contains("99, 97"), "{shown}");
    }

    proptest! {
        #[test]
        fn the_last_events_are_kept_within_both_bounds(
            batches in proptest::collection::vec(
                proptest::collection::vec(prop_oneof![9 => 1_usize..5_000, 1 => 1_usize..100_000], 0..300), 0..6),
        ) {
            let tail = Tail::default();
            let mut lengths = Vec::new();
            for batch_lengths in batches {
                let payloads: Vec<_> = batch_lengths.iter().map(|length| vec![b'x'; *length]).collect();
                tail.take(&batch(&payloads), &[], Timestamp::EPOCH);
                lengths.extend(batch_lengths);
            }
            let kept = tail.newer_than(0);
            let sizes: Vec<_> = lengths.iter().rev().map(|length| (*length).min(LONGEST)).collect();
            let fit = (0..=sizes.len().min(MOST_EVENTS)).rev().find(|count| sizes[..*count].iter().sum::<usize>() <= MOST_BYTES);
            prop_assert_eq!(Some(kept.len()), fit, "no more and no fewer than fit");
            let first = lengths.len() - kept.len();
            for (index, event) in kept.iter().enumerate() {
                prop_assert_eq!(event.number, (first + index + 1) as u64);
                prop_assert_eq!(event.length, lengths[first + index]);
            }
        }
    }
}
