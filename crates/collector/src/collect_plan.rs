//! Everything that one run of `collect` or `check` needs to know, judged and ready.
//!
//! Whoever holds a plan never looks at options, the environment or the source JSON again.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;

use crate::destination_address::DestinationAddress;
use crate::source_config::SourceConfig;
use crate::time_range::TimeRange;

/// What one run of `collect` does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CollectPlan {
    /// What is collected.
    pub source: SourceConfig,
    /// Where it goes; at least one, and an event is done when all of them have it.
    pub destinations: Vec<DestinationAddress>,
    /// How batches travel to Sumo Logic.
    pub compression: Compression,
    /// From when to when.
    pub time_range: TimeRange,
    /// Whether the run goes on after everything was collected.
    pub follow: bool,
    /// The time from one activation to the next; the source's, unless the operator wants another.
    pub polling_interval: Duration,
    /// The SQLite file with the place of every stream. It may not exist yet.
    pub state_file: PathBuf,
    /// Whether to wait for a state that another process holds.
    pub wait: bool,
    /// How requests to Incydr are paced.
    pub pace: RequestPace,
    /// Where the summary is written as JSON.
    pub summary_json: Option<PathBuf>,
}

/// What one run of `check` tries.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CheckPlan {
    /// The source whose credentials and permissions are tried.
    pub source: SourceConfig,
    /// The destinations that are tried; possibly none.
    pub destinations: Vec<DestinationAddress>,
    /// How requests to Incydr are paced.
    pub pace: RequestPace,
}

/// How many requests Incydr gets, and how long one may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RequestPace {
    /// At most this many in any minute, over all streams of the tenant.
    pub per_minute: NonZeroU32,
    /// A request may take this long until its answer begins.
    pub request_timeout: Duration,
    /// An answer may be silent for this long.
    pub stall_timeout: Duration,
}

impl RequestPace {
    /// Requests a minute beyond which Incydr refuses.
    pub const VENDOR_LIMIT: u32 = 120;

    /// The requests a minute that `source` may make: no more than Incydr allows on its own hosts.
    pub fn per_minute_of(&self, source: &SourceConfig) -> u32 {
        let limit = if source.is_at_incydr() { Self::VENDOR_LIMIT } else { u32::MAX };
        self.per_minute.get().min(limit)
    }
}

/// How batches are compressed on their way.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum Compression {
    /// `Content-Encoding: gzip`.
    #[default]
    Gzip,
    /// `Content-Encoding: zstd`.
    Zstd,
    /// As they are.
    None,
}
