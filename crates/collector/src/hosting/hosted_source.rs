//! A source as it is handed to the fleet.

use std::fmt;

use incydr_core::health::Trouble;
use incydr_core::stream::{Place, Stream};
use incydr_core::timestamp::Timestamp;

use super::spread::FirstPoll;
use crate::source_config::{Fields, SourceConfig};
use crate::supervision::source_health::HealthEvent;

/// Names a hosted source for ever, whatever it is renamed to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SourceId(pub u64);

impl fmt::Display for SourceId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// A source that the fleet runs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HostedSource {
    /// Its name in the ledger, which a rename does not change.
    pub id: SourceId,
    /// What it inherits from its collector.
    pub collector: CollectorLabels,
    /// The configuration, judged.
    pub config: SourceConfig,
    /// Where a stream without a checkpoint begins; what lies before it is for backfills. It should stay the same over
    /// restarts of the process.
    pub since: Timestamp,
    /// When it polls first, so that sources that start together do not poll together.
    pub first_poll: FirstPoll,
    /// Backfills that have not ended. An update leaves those under way alone, and ignores this list.
    pub backfills: Vec<Backfill>,
    /// Health events that were open when an earlier process ended. A trouble that goes on keeps its event; the others
    /// are closed once every stream has succeeded. An update ignores this list.
    pub open_events: Vec<HealthEvent>,
}

/// What a source inherits from its collector, unless it says otherwise itself.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CollectorLabels {
    /// The source category for sources without one of their own.
    pub category: Option<String>,
    /// Fields of all events; those of the source win. `_siemForward` is inherited in the same way.
    pub fields: Fields,
}

/// A stretch of history that is collected beside the live stream, with a place of its own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Backfill {
    /// Tells it apart from all other backfills of the source, past ones included.
    pub number: u64,
    /// What is collected.
    pub stream: Stream,
    /// The first instant.
    pub from: Timestamp,
    /// The last instant.
    pub to: Timestamp,
}

/// A kept backfill in the form in which it runs.
impl From<incydr_store::Backfill> for Backfill {
    fn from(kept: incydr_store::Backfill) -> Self {
        Self { number: kept.id, stream: kept.stream, from: kept.from, to: kept.to }
    }
}

/// How a backfill ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BackfillOutcome {
    /// Everything is delivered and committed.
    Complete,
    /// It was cancelled; what was delivered until then stays delivered.
    Cancelled,
    /// Retrying cannot help.
    Failed(Trouble),
}

impl BackfillOutcome {
    /// One word for it.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Cancelled => "cancelled",
            Self::Failed(_) => "failed",
        }
    }
}

impl HostedSource {
    /// Where `stream` keeps its place: renames keep it, another tenant's origin is another place.
    pub fn place(&self, stream: Stream) -> Place {
        Place { source: self.place_name(), stream }
    }

    /// Where `backfill` keeps its place.
    pub fn backfill_place(&self, backfill: &Backfill) -> Place {
        Place {
            source: format!("{} backfill {}", self.place_name(), backfill.number),
            stream: backfill.stream,
        }
    }

    /// Whether `other` does the same work, and differs at most in how its events are labeled.
    pub(super) fn works_as(&self, other: &Self) -> bool {
        let Self { config, since, .. } = self;
        let relabeled = SourceConfig {
            name: config.name.clone(),
            description: config.description.clone(),
            category: config.category.clone(),
            fields: config.fields.clone(),
            ..other.config.clone()
        };
        *config == relabeled && *since == other.since
    }

    pub(super) fn origin(&self) -> String {
        self.config.base_url.origin().ascii_serialization()
    }

    fn place_name(&self) -> String {
        format!("source {} at {}", self.id, self.origin())
    }
}
