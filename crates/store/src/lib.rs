//! The durable memory of the collector, and the only crate that speaks SQL.
//!
//! [`SqliteLedger`] implements [`incydr_core::ledger::Ledger`] on one SQLite file: hops 2 and 8 of the path of an
//! event. [`Inspection`] shows the same file to people while the collector runs. A file that cannot be trusted is
//! refused; it is never replaced by an empty one, because an empty memory would start from now and lose events.
//!
//! Keeps I1 (one transaction a commit), I2 and I4 (checked inside that transaction), and never reads the clock: times
//! come from the caller, or from the database where only people read them.

mod acknowledged;
mod budget;
mod database;
mod dead_letters;
mod durability;
mod error;
mod inspection;
mod ledger;
mod lock;
mod place;
mod proofs;
mod ranges;
mod receipts;
mod schema;
mod seal;
mod state_file;

#[cfg(feature = "contract")]
pub mod contract;

pub use crate::inspection::{Inspection, KeptDeadLetter, PlaceStatus, Proof};
pub use crate::ledger::SqliteLedger;
