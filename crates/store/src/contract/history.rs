//! Any history of commits, take-overs and crashes leaves exactly what it says.

use std::collections::BTreeMap;
use std::error::Error;

use incydr_core::checkpoint::{Checkpoint, Cursor, WalkRange};
use incydr_core::destination::Receipt;
use incydr_core::event::EventId;
use incydr_core::ledger::{AcknowledgedBatch, Commit, Counts, Lease, Ledger, LedgerError, LedgerFault, Step};
use incydr_core::stream::{Place, Stream};
use incydr_core::timestamp::Timestamp;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};

use super::examples::{ALWAYS, at, counts, range, receipt};

/// Histories per run.
const CASES: u32 = 64;

/// Plays random histories, each on a storage of its own, and compares the ledger with a model after every deed.
pub fn any_history_is_remembered_exactly<L: Ledger, O: AsyncFn() -> Result<L, LedgerError>>(
    storage: impl Fn() -> O,
) -> Result<(), Box<dyn Error>> {
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    TestRunner::new(config).run(&prop::collection::vec(deeds(), 1..40), |history| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(runtime.block_on(play(&storage(), history))?)
    })?;
    Ok(())
}

#[derive(Clone, Debug)]
enum Deed {
    /// Somebody acquires the place of this stream.
    Acquire(Stream),
    /// Somebody who once had a lease, perhaps long ago, commits.
    Commit(Index, Box<Commit>),
    /// The process dies and another one opens the storage.
    Crash,
}

/// What one place must hold.
#[derive(Clone, Default)]
struct Model {
    token: u64,
    checkpoint: Checkpoint,
    seen: Vec<AcknowledgedBatch>,
    unpublished: Vec<Receipt>,
    totals: Counts,
}

async fn play<L: Ledger>(
    open: &impl AsyncFn() -> Result<L, LedgerError>,
    history: Vec<Deed>,
) -> Result<(), LedgerError> {
    let mut ledger = open().await?;
    let mut leases: Vec<Lease> = Vec::new();
    let mut models: BTreeMap<Place, Model> = BTreeMap::new();
    for deed in history {
        match deed {
            Deed::Acquire(stream) => {
                let place = Place { source: "any".to_owned(), stream };
                let lease = ledger.acquire(&place, "anybody").await?;
                models.entry(place).or_default().token = lease.token;
                leases.push(lease);
            }
            Deed::Commit(who, commit) if !leases.is_empty() => {
                let lease = who.get(&leases);
                let outcome = ledger.commit(lease, &commit).await;
                match models.get_mut(&lease.place) {
                    Some(model) if model.token == lease.token => {
                        model.apply(&commit);
                        assert_eq!(outcome?, model.checkpoint);
                    }
                    Some(_) | None => {
                        assert_eq!(outcome.map_err(|error| error.fault), Err(LedgerFault::Fenced));
                    }
                }
            }
            Deed::Commit(..) => {}
            Deed::Crash => {
                drop(ledger);
                ledger = open().await?;
            }
        }
        for (place, model) in &models {
            model.compare(&ledger, place).await?;
        }
    }
    Ok(())
}

impl Model {
    fn apply(&mut self, commit: &Commit) {
        self.unpublished.retain(|receipt| !commit.published.contains(receipt));
        for batch in &commit.acknowledged {
            for receipt in &batch.receipts {
                if !self.unpublished.contains(receipt) {
                    self.unpublished.push(receipt.clone());
                }
            }
            self.seen.push(AcknowledgedBatch { receipts: Vec::new(), ..batch.clone() });
        }
        self.totals = self.totals.plus(commit.counts);
        if let Some(step) = &commit.step {
            self.checkpoint = self.checkpoint.clone().after(step);
        }
        if let Some(Step::CloseWindow { forget_before, .. }) = &commit.step {
            self.seen.retain(|batch| batch.ids.iter().any(|(_, time)| time >= forget_before));
        }
    }

    fn seen(&self, from: Timestamp, to: Timestamp) -> Vec<AcknowledgedBatch> {
        let inside =
            |batch: &&AcknowledgedBatch| batch.ids.iter().any(|(_, time)| (from..=to).contains(time));
        self.seen.iter().filter(inside).cloned().collect()
    }

    async fn compare(&self, ledger: &impl Ledger, place: &Place) -> Result<(), LedgerError> {
        let lease = Lease { place: place.clone(), token: self.token };
        assert_eq!(ledger.load(&lease).await?, self.checkpoint);
        assert_eq!(ledger.totals(&lease).await?, self.totals);
        assert_eq!(ledger.unpublished(&lease).await?, self.unpublished);
        for (from, to) in [ALWAYS, (at(20), at(40))] {
            assert_eq!(ledger.seen(&lease, from, to).await?, self.seen(from, to));
        }
        Ok(())
    }
}

fn deeds() -> impl Strategy<Value = Deed> {
    prop_oneof![
        2 => prop::sample::select(&Stream::ALL[..2]).prop_map(Deed::Acquire),
        8 => (any::<Index>(), commits()).prop_map(|(who, commit)| Deed::Commit(who, Box::new(commit))),
        1 => Just(Deed::Crash),
    ]
}

fn commits() -> impl Strategy<Value = Commit> {
    (
        prop::collection::vec(batches(), 0..4),
        prop::collection::vec(receipts(), 0..3),
        (0..100_u64, 0..100_u64),
        prop::option::of(steps()),
    )
        .prop_map(|(acknowledged, published, (fresh, known), step)| Commit {
            acknowledged,
            dead_letters: Vec::new(),
            published,
            counts: counts(fresh, known),
            step,
        })
}

fn batches() -> impl Strategy<Value = AcknowledgedBatch> {
    let ids = (any::<u128>(), any::<u64>(), instants())
        .prop_map(|(key, version, time)| (EventId { key, version }, time));
    (1..4_u64, 0..3_u32, 0..5_u64, prop::collection::vec(ids, 0..6), prop::collection::vec(receipts(), 0..2))
        .prop_map(|(window, range, page, ids, receipts)| AcknowledgedBatch {
            window,
            range,
            page,
            ids,
            receipts,
        })
}

fn steps() -> impl Strategy<Value = Step> {
    prop_oneof![
        (1..4_u32).prop_map(|ranges| Step::OpenWindow((0..ranges).map(range).collect())),
        walked_ranges().prop_map(Step::Advance),
        (instants(), instants(), any::<bool>()).prop_map(|(watermark, forget_before, second_pass)| {
            Step::CloseWindow { watermark, forget_before, second_pass }
        }),
    ]
}

fn walked_ranges() -> impl Strategy<Value = WalkRange> {
    let cursor =
        prop_oneof![Just(Cursor::Start), ".{0,8}".prop_map(Cursor::Token), instants().prop_map(Cursor::At),];
    (0..4_u32, cursor, instants(), any::<(u64, u64, Option<u64>, u32, bool)>()).prop_map(
        |(number, cursor, position, (page, unique, expected, rescans, closed))| WalkRange {
            cursor,
            position,
            page,
            unique,
            expected,
            rescans,
            closed,
            ..range(number)
        },
    )
}

fn receipts() -> impl Strategy<Value = Receipt> {
    prop::sample::select(vec!["a", "b", "c"]).prop_map(receipt)
}

fn instants() -> impl Strategy<Value = Timestamp> {
    (0..60_i64).prop_map(at)
}
