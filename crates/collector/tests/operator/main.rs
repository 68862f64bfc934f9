//! What an operator does with the real binary: configures it, starts it, manages it from the command line, keeps its
//! sources in files, and gets back in after losing all keys.

#![allow(
    unreachable_pub,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "one test crate of many files, in which every function may panic"
)]

mod answers;
mod client;
mod configuration;
mod daemon;
mod health_events;
mod offline;
mod scripted;
mod source_files;
mod tls;
