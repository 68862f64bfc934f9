//! The room that runs hosted sources, thousands of them in one process, for as long as the process lives.
//!
//! [`fleet::Fleet`] is the only way in. Each source is one task: it authenticates, supervises its streams and its
//! backfills, and starts anew when its configuration changes or when it panics; nothing that happens to one source
//! touches another. What they share is here as well: connections, request budgets and the schema of fields. Whoever
//! keeps the sources hears of every change through the journal.
//!
//! Not for: HTTP requests, tables, or judging a configuration. Whatever comes in here has been judged.

mod charts;
mod checking;
mod counting;
mod field_schema;
mod fleet;
mod hosted_source;
mod labels;
mod leftovers;
mod life;
mod redelivery;
mod spread;
mod status;
mod tail;
mod task;
mod tenants;
mod turnstile;
mod wish;

pub use self::charts::Charts;
pub use self::field_schema::{DroppedField, FieldSchema};
pub use self::fleet::{Change, Fleet, FleetParts, Journal};
pub use self::hosted_source::{Backfill, BackfillOutcome, CollectorLabels, HostedSource, SourceId};
pub use self::redelivery::Redelivered;
pub use self::spread::FirstPoll;
pub use self::status::{BackfillStatus, BudgetStatus, SourceStatus};
pub use self::tail::{Tail, TailEvent};
pub use crate::supervision::source_health::{Condition, HealthEvent};
pub use crate::supervision::stream_meter::{Scale, SpanFigures, StreamError, StreamStatus, StreamTotals};
