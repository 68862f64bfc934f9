//! The plan of a running server: its rules, how often each was asked, and how often each struck.

use std::sync::Arc;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::faults::rule::{FaultRule, Target};
use crate::faults::strike::Strike;
use crate::guarded::Guarded;

/// The text form of a plan, as in a file given to `simulate`.
///
/// Names are written in lower case with hyphens, the fields of a fault with underscores:
///
/// ```
/// let script = incydr_simulator::FaultScript::parse(r#"{"rules": [
///   {"where": "oauth", "when": {"next": 3}, "faults": [{"answer": {"status": 401, "body": "{\"error\":\"invalid_client\"}"}}]},
///   {"where": "file-events", "when": {"nth": 3}, "faults": [{"answer": {"status": 429, "headers": {"retry-after": "1"}}}]},
///   {"where": "file-events", "when": {"every": 10}, "faults": [{"truncate": {"at": 5000}}, {"delay": {"millis": 200}}]},
///   {"where": "file-events", "when": {"from": 4, "to": 6}, "faults": [{"page": {"token-cycle": {"length": 1}}}]},
///   {"where": "file-events", "when": {"nth": 9}, "faults": [{"page": {"poison": {"poison": "invalid-utf8", "position": 2}}}]},
///   {"where": "any", "when": {"probability": 0.01, "seed": 7}, "faults": [{"break": {"at": {"body": 100}, "how": "reset"}}]},
///   {"where": "sessions", "when": {"after_seconds": 60, "until_seconds": 90}, "faults": [{"hang": {"at": "before-head"}}]},
///   {"where": "sumo", "when": {"nth": 2}, "faults": [{"ingest": {"share": 0.5}}, {"answer": {"status": 408}}]},
///   {"where": "sumo", "faults": [{"refuse-containing": {"marker": "poison", "status": 400}}]},
///   {"where": "connection", "when": {"next": 1}, "faults": [{"break": {"at": "before-head", "how": "close"}}]}
/// ]}"#);
/// assert!(script.is_ok());
/// ```
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultScript {
    /// In order; all that strike one request add up.
    pub rules: Vec<FaultRule>,
}

impl FaultScript {
    /// Reads the JSON form.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }
}

/// Names a rule of a running plan.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct RuleId(u64);

/// The rules that a server obeys. Clones are the same plan; it may change at any time.
#[derive(Clone, Debug, Default)]
pub struct FaultPlan(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    rules: Guarded<Rules>,
    strikes: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Rules {
    added: u64,
    active: Vec<ActiveRule>,
}

#[derive(Debug)]
struct ActiveRule {
    id: RuleId,
    rule: FaultRule,
    since: Instant,
    asked: u64,
    struck: u64,
    chance: SmallRng,
}

impl FaultPlan {
    /// A plan with these rules to begin with.
    pub fn new(script: FaultScript) -> Self {
        let plan = Self::default();
        for rule in script.rules {
            plan.add(rule);
        }
        plan
    }

    /// Adds a rule; it counts requests from now on.
    pub fn add(&self, rule: FaultRule) -> RuleId {
        let mut rules = self.0.rules.lock();
        rules.added += 1;
        let id = RuleId(rules.added);
        let chance = SmallRng::seed_from_u64(rule.when.seed);
        rules.active.push(ActiveRule { id, rule, since: Instant::now(), asked: 0, struck: 0, chance });
        id
    }

    /// Takes a rule out.
    pub fn remove(&self, id: RuleId) {
        self.0.rules.lock().active.retain(|active| active.id != id);
    }

    /// Takes all rules out.
    pub fn clear(&self) {
        self.0.rules.lock().active.clear();
    }

    /// How often a rule struck so far; 0 once it was taken out.
    pub fn struck(&self, id: RuleId) -> u64 {
        self.0.rules.lock().active.iter().find(|active| active.id == id).map_or(0, |active| active.struck)
    }

    /// Returns once a rule struck `times` times. Cancel safe.
    pub async fn wait_until_struck(&self, id: RuleId, times: u64) {
        let mut strikes = self.0.strikes.subscribe();
        while self.struck(id) < times {
            if strikes.changed().await.is_err() {
                return;
            }
        }
    }

    /// Everything that befalls one request to `endpoint`.
    pub(crate) fn strike(&self, endpoint: Target) -> Strike {
        let mut strike = Strike::default();
        let mut hit = false;
        for active in
            self.0.rules.lock().active.iter_mut().filter(|active| active.rule.target.covers(endpoint))
        {
            active.asked += 1;
            let seconds = active.since.elapsed().as_secs_f64();
            let chance = &mut active.chance;
            if active.rule.when.holds(active.asked, seconds, || chance.random()) {
                active.struck += 1;
                hit = true;
                active.rule.faults.iter().for_each(|fault| strike.add(fault));
            }
        }
        if hit {
            self.0.strikes.send_modify(|count| *count += 1);
        }
        strike
    }
}
