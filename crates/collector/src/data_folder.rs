//! What the daemon keeps: the state file, the vault and its key, the access keys. Only one process works on it.

use std::path::Path;

use incydr_core::secret::Secret;
use incydr_core::timestamp::Timestamp;
use incydr_store::{AccessKey, Author, KeyFile, Role, SqliteLedger, Store, StoreError, Vault, VaultKey};

use crate::assembly::holder;
use crate::collecting::state_failure;
use crate::failure::Failure;
use crate::secret_source;
use crate::settings::VaultKeyPlace;
use crate::web::access_key::NewKey;

/// An access key that was just made. The key is never shown again.
#[derive(Debug)]
pub struct FreshKey {
    /// Its access ID.
    pub access_id: String,
    /// The key.
    pub key: Secret,
}

impl FreshKey {
    /// Makes a key that may change everything.
    pub async fn make(store: &Store, label: &str, by: Author<'_>) -> Result<Self, Failure> {
        let new = NewKey::generate().map_err(Failure::ours)?;
        let kept = AccessKey {
            access_id: new.access_id.clone(),
            hash: new.hash,
            role: Role::Manage,
            label: label.to_owned(),
            collector_id: None,
            created: by.at,
            expires: None,
            last_used: None,
        };
        store.create_access_key(&kept, by).await.map_err(Failure::ours)?;
        Ok(Self { access_id: new.access_id, key: new.key })
    }
}

/// Opens the state file, and holds it until the store is dropped.
pub async fn open_store(state_file: &Path, now: Timestamp) -> Result<Store, Failure> {
    let ledger = SqliteLedger::open(state_file, &format!("{}, since {now}", holder())).await;
    ledger.map(Store::over).map_err(|error| state_failure(&error))
}

/// Opens the vault with the key at `place`; a file is made where no secret needs one yet.
pub async fn open_vault(place: &VaultKeyPlace, store: &Store) -> Result<Vault, Failure> {
    match place {
        VaultKeyPlace::File(path) => store.open_vault(&KeyFile::at(path)).await.map_err(vault_failure),
        VaultKeyPlace::Variable(name) => {
            let vault = vault_of_variable(name)?;
            store.check_vault(&vault).await.map_err(vault_failure)?;
            Ok(vault)
        }
    }
}

/// The vault whose key is in the environment variable `name`.
pub fn vault_of_variable(name: &str) -> Result<Vault, Failure> {
    let text = secret_source::resolve(&format!("env:{name}"))
        .map_err(|error| Failure::mistake(format!("the key of the vault {error}")))?;
    let key = VaultKey::parse(text.reveal())
        .map_err(|error| Failure::mistake(format!("the key of the vault in `{name}`: {error}")))?;
    Ok(Vault::new(key))
}

/// A key that does not fit is the operator's to mend.
pub fn vault_failure(error: StoreError) -> Failure {
    match error {
        StoreError::Vault(error) => Failure::mistake(error),
        error @ (StoreError::Storage(_) | StoreError::Refused(_)) => Failure::ours(error),
    }
}
