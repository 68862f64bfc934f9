//! A whole life of the engine in simulated time, with a crash wherever one is wanted, and an oracle at its end.

#![allow(
    dead_code,
    clippy::expect_used,
    reason = "shared by several test binaries, none of which uses all of it"
)]

pub mod memory_ledger;
pub mod mutant;
mod policy;
mod random;
mod sinks;
mod vendor;
mod witness;
pub mod world;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use incydr_core::clock::Clock;
use incydr_core::collection::{Collection, CollectionError, Pace};
use incydr_core::delivery::Outlet;
use incydr_core::ledger::{Lease, Ledger};
use incydr_core::stop::Stop;
use incydr_core::stream::{Place, Stream};
use incydr_core::window::Reach;

use self::mutant::Mutant;
use self::sinks::{Archive, MAX_EVENTS_IN_BATCH, Shelf, Sink};
use self::vendor::Vendor;
use self::witness::Witness;
use self::world::{LOOK_BACK, POLL, World};

const IN_FLIGHT: usize = 3;

/// A storage that outlives the process that uses it.
#[async_trait]
pub trait Storage: Send + Sync {
    /// Opens it for a new process; the one before has died.
    async fn open(&self) -> Arc<dyn Ledger>;

    /// The power failed when the process died: what no sync protects may be gone, and `lot` says how much of it.
    /// Nothing is gone where that cannot be simulated.
    fn lose_power(&self, _lot: u64) {}
}

/// One run: which world, which step kills the process, which seeded bug.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    pub seed: u64,
    /// The step of the first life at which the process dies.
    pub crash_at: Option<u64>,
    /// The step of the first life at which it is asked to stop.
    pub stop_at: Option<u64>,
    /// Whether the whole machine dies, and not the process alone.
    pub power_fails: bool,
    pub mutant: Option<Mutant>,
}

impl Run {
    /// A run without any disturbance.
    pub fn whole(seed: u64) -> Self {
        Self { seed, crash_at: None, stop_at: None, power_fails: false, mutant: None }
    }

    /// Lives until everything has happened. Returns the steps of the run, or what the oracle objects to.
    pub async fn live(self, storage: &dyn Storage) -> Result<u64, String> {
        let world = Arc::new(World::new(self.seed));
        let shelf = Arc::new(Mutex::new(Shelf::default()));
        world.crash_at(self.crash_at);
        let mut lives = 0;
        loop {
            lives += 1;
            let stop = world.stop_at(self.stop_at.filter(|_| lives == 1));
            let life = Life::begin(&self, &world, &shelf, stop, storage.open().await).await;
            let outcome = tokio::select! {
                biased;
                () = world.crashed() => None,
                ended = life.follow() => Some(ended),
            };
            let is_over = outcome.transpose()? == Some(Ended::Complete);
            if is_over {
                world.rest();
                let counts = life.ledger.totals(&life.lease).await.map_err(|error| error.to_string())?;
                if !counts.balance() {
                    return Err(format!("the outcomes do not add up: {counts:?}"));
                }
                judge_excluded(&world, counts.excluded)?;
            }
            drop(life);
            if is_over {
                break;
            }
            if self.power_fails {
                storage.lose_power(world.lot());
            }
            let in_doubt = world.die();
            if in_doubt > IN_FLIGHT * MAX_EVENTS_IN_BATCH {
                return Err(format!("{in_doubt} events were in doubt when the process ended"));
            }
            // Every other crash is followed by another one soon after the restart.
            world.crash_at((lives == 1 && self.seed % 2 == 1).then_some(5 + self.seed % 7));
        }
        judge(&world, &shelf)?;
        Ok(world.steps())
    }
}

/// How a process ended, if it did not die.
#[derive(PartialEq, Eq)]
enum Ended {
    Complete,
    Stopped,
}

/// One process.
struct Life {
    collection: Collection,
    ledger: Arc<Witness>,
    lease: Lease,
    world: Arc<World>,
}

