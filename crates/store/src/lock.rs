//! The exclusive right of one process to a state file.
//!
//! An advisory lock of the operating system on a sibling file: the kernel releases it however the process ends, so a
//! killed collector never leaves a lock behind. Leases are another matter: they exclude two holders of one place.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use incydr_core::ledger::LedgerFault;

use crate::error::Failure;
use crate::state_file::{owner_only, sibling};

/// Held as long as this value lives.
#[derive(Debug)]
pub(crate) struct StateLock {
    _file: File,
}

impl StateLock {
    /// Locks `<state>.lock` and writes into it who holds it, for those who come later.
    ///
    /// [`LedgerFault::HeldBy`] when another process has it, or another ledger of this one.
    pub(crate) fn take(state: &Path, holder: &str) -> Result<Self, Failure> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = owner_only(&mut options).open(sibling(state, ".lock"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(held_by(&mut file)),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        file.set_len(0)?;
        file.rewind()?;
        file.write_all(holder.as_bytes())?;
        Ok(Self { _file: file })
    }
}

fn held_by(file: &mut File) -> Failure {
    let mut text = String::new();
    let holder = match file.read_to_string(&mut text) {
        Ok(1..) => text,
        // The other one has taken the lock this very moment and not signed yet, or signs illegibly.
        Ok(0) | Err(_) => "another process".to_owned(),
    };
    Failure { fault: LedgerFault::HeldBy(holder), info: String::new() }
}
