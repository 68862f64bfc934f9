//! Why a measurement could not be made.

use std::io;

use thiserror::Error;

/// Why a measurement could not be made. A missed goal is no error; it stands in the report.
#[derive(Debug, Error)]
pub(crate) enum BenchError {
    /// A file or process did not do what it always does.
    #[error("{attempt}: {cause}")]
    Io { attempt: String, cause: io::Error },
    /// A contestant ended with a failure.
    #[error("running {contestant}: it ended with {status}; it said: {said}")]
    Failed { contestant: String, status: String, said: String },
    /// A contestant ended well, but what arrived is not what was there.
    #[error("running {contestant}: {problem}")]
    WrongOutput { contestant: String, problem: String },
    /// The servers, GNU time or an installer answered with something unknown.
    #[error("{attempt}: {answer:?} was not expected")]
    Unexpected { attempt: String, answer: String },
}

impl BenchError {
    /// Says what was attempted when it failed.
    pub(crate) fn at<E: Into<io::Error>>(attempt: &str) -> impl FnOnce(E) -> Self {
        move |cause| Self::Io { attempt: attempt.to_owned(), cause: cause.into() }
    }
}
