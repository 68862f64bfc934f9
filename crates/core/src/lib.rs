//! The path of an event, as pure parts and three seams.
//!
//! This crate knows nobody: no database, no HTTP, no wall clock. It says what a stream, a window, a page, an
//! event, a batch, an acknowledgement and a checkpoint are, how each leads to the next, and in which order they
//! may become durable. The parts that talk to the world implement one of three traits:
//! [`source::Source`], [`destination::Destination`] and [`ledger::Ledger`].
//!
//! # Invariants
//!
//! | id | what always holds |
//! |---|---|
//! | I1 | checkpoint and acknowledgements commit together |
//! | I2 | the watermark never falls but by an audited reset |
//! | I3 | an acknowledgement comes only from a positive answer |
//! | I4 | every commit carries the fencing token; a stale one is fatal to its holder |
//! | I5 | a cursor is a value, never a page number |
//! | I6 | windows tile time |
//! | I7 | payload bytes leave as they came, or as the rules of their source rewrote them |
//! | I8 | fetched = acknowledged + duplicate + excluded + dead letter |
//! | I9 | memory per stream is bounded by batches, not by pages, sources or backlog |
//! | I10 | a secret never enters a log, error, metric, page or answer |

pub mod admission;
pub mod batch;
pub mod checkpoint;
pub mod clock;
pub mod collection;
pub mod cut;
pub mod delivery;
pub mod destination;
pub mod event;
pub mod exchange_meter;
pub mod health;
pub mod ledger;
pub mod notice;
pub mod retry;
pub mod retry_after;
pub mod rules;
pub mod secret;
pub mod source;
pub mod stop;
pub mod stream;
pub mod tap;
pub mod timestamp;
pub mod window;
