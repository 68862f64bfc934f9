//! The kinds of records that a collector carries from the one service to the other.

use serde::{Deserialize, Serialize};

/// What a record is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordKind {
    /// Known by `event.id`; never changes.
    FileEvent,
    /// Known by `sessionId`; changes over time.
    Session,
    /// Known by `id`, in the long or the short form of the deprecated API.
    Alert,
    /// Known by its bytes alone; the same row can exist twice.
    AuditRow,
    /// Anything else.
    Unknown,
}
