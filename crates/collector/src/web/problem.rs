//! Why a request was not carried out: a code for programs and a sentence for people.

use std::time::Duration;

use hyper::StatusCode;
use incydr_store::{Refusal, StoreError};

use crate::document::ConfigError;
use crate::printable::printable;

/// A request that was not carried out. Nothing was changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// What kind of problem it is.
    pub kind: ProblemKind,
    /// The stable name, as in `collectors.validation.name.duplicate`.
    pub code: &'static str,
    /// A sentence that ends with a full stop: clients cut its last character off.
    pub message: String,
    /// The key at fault, as in `collector.fields.env`, where a document has one.
    pub place: Option<String>,
    /// When to try again.
    pub retry_after: Option<Duration>,
}

/// Kinds of problems, one for each HTTP status that the API answers with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProblemKind {
    /// The request is wrong.
    Invalid,
    /// Nobody knows who asks.
    Unauthorized,
    /// The asker may not do this.
    Forbidden,
    /// There is no such thing.
    NotFound,
    /// The thing exists, but cannot be treated so.
    MethodUnsupported,
    /// The thing has changed since it was read.
    Stale,
    /// The request does not arrive.
    TooSlow,
    /// The request is too large.
    TooLarge,
    /// The address of the request is too long.
    AddressTooLong,
    /// The headers of the request are too large.
    HeadersTooLarge,
    /// Too many requests.
    TooMany,
    /// A failure of ours.
    Internal,
    /// The storage or another part cannot answer now.
    Unavailable,
}

impl ProblemKind {
    /// The HTTP status.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::Invalid => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodUnsupported => StatusCode::METHOD_NOT_ALLOWED,
            Self::Stale => StatusCode::PRECONDITION_FAILED,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::AddressTooLong => StatusCode::URI_TOO_LONG,
            Self::HeadersTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl Problem {
    /// A problem of `kind`; the full stop is added where it is missing.
    pub fn new(kind: ProblemKind, code: &'static str, message: impl Into<String>) -> Self {
        let mut message = message.into();
        if !message.ends_with('.') {
            message.push('.');
        }
        Self { kind, code, message, place: None, retry_after: None }
    }

    /// The request is wrong: what, and what to do.
    pub fn invalid(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(ProblemKind::Invalid, code, message)
    }

    /// There is no such thing.
    pub fn not_found(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(ProblemKind::NotFound, code, message)
    }

    /// There is no such address.
    pub fn unknown_address() -> Self {
        Self::not_found("notfound", "Requested resource could not be found.")
    }

    /// The credentials are missing or wrong.
    pub fn unauthorized() -> Self {
        Self::new(ProblemKind::Unauthorized, "unauthorized", "Credential could not be verified.")
    }

    /// The caller may not do this, for the reason in `message`.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(ProblemKind::Forbidden, "forbidden", message)
    }

    /// Too many requests; the caller may try again after `wait`.
    pub fn too_many(message: impl Into<String>, wait: Duration) -> Self {
        let problem = Self::new(ProblemKind::TooMany, "rate.limit.exceeded", message);
        Self { retry_after: Some(wait), ..problem }
    }

    /// A failure of ours, of which the caller learns nothing.
    pub fn internal() -> Self {
        Self::new(ProblemKind::Internal, "internal.error", "Internal server error.")
    }
}

/// A mistake in a document that a client sent.
impl From<ConfigError> for Problem {
    fn from(error: ConfigError) -> Self {
        let code = match error.missing_key() {
            Some(_) => "collectors.validation.fields.missing",
            None => "collectors.validation.fields.invalid",
        };
        let problem = Self::invalid(code, printable(&error.to_string()));
        Self { place: error.key().map(str::to_owned), ..problem }
    }
}

/// A store that fails is temporarily unavailable; the log says why. A refusal that an operation has not put into its
/// own words is told as it is.
impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Storage(error) => {
                tracing::error!(%error, "the store could not do what a request needs");
                let message = "Service is currently unavailable.";
                Self::new(ProblemKind::Unavailable, "service.unavailable", message)
            }
            StoreError::Vault(error) => {
                tracing::error!(%error, "a secret could not be sealed or opened");
                Self::internal()
            }
            StoreError::Refused(Refusal::NotFound) => Self::unknown_address(),
            StoreError::Refused(Refusal::NameTaken) => Self::invalid(
                "collectors.validation.name.duplicate",
                "A resource with the same name already exists.",
            ),
            StoreError::Refused(Refusal::Full(limit)) => Self::invalid(
                "collectors.quota.exceeded",
                format!("There are {limit} already, which is the limit."),
            ),
            StoreError::Refused(Refusal::InUse(by)) => {
                Self::invalid("collectors.in.use", format!("It is used by {by}."))
            }
        }
    }
}
