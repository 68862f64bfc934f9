//! The world outside the engine: its time, its steps, and the truth about its events.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use incydr_core::clock::Clock;
use incydr_core::event::EventId;
use incydr_core::stop::{Stop, StopSwitch, stop_switch};
use incydr_core::timestamp::Timestamp;
use tokio::sync::Notify;

use super::policy::Policy;
use super::random::Random;

/// A thing at the vendor. Its content may change once.
#[derive(Clone, Debug)]
pub struct Thing {
    pub id: String,
    pub inserted: Timestamp,
    pub visible_at: Timestamp,
    pub content: Vec<u8>,
    /// From when on it reads otherwise, and how.
    pub change: Option<(Timestamp, Vec<u8>)>,
    /// From when on it is gone; such a thing need not arrive.
    pub vanishes_at: Option<Timestamp>,
    /// Cannot be decoded.
    pub undecodable: bool,
    /// Refused by the destination for good.
    pub poison: bool,
}

impl Thing {
    pub fn content_at(&self, now: Timestamp) -> &[u8] {
        match &self.change {
            Some((at, content)) if *at <= now => content,
            _ => &self.content,
        }
    }

    /// The content that must have arrived in the end.
    pub fn final_content(&self) -> &[u8] {
        self.change.as_ref().map_or(&self.content, |(_, content)| content)
    }
}

pub const HISTORY: Duration = Duration::from_secs(6 * 3_600);
pub const LOOK_BACK: Duration = Duration::from_secs(600);
pub const POLL: Duration = Duration::from_secs(300);
const THINGS: u64 = 24;

pub struct World {
    pub things: Vec<Thing>,
    pub start: Timestamp,
    /// What may leave.
    pub policy: Policy,
    state: Mutex<State>,
    crash: Notify,
}

struct State {
    now: Timestamp,
    random: Random,
    steps: u64,
    crash_at: Option<u64>,
    stop_at: Option<u64>,
    stop: Option<StopSwitch>,
    /// How often each content arrived.
    arrived: BTreeMap<Vec<u8>, u64>,
    /// Arrived, but not known to the ledger as acknowledged.
    in_doubt: BTreeSet<EventId>,
    /// Events that may arrive once more, because an answer was lost or the process died before the commit.
    may_repeat: u64,
    dead: BTreeSet<Vec<u8>>,
    at_peace: bool,
}

