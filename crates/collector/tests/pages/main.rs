//! The pages of the real program over plain HTTP, as browsers without script ask for them.

#![allow(
    unreachable_pub,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "one test crate of many files, in which every function may panic"
)]

mod about;
mod access_keys;
mod backfills;
#[path = "../api/client.rs"]
#[allow(dead_code, reason = "what the tests of the API need more")]
mod client;
mod collection;
mod collectors;
mod cross_site;
#[path = "../api/daemon.rs"]
#[allow(dead_code, reason = "what the tests of the API need more")]
mod daemon;
mod dead_letters;
mod fields;
mod forgery;
mod health_events;
mod html;
mod live;
mod setup;
mod sign_in;
mod sources;
mod tail;
mod visitor;
