//! The destinations through the seam that the engine uses, against responders and folders of their own.

#![expect(
    clippy::unwrap_used,
    reason = "in tests, also outside the test functions, a failed expectation is a failed test"
)]

mod addresses;
mod archive;
mod encode;
mod events;
mod metadata;
mod responder;
mod stdout;
mod sumo;
