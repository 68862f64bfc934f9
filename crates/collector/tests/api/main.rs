//! The API of the real program between the simulated services.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "one test crate of many files, in which every function may panic"
)]

mod backfills;
mod dead_letters;
mod fixture;
mod metrics;
mod streams;
