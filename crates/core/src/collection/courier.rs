//! The courier: batches become outcomes (hop 7).
//!
//! Several batches are on their way at once and their outcomes come back in any order; the committer puts pages in
//! order.

use futures_util::StreamExt;
use futures_util::future::{BoxFuture, join_all};
use futures_util::stream::FuturesUnordered;
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::Collection;
use super::reader::{Load, PageOutcome};
use crate::batch::Batch;
use crate::delivery::{Delivered, Interrupted};
use crate::destination::Receipt;
use crate::event::EventId;
use crate::ledger::DeadLetter;
use crate::timestamp::Timestamp;

/// What the courier hands to the committer.
pub(super) enum Outcome {
    /// Everything of one load has its outcome.
    Settled { page: u64, settled: Settled },
    /// The page is complete.
    PageEnd(PageOutcome),
}

/// One load whose every event was acknowledged, is excluded, or is to be kept as a dead letter.
#[derive(Default)]
pub(super) struct Settled {
    /// All ids, those of excluded events and dead letters included.
    pub(super) ids: Vec<(EventId, Timestamp)>,
    /// Whether a rule excludes all of them.
    pub(super) is_excluded: bool,
    /// What the destinations need to publish it.
    pub(super) receipts: Vec<Receipt>,
    /// What cannot be delivered.
    pub(super) dead_letters: Vec<DeadLetter>,
    /// Bytes of the acknowledged events before compression.
    pub(super) bytes: u64,
    /// Bytes sent, over all destinations.
    pub(super) sent_bytes: u64,
    /// The batch's turn among those in flight. It ends only with the commit, so that a crash can repeat no more
    /// batches than may be in flight.
    pub(super) turn: Option<OwnedSemaphorePermit>,
}

impl Collection {
    /// Takes loads until none come or the stop is asked for; finishes what is under way in either case.
    pub(super) async fn deliver(
        &self,
        mut loads: mpsc::Receiver<Load>,
        outcomes: mpsc::Sender<Outcome>,
        in_flight: usize,
    ) {
        let mut under_way: FuturesUnordered<BoxFuture<'_, Result<Outcome, Interrupted>>> =
            FuturesUnordered::new();
        let mut expecting = true;
        while expecting || !under_way.is_empty() {
            let outcome = tokio::select! {
                biased;
                Some(outcome) = under_way.next() => outcome,
                () = self.stop.requested(), if expecting => { expecting = false; continue }
                load = loads.recv(), if expecting && under_way.len() < in_flight => match load {
                    None => { expecting = false; continue }
                    Some(Load::PageEnd(page)) => Ok(Outcome::PageEnd(page)),
                    Some(Load::DeadLetters { page, letters }) => {
                        Ok(Outcome::Settled { page, settled: Settled::dead(letters) })
                    }
                    Some(Load::Excluded { page, ids }) => {
                        Ok(Outcome::Settled { page, settled: Settled::excluded(ids) })
                    }
                    Some(Load::Batch { page, batch }) => {
                        under_way.push(Box::pin(self.deliver_batch(page, batch)));
                        continue;
                    }
                },
            };
            if let Ok(outcome) = outcome
                && outcomes.send(outcome).await.is_err()
            {
                return;
            }
        }
    }

    async fn deliver_batch(&self, page: u64, batch: Batch) -> Result<Outcome, Interrupted> {
        let turn = self.pace.deliveries.clone().acquire_owned().await.map_err(|_| Interrupted)?;
        let around = self.surroundings();
        let deliveries = self.outlets.iter().map(|outlet| outlet.deliver(&batch, &around));
        let delivered = join_all(deliveries).await.into_iter().collect::<Result<Vec<_>, _>>()?;
        let settled = Settled { turn: Some(turn), ..Settled::of_batch(&batch, delivered) };
        if let Some(tap) = &self.tap {
            tap(&batch, &settled.dead_letters);
        }
        Ok(Outcome::Settled { page, settled })
    }
}

impl Settled {
    fn dead(dead_letters: Vec<DeadLetter>) -> Self {
        let ids = dead_letters.iter().map(|letter| (letter.id, letter.time)).collect();
        Self { ids, dead_letters, ..Self::default() }
    }

    fn excluded(ids: Vec<(EventId, Timestamp)>) -> Self {
        Self { ids, is_excluded: true, ..Self::default() }
    }

    /// An event is dead when any destination refuses it, since every destination must have it.
    fn of_batch(batch: &Batch, delivered: Vec<Delivered>) -> Self {
        let mut settled = Self {
            ids: batch.entries.iter().map(|entry| (entry.id, entry.time)).collect(),
            bytes: u64::try_from(batch.bytes.len()).unwrap_or(u64::MAX),
            ..Self::default()
        };
        let mut refused = Vec::new();
        for one in delivered {
            settled.receipts.extend(one.receipts);
            settled.sent_bytes += one.sent_bytes;
            refused.extend(one.refused);
        }
        refused.sort();
        refused.dedup_by_key(|(index, _)| *index);
        for (index, reason) in refused {
            for (entry, payload) in batch.part(index..index + 1).events() {
                let letter = DeadLetter {
                    id: entry.id,
                    time: entry.time,
                    reason: reason.clone(),
                    raw: payload.to_vec(),
                };
                settled.dead_letters.push(letter);
            }
        }
        settled
    }
}
