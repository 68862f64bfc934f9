//! What an invented tenant holds.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How much of everything there is, over which time, and how it grows.
#[derive(Clone, PartialEq, Debug)]
pub struct DataOptions {
    /// The same seed makes the same records.
    pub seed: u64,
    /// The history ends now and began so long ago.
    pub period: Duration,
    /// File events in the history, evenly spread.
    pub file_events: u64,
    /// Their mean size; never less than 2.8 KB.
    pub mean_event_bytes: usize,
    /// Sessions in the history; about every third one has alerts.
    pub sessions: u64,
    /// Audit rows in the history.
    pub audit_rows: u64,
    /// What is added while the server runs.
    pub growth: Growth,
    /// When file events can be found.
    pub event_visibility: Visibility,
    /// When audit rows can be found.
    pub audit_visibility: Visibility,
}

impl Default for DataOptions {
    fn default() -> Self {
        Self {
            seed: 1,
            period: Duration::from_secs(24 * 3600),
            file_events: 0,
            mean_event_bytes: 3_100,
            sessions: 0,
            audit_rows: 0,
            growth: Growth::default(),
            event_visibility: Visibility::usual(),
            audit_visibility: Visibility::within(300.0),
        }
    }
}

/// Records that come into being while the server runs.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Growth {
    /// File events a second.
    pub file_events_per_second: f64,
    /// Sessions an hour.
    pub sessions_per_hour: f64,
    /// Audit rows a minute.
    pub audit_rows_per_minute: f64,
}

/// How long after their insertion records can first be found. Shares that do not add up to 1 leave the rest
/// visible at once.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Visibility {
    /// One after the other takes its share.
    pub steps: Vec<VisibilityStep>,
}

/// A part of the records, and how late it can be found.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VisibilityStep {
    /// From 0 to 1.
    pub share: f64,
    /// At the earliest so many seconds after insertion.
    pub from_seconds: f64,
    /// At the latest so many seconds after insertion.
    pub to_seconds: f64,
}

impl Visibility {
    /// At once.
    pub fn immediate() -> Self {
        Self::default()
    }

    /// At any time within so many seconds.
    pub fn within(seconds: f64) -> Self {
        Self { steps: vec![VisibilityStep { share: 1.0, from_seconds: 0.0, to_seconds: seconds }] }
    }

    /// Within 45 seconds, as other collectors assume.
    pub fn usual() -> Self {
        Self::within(45.0)
    }

    /// 0.9 % within 45 seconds, 0.1 % within 10 minutes, 0.01 % after 2 hours, and the rest at once.
    pub fn late() -> Self {
        let step = |share, from_seconds, to_seconds| VisibilityStep { share, from_seconds, to_seconds };
        Self { steps: vec![step(0.009, 0.0, 45.0), step(0.001, 45.0, 600.0), step(0.0001, 7_200.0, 7_260.0)] }
    }
}
