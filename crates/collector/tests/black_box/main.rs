//! The real binary between the simulated Incydr and the simulated Sumo Logic: killed, lied to, starved and
//! misdirected. Each test names the fault of the matrix that it causes.

#![allow(
    unreachable_pub,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wrong_self_convention,
    reason = "one test crate of many files, in which every function may panic"
)]

mod checks;
mod crashes;
mod foreign_lock;
mod health_log;
mod history;
mod kills;
mod operation;
mod outputs;
mod payloads;
mod processing_rules;
mod request_budget;
mod samples;
mod secrets;
mod sink_faults;
mod stage;
mod storage_faults;
mod vendor_faults;
