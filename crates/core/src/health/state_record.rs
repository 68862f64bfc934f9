//! The state of a source together with its reason.

use crate::health::{ErrorType, SourceState, Trouble};
use crate::timestamp::Timestamp;

/// In which state a source is, why, and since when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StateRecord {
    /// The state as the specification names it.
    pub state: SourceState,
    /// Who must act; only in [`SourceState::Error`].
    pub error_type: Option<ErrorType>,
    /// The HTTP status of the answer, where there was one.
    pub error_code: Option<u16>,
    /// The answer's own words, as in `{"error":"invalid_client"}`.
    pub error_info: Option<String>,
    /// When the source came into this state, or when the error became this one.
    pub since: Timestamp,
}

impl StateRecord {
    /// A state that is no error.
    pub const fn well(state: SourceState, since: Timestamp) -> Self {
        Self { state, error_type: None, error_code: None, error_info: None, since }
    }

    /// [`SourceState::Error`], because of `trouble`.
    pub fn error(trouble: &Trouble, since: Timestamp) -> Self {
        Self {
            state: SourceState::Error,
            error_type: Some(trouble.error_type),
            error_code: trouble.error_code,
            error_info: Some(trouble.error_info.clone()),
            since,
        }
    }

    /// Whether `other` says the same, whatever the times.
    pub fn says_the_same_as(&self, other: &Self) -> bool {
        *self == Self { since: self.since, ..other.clone() }
    }
}
