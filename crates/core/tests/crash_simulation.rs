//! The engine against a simulated world, crashed after every step it takes; and the proof that the simulation
//! would notice.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may panic wherever it stands")]

#[allow(unreachable_pub, reason = "shared by several test binaries")]
mod simulation;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use incydr_core::ledger::{Ledger, LedgerFault};
use incydr_core::stream::{Place, Stream};

use simulation::memory_ledger::{Disk, MemoryLedger};
use simulation::mutant::Mutant;
use simulation::{Run, Storage, seeds};

struct Memory {
    disk: Arc<Mutex<Disk>>,
    mutant: Option<Mutant>,
}

impl Memory {
    fn new(mutant: Option<Mutant>) -> Self {
        Self { disk: Arc::default(), mutant }
    }
}

#[async_trait]
impl Storage for Memory {
    async fn open(&self) -> Arc<dyn Ledger> {
        Arc::new(MemoryLedger::open(&self.disk, self.mutant))
    }

    fn lose_power(&self, lot: u64) {
        self.disk.lock().expect("no panic under the lock").lose_power(lot);
    }
}

async fn live(run: Run) -> Result<u64, String> {
    run.live(&Memory::new(run.mutant)).await
}

#[tokio::test]
async fn without_a_crash_everything_arrives() {
    for seed in 0..seeds(400) {
        let run = Run::whole(seed);
        live(run).await.unwrap_or_else(|objection| panic!("{run:?}: {objection}"));
    }
}

/// Lives once with each disturbance that `disturbed` makes of a seed and a step.
async fn live_through_every_step(seeds: u64, disturbed: impl Fn(Run, u64) -> Run) {
    for seed in 0..seeds {
        let whole = Run::whole(seed);
        let steps = live(whole).await.expect("holds without a disturbance");
        for step in 1..=steps {
            let run = disturbed(whole, step);
            live(run).await.unwrap_or_else(|objection| panic!("{run:?}: {objection}"));
        }
    }
}

#[tokio::test]
async fn a_crash_after_any_step_loses_nothing_and_repeats_no_more_than_was_in_flight() {
    live_through_every_step(seeds(24), |whole, step| Run { crash_at: Some(step), ..whole }).await;
}

#[tokio::test]
async fn a_power_failure_after_any_step_loses_nothing_and_repeats_no_more_than_was_in_flight() {
    let disturbed = |whole, step| Run { crash_at: Some(step), power_fails: true, ..whole };
    live_through_every_step(seeds(24), disturbed).await;
}

#[tokio::test]
async fn an_orderly_stop_after_any_step_loses_nothing_and_repeats_no_more_than_was_in_flight() {
    live_through_every_step(seeds(12), |whole, step| Run { stop_at: Some(step), ..whole }).await;
}

async fn is_caught(mutant: Mutant) -> bool {
    for seed in 0..500 {
        for crash_at in [None, Some(12), Some(25), Some(40)] {
            let power_fails = mutant == Mutant::NoCommitSynced;
            let run = Run { crash_at, power_fails, mutant: Some(mutant), ..Run::whole(seed) };
            if live(run).await.is_err() {
                return true;
            }
        }
    }
    false
}

#[tokio::test]
async fn every_seeded_bug_is_caught() {
    for mutant in Mutant::ALL.into_iter().filter(|mutant| *mutant != Mutant::StaleLeaseAccepted) {
        assert!(is_caught(mutant).await, "{mutant:?} went unnoticed");
    }
}

/// What the holder of an old lease gets when it commits after a take-over.
async fn commit_of_a_fenced_holder(mutant: Option<Mutant>) -> Result<(), LedgerFault> {
    let storage = Memory::new(mutant);
    let place = Place { source: "simulated".into(), stream: Stream::FileEvents };
    let (old, new) = (storage.open().await, storage.open().await);
    let old_lease = old.acquire(&place, "old").await.expect("free");
    new.acquire(&place, "new").await.expect("taken over");
    old.commit(&old_lease, &Default::default()).await.map(|_| ()).map_err(|error| error.fault)
}

#[tokio::test]
async fn a_holder_that_was_fenced_off_cannot_commit() {
    assert_eq!(commit_of_a_fenced_holder(None).await, Err(LedgerFault::Fenced));
    assert_eq!(
        commit_of_a_fenced_holder(Some(Mutant::StaleLeaseAccepted)).await,
        Ok(()),
        "the mutant differs"
    );
}
