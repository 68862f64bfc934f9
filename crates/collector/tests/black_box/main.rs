//! The real binary between the simulated Incydr and the simulated Sumo Logic: killed, lied to, starved and
//! misdirected. Each test names the fault of the matrix that it causes.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may panic wherever it stands"
)]

mod kills;
mod samples;
mod stage;
