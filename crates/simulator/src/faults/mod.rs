//! Fault plans: which request meets which misfortune.
//!
//! A plan is an ordered list of [`rule::FaultRule`]s. Each says where it lies in wait, when it strikes, and what
//! then happens; everything that strikes one request adds up. A plan can be written as JSON and changed while the
//! server runs.
//!
//! ```json
//! {"rules": [
//!   {"where": "file-events", "when": {"nth": 3}, "faults": [{"answer": {"status": 429, "headers": {"retry-after": "1"}}}]},
//!   {"where": "sumo", "when": {"probability": 0.1, "seed": 7}, "faults": [{"break": {"at": "before-head", "how": "reset"}}]}
//! ]}
//! ```

pub(crate) mod fault;
pub(crate) mod plan;
pub(crate) mod poison;
pub(crate) mod rule;
pub(crate) mod strike;
