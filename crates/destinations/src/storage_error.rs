//! Failures of the system underneath (disk, pipe, memory) as delivery errors.

use std::io::{self, ErrorKind};

use incydr_core::destination::{DeliveryError, DeliveryFault};

/// What a failed system call means for the delivery; `attempt` says what was attempted, lower case.
pub(crate) fn storage_error(destination: &str, attempt: &str, error: &io::Error) -> DeliveryError {
    let is_full = matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded);
    DeliveryError {
        destination: destination.to_owned(),
        fault: if is_full { DeliveryFault::StorageFull } else { DeliveryFault::StorageIo },
        code: None,
        info: format!("{attempt}: {error}"),
        retry_after: None,
    }
}
