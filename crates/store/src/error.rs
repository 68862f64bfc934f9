//! What a failure of the database or of a file means for the caller.

use std::io;

use incydr_core::ledger::{LedgerError, LedgerFault};

/// A failure before it is known what was attempted.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) fault: LedgerFault,
    pub(crate) info: String,
}

impl Failure {
    /// The lease is not the newest of its place.
    pub(crate) fn fenced() -> Self {
        Self { fault: LedgerFault::Fenced, info: String::new() }
    }

    /// The file holds what it never should.
    pub(crate) fn corrupt(info: impl Into<String>) -> Self {
        Self { fault: LedgerFault::Corrupt, info: info.into() }
    }

    /// What a check of the file has found. An unreadable page is a finding too, which ends in its result code.
    pub(crate) fn found_by_check(finding: String) -> Self {
        let code = finding.rsplit_once("error code=").and_then(|(_, code)| code.parse().ok());
        Self { fault: code.map_or(LedgerFault::Corrupt, fault_of_code), info: finding }
    }

    /// The error as callers see it; `attempt` says what was attempted on what.
    pub(crate) fn while_attempting(self, attempt: String) -> LedgerError {
        LedgerError { attempt, fault: self.fault, info: self.info }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self { fault: fault_of_io(error.kind()), info: error.to_string() }
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => {
                let code = error.code().and_then(|code| code.parse().ok()).unwrap_or(0);
                Self { fault: fault_of_code(code), info: error.to_string() }
            }
            sqlx::Error::Io(error) => error.into(),
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => Self::corrupt(error.to_string()),
            // The library reserves the right to add kinds. What is none of the above says that the connection or
            // its thread is gone: it is replaced, and the whole of the attempt may be repeated.
            other => Self { fault: LedgerFault::Io, info: other.to_string() },
        }
    }
}

/// The kinds that say "no space" and "not writable"; all others are failures of the device.
fn fault_of_io(kind: io::ErrorKind) -> LedgerFault {
    use io::ErrorKind::{
        AlreadyExists, FileTooLarge, NotADirectory, NotFound, PermissionDenied, QuotaExceeded,
        ReadOnlyFilesystem, StorageFull,
    };
    match kind {
        StorageFull | QuotaExceeded | FileTooLarge => LedgerFault::Full,
        PermissionDenied | ReadOnlyFilesystem | NotADirectory | NotFound | AlreadyExists => {
            LedgerFault::ReadOnly
        }
        _ => LedgerFault::Io,
    }
}

/// SQLite's result codes (<https://www.sqlite.org/rescode.html>): the low byte is the kind, the rest refines it.
///
/// Codes that are not named here (a constraint, a misuse, out of memory) say nothing about the file, and all that
/// the caller can do is try again: they count as failures of reading or writing.
fn fault_of_code(code: i32) -> LedgerFault {
    const PERM: i32 = 3;
    const BUSY: i32 = 5;
    const LOCKED: i32 = 6;
    const READONLY: i32 = 8;
    const CORRUPT: i32 = 11;
    const FULL: i32 = 13;
    const CANTOPEN: i32 = 14;
    const NOTADB: i32 = 26;
    match code & 0xff {
        FULL => LedgerFault::Full,
        BUSY | LOCKED => LedgerFault::Busy,
        CORRUPT | NOTADB => LedgerFault::Corrupt,
        READONLY | CANTOPEN | PERM => LedgerFault::ReadOnly,
        _ => LedgerFault::Io,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_tells_damage_from_a_device_that_cannot_be_read() {
        for (finding, fault) in [
            ("row 1 missing from index places_by_name", LedgerFault::Corrupt),
            ("Tree 3 page 3: unable to get the page. error code=11", LedgerFault::Corrupt),
            ("Tree 3 page 3: unable to get the page. error code=266", LedgerFault::Io),
        ] {
            assert_eq!(Failure::found_by_check(finding.to_owned()).fault, fault, "{finding}");
        }
    }

    #[test]
    fn extended_codes_mean_what_their_kind_means() {
        for (code, fault) in [
            (13, LedgerFault::Full),
            (5, LedgerFault::Busy),
            (5 | 2 << 8, LedgerFault::Busy),
            (6, LedgerFault::Busy),
            (11 | 3 << 8, LedgerFault::Corrupt),
            (26, LedgerFault::Corrupt),
            (8 | 4 << 8, LedgerFault::ReadOnly),
            (14, LedgerFault::ReadOnly),
            (3, LedgerFault::ReadOnly),
            (10 | 4 << 8, LedgerFault::Io),
            (19, LedgerFault::Io),
        ] {
            assert_eq!(fault_of_code(code), fault, "code {code}");
        }
    }
}
