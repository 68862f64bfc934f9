//! Keeps streams collecting (hop 1), and knows how they do.
//!
//! `stream_supervisor` activates a stream again and again and decides what a failure means; `source_health` keeps what
//! is wrong; `stream_meter` and `watchdog` look on from beside the path. One run of `collect` and the hosted sources
//! share all of this.

pub mod authenticating;
pub mod cadence;
pub mod nudge;
pub mod source_health;
pub mod stream_meter;
pub mod stream_supervisor;
pub mod watchdog;
