//! The durable memory of the collector, and the only crate that speaks SQL.
//!
//! [`SqliteLedger`] implements [`incydr_core::ledger::Ledger`] on one SQLite file: hops 2 and 8 of the path of an
//! event. [`Store`] keeps everything else in the same file: hosted collectors, their sources, and what belongs to
//! them. [`Inspection`] shows the file to people while the collector runs. A file that cannot be trusted is refused; it
//! is never replaced by an empty one, because an empty memory would start from now and lose events.
//!
//! Keeps I1 (one transaction a commit), I2 and I4 (checked inside that transaction), and never reads the clock: times
//! come from the caller, or from the database where only people read them.

mod access_keys;
mod acknowledged;
mod audit_log;
mod backfills;
mod budget;
mod collectors;
mod columns;
mod database;
mod dead_letters;
mod dropped_fields;
mod durability;
mod error;
mod fields;
mod health_events;
mod health_search;
mod inspection;
mod ledger;
mod lock;
mod overview;
mod page;
mod place;
mod place_removal;
mod places;
mod proofs;
mod ranges;
mod receipts;
mod schema;
mod seal;
mod sessions;
mod source_states;
mod sources;
mod state_file;
mod store;
mod stream_courses;
mod vault;

#[cfg(feature = "contract")]
pub mod contract;

pub use crate::access_keys::{AccessKey, Role};
pub use crate::audit_log::{AuditEntry, AuditVerdict, Author, Change};
pub use crate::backfills::{Backfill, BackfillState};
pub use crate::collectors::Collector;
pub use crate::dead_letters::DeadLetterSummary;
pub use crate::dropped_fields::DroppedField;
pub use crate::fields::{DataType, Field};
pub use crate::health_events::{HealthEvent, HealthScope, NewHealthEvent};
pub use crate::health_search::{HealthFinds, HealthOrder, HealthSearch, HealthState};
pub use crate::inspection::{Inspection, KeptDeadLetter, PlaceStatus, Proof};
pub use crate::ledger::SqliteLedger;
pub use crate::overview::{
    CollectorRow, ConditionCounts, Overview, OverviewFilter, OverviewRow, SourceCondition, SourceRow,
};
pub use crate::page::{Page, PageToken};
pub use crate::places::{CheckpointReset, PlaceProgress};
pub use crate::sessions::Session;
pub use crate::sources::{NewSource, Source};
pub use crate::store::{Refusal, Store, StoreError};
pub use crate::stream_courses::StreamCourse;
pub use crate::vault::{KeyFile, SealedSecret, Vault, VaultError, VaultKey};
