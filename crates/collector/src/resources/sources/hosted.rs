//! From what is kept of a source to what the fleet runs.

use std::time::Duration;

use incydr_core::stream::Stream;
use incydr_core::timestamp::Timestamp;
use incydr_store::{Collector, Source, StoreError};

use super::document::with_secret;
use crate::api::Api;
use crate::document::{self, Object};
use crate::hosting::{Backfill, CollectorLabels, HealthEvent, HostedSource, SourceId, first_poll_after};
use crate::source_config::{Fields, SourceConfig};

/// A stream without a checkpoint begins so long before its source was created.
const FIRST_REACH: Duration = Duration::from_secs(24 * 60 * 60);
/// Sources are read from the store so many at a time.
const AT_ONCE: u32 = 500;

/// What the fleet needs to know of `source` on `collector`, whose document has been judged as `config`.
pub fn hosted_source(collector: &Collector, source: &Source, config: SourceConfig) -> HostedSource {
    HostedSource {
        id: SourceId(source.id),
        collector: labels_of(collector),
        config,
        since: source.created.minus(FIRST_REACH),
        first_poll_after: Duration::ZERO,
        backfills: Vec::new(),
        open_events: Vec::new(),
    }
}
