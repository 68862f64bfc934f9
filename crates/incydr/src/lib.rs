//! A client of the Code42 Incydr API that streams pages as they arrive.
//!
//! Place on the path: hop 4. [`source::source`] gives the [`incydr_core::source::Source`] of one stream; all
//! sources of a tenant share one [`client::Client`], and with it one token and one budget of requests. Usable
//! alone: `Client::new(options, RateBudget::in_memory(100))` needs no ledger.
//!
//! Keeps I5 (a page number never leaves this crate), I7 (payloads are handed on as the bytes that came), I9 (file
//! events are never held as a page) and I10 (secrets and tokens enter no error).
//! Not for: repeating failed requests, keeping a place, or judging which events are new.

mod alerts;
mod audit_log;
mod authorization;
pub mod client;
mod connection_fault;
mod error;
mod file_events;
mod json_page;
mod narrowing;
pub mod page_decoder;
mod patience;
pub mod rate_limit;
mod refusal;
mod sessions;
pub mod source;
mod system_resolver;
mod transport;
mod wire;
