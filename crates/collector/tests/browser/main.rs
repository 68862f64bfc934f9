//! The pages of the real program in a real Chromium, used as people use them. Every test ends with a browser that has
//! met no error, no failed request and no violation of the content security policy but those that the test names.

#![allow(
    unreachable_pub,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "one test crate of many files, in which every function may panic"
)]

mod accessibility;
mod backfills;
mod browser;
mod chromedriver;
#[path = "../api/client.rs"]
#[allow(dead_code, reason = "what the tests of the API need more")]
mod client;
mod complaints;
mod create_source;
#[path = "../api/daemon.rs"]
#[allow(dead_code, reason = "what the tests of the API need more")]
mod daemon;
mod dead_letters;
mod every_page;
mod field_marks;
mod forgery;
mod health_events;
mod injection;
mod live;
mod locator;
mod removal;
mod restart;
mod roles;
mod sign_in;
mod stage;
mod tail;
mod weight;
mod without_script;
