//! The simulated services, as a plain HTTP client sees them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "clippy takes what tests share for library code")]

mod access;
mod alerts;
mod audit;
mod client;
mod data;
mod faults_on_incydr;
mod faults_on_sumo;
mod file_events;
mod sessions;
mod sumo;
mod tls;