impl Life {
    async fn begin(
        run: &Run,
        world: &Arc<World>,
        shelf: &Arc<Mutex<Shelf>>,
        stop: Stop,
        ledger: Arc<dyn Ledger>,
    ) -> Self {
        let mutant = run.mutant;
        let ledger = Arc::new(Witness { world: world.clone(), ledger, mutant });
        let place = Place { source: "simulated".into(), stream: Stream::FileEvents };
        let lease = ledger.acquire(&place, "a life").await.expect("the storage opens");
        let archive = Archive { world: world.clone(), shelf: shelf.clone() };
        let outlets =
            vec![Outlet::new(Box::new(Sink::new(world.clone(), mutant))), Outlet::new(Box::new(archive))];
        let look_back =
            if mutant == Some(Mutant::NoLookBack) { std::time::Duration::ZERO } else { LOOK_BACK };
        let page_size = [1, 3, 5][usize::try_from(run.seed % 3).expect("small")];
        let collection = Collection {
            source: Box::new(Vendor { world: world.clone(), mutant }),
            rules: match mutant {
                Some(Mutant::RulesNotApplied) => Arc::default(),
                _ => Arc::new(world.policy.rules()),
            },
            outlets,
            ledger: ledger.clone(),
            clock: world.clone(),
            notify: Arc::new(|_| {}),
            tap: None,
            stop,
            reach: Reach {
                start: world.start,
                earliest: None,
                look_back,
                second_pass: std::time::Duration::ZERO,
            },
            pace: Pace::new(page_size, IN_FLIGHT, 2),
        };
        Self { collection, ledger, lease, world: world.clone() }
    }

    /// Collects again and again until everything has happened.
    async fn follow(&self) -> Result<Ended, String> {
        for _ in 0..2_000 {
            let until = self.world.now();
            match self.collection.collect(&self.lease, until).await {
                Ok(_) if until >= self.world.end() => return Ok(Ended::Complete),
                Ok(_) => self.world.pass(POLL),
                Err(CollectionError::Source(_)) => self.world.pass(std::time::Duration::from_secs(1)),
                Err(CollectionError::Stopped) => return Ok(Ended::Stopped),
                Err(error) => return Err(format!("gave up: {error}")),
            }
        }
        Err("never came to an end".into())
    }
}

/// Each event that a rule excludes is counted once, however often it was met.
fn judge_excluded(world: &World, counted: u64) -> Result<(), String> {
    let excludes = |content: &[u8]| world.policy.outgoing(content).is_none();
    let (mut least, mut most) = (0, 0);
    for thing in world.things.iter().filter(|thing| !thing.undecodable) {
        most += u64::from(excludes(&thing.content));
        most += u64::from(thing.change.as_ref().is_some_and(|(_, content)| excludes(content)));
        least += u64::from(thing.vanishes_at.is_none() && excludes(thing.final_content()));
    }
    match (least..=most).contains(&counted) {
        true => Ok(()),
        false => Err(format!("{counted} events were excluded, and not {least} to {most}")),
    }
}

/// What must hold at the end: nothing that may leave lost, nothing altered or invented, no more repeated than allowed, and in the
/// archive nothing repeated at all.
fn judge(world: &World, shelf: &Mutex<Shelf>) -> Result<(), String> {
    let arrivals = world.arrivals();
    let archived = shelf.lock().expect("no panic under the lock").lines();
    for thing in &world.things {
        let must_arrive = thing.vanishes_at.is_none();
        if thing.undecodable {
            if must_arrive && !world.is_dead(thing.final_content()) {
                return Err(format!("{} was lost", thing.id));
            }
            continue;
        }
        let Some(content) = world.policy.outgoing(thing.final_content()) else { continue };
        if must_arrive && !world.is_dead(&content) && !arrivals.contains_key(&content) {
            return Err(format!("{} was lost", thing.id));
        }
        if must_arrive && !archived.contains_key(&content) {
            return Err(format!("{} is missing in the archive", thing.id));
        }
    }
    let contents = world.things.iter().flat_map(|thing| [thing.content.as_slice(), thing.final_content()]);
    let known: Vec<_> = contents.filter_map(|content| world.policy.outgoing(content)).collect();
    if let Some(wrong) = arrivals.keys().chain(archived.keys()).find(|content| !known.contains(content)) {
        return Err(format!("{} was altered or invented, or is excluded", String::from_utf8_lossy(wrong)));
    }
    let repeated: u64 = arrivals.values().map(|count| count - 1).sum();
    if repeated > world.may_repeat() {
        return Err(format!("{repeated} events were repeated, {} may be", world.may_repeat()));
    }
    match archived.iter().find(|(_, count)| **count > 1) {
        Some((line, _)) => Err(format!("{} stands twice in the archive", String::from_utf8_lossy(line))),
        None => Ok(()),
    }
}

/// How far a suite goes: `INCYDR_SEEDS`, set when the tests are built, raises it for a long run.
pub fn seeds(default: u64) -> u64 {
    option_env!("INCYDR_SEEDS").and_then(|text| text.parse().ok()).unwrap_or(default)
}
