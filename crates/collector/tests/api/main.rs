//! The HTTP API of the real program between the simulated services, judged by what Sumo Logic's documentation and
//! clients say. Every row of the specification's tables has a test that names it.

#![allow(
    unreachable_pub,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "one test crate of many files, in which every function may panic"
)]

mod backfills;
mod bad_inputs;
mod client;
mod collectors;
mod config_parameters;
mod daemon;
mod dead_letters;
mod description;
mod envelopes;
mod error_types;
mod fields;
mod health_events;
mod keys;
mod limits;
mod metrics;
mod one_source;
mod processes;
mod rate_limits;
mod roles;
mod secrets;
mod source_checks;
mod source_parameters;
mod sources;
mod states;
mod streams;
mod sumo_account;
mod terraform;
mod tolerance;
mod traces;
