//! The fleet between the simulated Incydr and the simulated Sumo Logic: every state and error type of the
//! specification's tables, and what happens to a source that is updated, restarted, backfilled, removed, or panics.

#![allow(
    unreachable_pub,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "one test crate of many files, in which every function may panic"
)]

mod backfills;
mod charts;
mod checks;
mod chronicle;
mod dead_letters;
mod error_types;
mod fields;
mod isolation;
mod leftovers;
mod life_cycle;
mod place;
mod removal;
mod scale;
mod stage;
mod stalls;
mod tails;