impl World {
    pub fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let start = Timestamp::from_millis(1_768_000_000_000);
        let things = (0..THINGS).map(|number| thing(number, start, &mut random)).collect();
        let state = State {
            now: start.plus(HISTORY),
            random,
            steps: 0,
            crash_at: None,
            stop_at: None,
            stop: None,
            arrived: BTreeMap::new(),
            in_doubt: BTreeSet::new(),
            may_repeat: 0,
            dead: BTreeSet::new(),
            at_peace: false,
        };
        Self { things, start, policy: Policy::of_seed(seed), state: Mutex::new(state), crash: Notify::new() }
    }

    /// When everything has happened, and every look-back over it is past.
    pub fn end(&self) -> Timestamp {
        self.start.plus(HISTORY).plus(LOOK_BACK * 4)
    }

    pub fn crash_at(&self, step: Option<u64>) {
        self.with(|state| state.crash_at = step.map(|step| state.steps + step));
    }

    /// The process is asked to stop at this step, counted from now; returns what it sees of the wish.
    pub fn stop_at(&self, step: Option<u64>) -> Stop {
        let (switch, stop) = stop_switch();
        self.with(|state| {
            state.stop_at = step.map(|step| state.steps + step);
            state.stop = Some(switch);
        });
        stop
    }

    /// One durable or network step; at the chosen one the process dies, which its caller never survives.
    pub async fn step(&self) {
        let dies = self.with(|state| {
            state.steps += 1;
            if let (true, Some(switch)) = (state.stop_at == Some(state.steps), &state.stop) {
                switch.request();
            }
            state.crash_at == Some(state.steps)
        });
        if dies {
            self.crash.notify_one();
            std::future::pending::<()>().await;
        }
        tokio::task::yield_now().await;
    }

    pub async fn crashed(&self) {
        self.crash.notified().await;
    }

    pub fn steps(&self) -> u64 {
        self.with(|state| state.steps)
    }

    pub fn pass(&self, span: Duration) {
        self.with(|state| state.now = state.now.plus(span));
    }

    pub fn chance(&self, percent: u64) -> bool {
        self.with(|state| state.random.chance(percent))
    }

    /// Any number, evenly.
    pub fn lot(&self) -> u64 {
        self.with(|state| state.random.next())
    }

    pub fn visible(&self) -> Vec<&Thing> {
        let now = self.now();
        let is_there = |thing: &Thing| thing.vanishes_at.is_none_or(|gone| now < gone);
        let mut visible: Vec<_> =
            self.things.iter().filter(|thing| thing.visible_at <= now && is_there(thing)).collect();
        visible.sort_by(|one, other| (one.inserted, &one.id).cmp(&(other.inserted, &other.id)));
        visible
    }

    pub fn arrive(&self, id: EventId, content: &[u8]) {
        self.with(|state| {
            *state.arrived.entry(content.to_vec()).or_default() += 1;
            state.in_doubt.insert(id);
        });
    }

    pub fn acknowledged(&self, ids: impl Iterator<Item = EventId>) {
        self.with(|state| ids.for_each(|id| _ = state.in_doubt.remove(&id)));
    }

    pub fn bury(&self, raw: &[u8]) {
        self.with(|state| _ = state.dead.insert(raw.to_vec()));
    }

    pub fn is_dead(&self, raw: &[u8]) -> bool {
        self.with(|state| state.dead.contains(raw))
    }

    /// Everything has happened, and the process ends in peace.
    pub fn rest(&self) {
        self.with(|state| state.at_peace = true);
    }

    pub fn is_at_peace(&self) -> bool {
        self.with(|state| state.at_peace)
    }

    pub fn allow_repeat(&self, events: usize) {
        self.with(|state| state.may_repeat += u64::try_from(events).expect("small"));
    }

    /// The process died, or stopped with deliveries interrupted: what is in doubt may arrive again. Returns how much that is.
    pub fn die(&self) -> usize {
        let in_doubt = self.with(|state| std::mem::take(&mut state.in_doubt).len());
        self.allow_repeat(in_doubt);
        self.pass(Duration::from_secs(20));
        in_doubt
    }

    pub fn may_repeat(&self) -> u64 {
        self.with(|state| state.may_repeat)
    }

    pub fn arrivals(&self) -> BTreeMap<Vec<u8>, u64> {
        self.with(|state| state.arrived.clone())
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().expect("no panic under the lock"))
    }
}

#[async_trait]
impl Clock for World {
    fn now(&self) -> Timestamp {
        self.with(|state| state.now)
    }

    async fn sleep(&self, span: Duration) {
        self.pass(span);
        tokio::task::yield_now().await;
    }
}

/// Some things share a millisecond, some become visible late, some change, a few are bad.
fn thing(number: u64, start: Timestamp, random: &mut Random) -> Thing {
    let seconds = if number == 0 { 0 } else { random.below(HISTORY.as_secs() / 300) * 300 };
    let nanos = random.below(3) * 400_000;
    let inserted = start.plus(Duration::from_secs(seconds)).plus(Duration::from_nanos(nanos));
    let late = if random.chance(25) { random.below(LOOK_BACK.as_secs() - 60) } else { 0 };
    // Late things are late with respect to the polls, which begin when the history ends.
    let recent = start.plus(HISTORY).plus(Duration::from_secs(late));
    let (inserted, visible_at) = match late {
        0 => (inserted, inserted),
        _ => (recent.minus(Duration::from_secs(late)), recent),
    };
    let id = format!("{:04x}-{number}", random.below(0xffff));
    let content = format!(r#"{{"id":"{id}","state":"first"}}"#).into_bytes();
    let changes = random.chance(15);
    let change = changes.then(|| {
        let content = format!(r#"{{"id":"{id}","state":"second"}}"#).into_bytes();
        (start.plus(HISTORY).plus(Duration::from_secs(random.below(200))), content)
    });
    let vanishes_at = (late == 0 && !changes && random.chance(15))
        .then(|| start.plus(HISTORY).plus(Duration::from_secs(random.below(60))));
    let undecodable = !changes && random.chance(4);
    let poison = !changes && !undecodable && random.chance(4);
    let inserted = if changes { start.plus(HISTORY).minus(Duration::from_secs(30)) } else { inserted };
    let visible_at = visible_at.max(inserted);
    Thing { id, inserted, visible_at, content, change, vanishes_at, undecodable, poison }
}
