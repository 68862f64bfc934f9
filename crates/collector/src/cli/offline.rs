//! `rotate-vault-key` and `reset-access`: work on the data of a daemon that is stopped. They hold the state like the
//! daemon itself, so that none of them can run beside it.

use std::io::{self, Write};
use std::path::Path;

use incydr_core::clock::Clock;
use incydr_store::{Author, KeyFile, Store};

use super::client::write;
use super::options::{ResetAccessOptions, RotateVaultKeyOptions, StoppedDaemonOptions};
use super::run;
use crate::configuration::Configuration;
use crate::data_folder::{FreshKey, open_store, open_vault, vault_failure, vault_of_variable};
use crate::failure::Failure;
use crate::settings::VaultKeyPlace;
use crate::state_address;
use crate::system_clock::SystemClock;

/// Seals all secrets by another key.
pub async fn rotate_vault_key(options: RotateVaultKeyOptions) -> Result<(), Failure> {
    let stopped = options.daemon.open().await?;
    let by = Author { name: "rotate-vault-key", at: SystemClock.now() };
    let vault = open_vault(&stopped.vault_key, &stopped.store).await?;
    let next = match (&stopped.vault_key, options.next.as_deref().map(|next| next.strip_prefix("env:"))) {
        (VaultKeyPlace::File(path), None) => {
            stopped.store.rotate_key_file(&vault, &KeyFile::at(path), by).await.map_err(vault_failure)?
        }
        (VaultKeyPlace::Variable(_), Some(Some(name))) => {
            let next = vault_of_variable(name)?;
            stopped.store.rotate_vault(&vault, &next, by).await.map_err(vault_failure)?;
            next
        }
        (VaultKeyPlace::File(_), Some(_)) => {
            let sentence =
                "`--next` is for a key in a variable, but the present one is in a file; leave it out";
            return Err(Failure::mistake(sentence));
        }
        (VaultKeyPlace::Variable(name), None | Some(None)) => {
            let sentence =
                format!("the present key is in `{name}`; name the next one as in `--next env:NEXT_KEY`");
            return Err(Failure::mistake(sentence));
        }
    };
    write(&format!(
        "All secrets are sealed by the key {}; it was {}.\n",
        next.fingerprint(),
        vault.fingerprint()
    ))
}

/// Makes an access key that may change everything.
pub async fn reset_access(options: ResetAccessOptions) -> Result<(), Failure> {
    let StoppedDaemon { store, .. } = options.daemon.open().await?;
    let others = store.access_keys().await.map_err(Failure::ours)?;
    let by = Author { name: "reset-access", at: SystemClock.now() };
    let fresh = FreshKey::make(&store, "made by reset-access", by).await?;
    if options.revoke_others {
        for other in others {
            store.revoke_access_key(&other.access_id, by).await.map_err(Failure::ours)?;
        }
    }
    show(&fresh).map_err(|error| Failure::ours(format!("writing to standard output: {error}")))
}

/// Shows a key for the only time.
pub fn show(fresh: &FreshKey) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "Access ID:  {}", fresh.access_id)?;
    writeln!(out, "Access key: {}   (shown only this once)", fresh.key.reveal())?;
    out.flush()
}

struct StoppedDaemon {
    store: Store,
    vault_key: VaultKeyPlace,
}

impl StoppedDaemonOptions {
    /// Opens the state of a daemon that has been started before, and is not running now.
    async fn open(&self) -> Result<StoppedDaemon, Failure> {
        let mut configuration = match &self.config {
            Some(path) => run::read(path)?,
            None => Configuration::default(),
        };
        if self.data_dir.is_some() {
            configuration.data_dir.clone_from(&self.data_dir);
        }
        let data_dir = match &configuration.data_dir {
            Some(dir) => dir.clone(),
            None => state_address::data_dir().map_err(Failure::mistake)?,
        };
        let state_file = data_dir.join("state.db");
        if !Path::new(&state_file).is_file() {
            let shown = data_dir.display();
            let sentence =
                format!("the folder `{shown}` keeps no state of a daemon; name its folder by `--data-dir`");
            return Err(Failure::mistake(sentence));
        }
        let vault_key = configuration.vault_key_place(&data_dir);
        Ok(StoppedDaemon { store: open_store(&state_file, SystemClock.now()).await?, vault_key })
    }
}
