//! What is known of a hosted source right now.

use crate::supervision::source_health::{Condition, HealthEvent};
use crate::supervision::stream_meter::StreamStatus;

use super::hosted_source::{Backfill, SourceId};

/// A hosted source at one moment.
#[derive(Clone, PartialEq, Debug)]
pub struct SourceStatus {
    /// Which source.
    pub id: SourceId,
    /// Its name right now.
    pub name: String,
    /// Its state.
    pub state: Condition,
    /// Its open health events, at most one of each error type.
    pub open_events: Vec<HealthEvent>,
    /// Its streams, in the order of the configuration.
    pub streams: Vec<StreamStatus>,
    /// Its backfills that have not ended.
    pub backfills: Vec<BackfillStatus>,
    /// The figures of the last backfills that have ended in this process, by number.
    pub ended_backfills: Vec<(u64, StreamStatus)>,
    /// The requests of its tenant; `None` before the source first started.
    pub budget: Option<BudgetStatus>,
    /// Names of its fields that are not in the schema, and so are left out.
    pub dropped_fields: Vec<String>,
}

/// A backfill at one moment.
#[derive(Clone, PartialEq, Debug)]
pub struct BackfillStatus {
    /// Which backfill.
    pub backfill: Backfill,
    /// How far it has come; `None` while it waits for the source to be authenticated.
    pub progress: Option<StreamStatus>,
}

/// The requests that all sources of a tenant share.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BudgetStatus {
    /// Requests a minute that are allowed right now; less than configured after the vendor complained.
    pub allowed: u32,
    /// Requests in the last 60 seconds.
    pub used: u32,
}
