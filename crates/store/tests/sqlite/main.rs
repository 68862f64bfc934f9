//! The SQLite ledger: the contract of all ledgers, and what only a file can suffer.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, also inside its fixtures")]

mod damage;
mod disturbance;
mod inspection;
mod opening;
mod power_failure;
mod state_folder;

fn storage() -> impl AsyncFn() -> Result<incydr_store::SqliteLedger, incydr_core::ledger::LedgerError> {
    let folder = state_folder::StateFolder::new();
    async move || folder.open().await
}

incydr_store::ledger_contract!(storage());
