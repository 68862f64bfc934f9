//! What an operator must know: states, error types, and which failure is which.
//!
//! The states and error types are the specification's own words. A trouble's `tracker` is the stable name that the
//! log, the health event and the runbook share.

use crate::destination::{DeliveryError, DeliveryFault};
use crate::ledger::{LedgerError, LedgerFault};
use crate::source::{SourceError, SourceFault};

mod state_record;

pub use self::state_record::StateRecord;

/// The state of a source.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SourceState {
    /// Submitted, validated and stored.
    Pending,
    /// A collection task exists.
    Started,
    /// The task's configuration is complete.
    Initialized,
    /// The vendor accepted the credentials.
    Authenticated,
    /// Collecting.
    Collecting,
    /// Something is wrong; the error says what.
    Error,
    /// Being deleted, or shutting down.
    Stopping,
}

impl SourceState {
    /// All states, in the order of a source's life.
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::Started,
        Self::Initialized,
        Self::Authenticated,
        Self::Collecting,
        Self::Error,
        Self::Stopping,
    ];

    /// Reads the specification's word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// The specification's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Started => "Started",
            Self::Initialized => "Initialized",
            Self::Authenticated => "Authenticated",
            Self::Collecting => "Collecting",
            Self::Error => "Error",
            Self::Stopping => "Stopping",
        }
    }
}

/// Who must act, and whether retrying can help; first what needs somebody most.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ErrorType {
    /// The configuration is wrong: no retry until it is changed.
    ThirdPartyConfig,
    /// The vendor's service fails: retried for ever.
    ThirdPartyGeneric,
    /// A destination or our own storage fails: retried for ever.
    FirstPartyGeneric,
}

impl ErrorType {
    /// All types, as the specification's table lists them.
    pub const ALL: [Self; 3] = [Self::ThirdPartyConfig, Self::ThirdPartyGeneric, Self::FirstPartyGeneric];

    /// Reads the type as the specification's table writes it.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|error_type| error_type.as_str() == word)
    }

    /// The type as the specification's table writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ThirdPartyConfig => "ThirdPartyConfig",
            Self::ThirdPartyGeneric => "ThirdPartyGeneric",
            Self::FirstPartyGeneric => "FirstPartyGeneric",
        }
    }

    /// The health event's name in the specification's table.
    pub const fn event_name(self) -> &'static str {
        match self {
            Self::ThirdPartyConfig => "ThirdPartyConfigError",
            Self::ThirdPartyGeneric => "ThirdPartyGenericError",
            Self::FirstPartyGeneric => "FirstPartyGenericError",
        }
    }
}

/// A failure as an operator sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trouble {
    /// Who must act.
    pub error_type: ErrorType,
    /// The stable name of this kind of trouble, as in `RateLimited`.
    pub tracker: &'static str,
    /// The HTTP status of the answer, where there was one.
    pub error_code: Option<u16>,
    /// The answer's own words, as in `{"error":"invalid_client"}`.
    pub error_info: String,
    /// The whole sentence for the log.
    pub message: String,
}

impl Trouble {
    /// The tracker of the one trouble in which waiting loses something.
    pub const RETENTION_ENDS: &str = "RetentionEnds";
}

impl From<&SourceError> for Trouble {
    fn from(error: &SourceError) -> Self {
        let (error_type, tracker) = classify_source(error.fault);
        Self {
            error_type,
            tracker,
            error_code: error.code,
            error_info: error.info.clone(),
            message: error.to_string(),
        }
    }
}

fn classify_source(fault: SourceFault) -> (ErrorType, &'static str) {
    use ErrorType::{FirstPartyGeneric, ThirdPartyConfig, ThirdPartyGeneric};
    match fault {
        SourceFault::InvalidClient => (ThirdPartyConfig, "InvalidClient"),
        SourceFault::Unauthorized => (ThirdPartyConfig, "Unauthorized"),
        SourceFault::Forbidden => (ThirdPartyConfig, "Scope"),
        SourceFault::RateLimited => (ThirdPartyGeneric, "RateLimited"),
        SourceFault::InvalidCursor => (ThirdPartyGeneric, "TokenInvalid"),
        SourceFault::TooLarge => (ThirdPartyGeneric, "TooLarge"),
        SourceFault::BadPayload => (ThirdPartyGeneric, "BadPayload"),
        SourceFault::ErrorIn200 => (ThirdPartyGeneric, "ErrorIn200"),
        SourceFault::InvalidQuery => (ThirdPartyGeneric, "InvalidQuery"),
        SourceFault::Upstream => (ThirdPartyGeneric, "Upstream"),
        SourceFault::Dns => (ThirdPartyGeneric, "Dns"),
        SourceFault::Tls => (ThirdPartyGeneric, "Tls"),
        SourceFault::Connect => (ThirdPartyGeneric, "Connect"),
        SourceFault::Proxy => (ThirdPartyGeneric, "Proxy"),
        SourceFault::Slow => (ThirdPartyGeneric, "Slow"),
        SourceFault::Timeout => (ThirdPartyGeneric, "Timeout"),
        SourceFault::TokenLoop => (ThirdPartyGeneric, "TokenLoop"),
        SourceFault::EmptyPages => (ThirdPartyGeneric, "EmptyPages"),
        SourceFault::BudgetUnavailable { tracker } => (FirstPartyGeneric, tracker),
    }
}

impl From<&DeliveryError> for Trouble {
    fn from(error: &DeliveryError) -> Self {
        let tracker = match error.fault {
            DeliveryFault::Unreachable | DeliveryFault::Unknown | DeliveryFault::Unavailable => {
                "SinkUnreachable"
            }
            DeliveryFault::Throttled => "SinkThrottled",
            DeliveryFault::TooSlow => "SinkSlow",
            DeliveryFault::TooLarge => "SinkTooLarge",
            DeliveryFault::Rejected | DeliveryFault::Refused => "SinkRejected",
            DeliveryFault::StorageFull => "StorageFull",
            DeliveryFault::StorageIo => "StorageIo",
        };
        Self {
            error_type: ErrorType::FirstPartyGeneric,
            tracker,
            error_code: error.code,
            error_info: error.info.clone(),
            message: error.to_string(),
        }
    }
}

impl LedgerFault {
    /// The stable name of this kind of trouble.
    pub const fn tracker(&self) -> &'static str {
        match self {
            Self::Fenced => "FencedOff",
            Self::HeldBy(_) => "StateInUse",
            Self::Full => "StorageFull",
            Self::Io => "StorageIo",
            Self::Busy => "StorageBusy",
            Self::Corrupt => "StorageCorrupt",
            Self::ReadOnly => "StorageReadOnly",
            Self::Newer => "StoreNewer",
            Self::Unreachable => "StoreUnreachable",
        }
    }
}

impl From<&LedgerError> for Trouble {
    fn from(error: &LedgerError) -> Self {
        Self {
            error_type: ErrorType::FirstPartyGeneric,
            tracker: error.fault.tracker(),
            error_code: None,
            error_info: error.info.clone(),
            message: error.to_string(),
        }
    }
}
