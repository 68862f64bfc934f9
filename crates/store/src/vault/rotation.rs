//! Which key the state file needs, and how it comes to another one.

use std::collections::BTreeSet;

use sqlx::sqlite::SqliteConnection;

use crate::audit_log::{self, Author, Change};
use crate::error::Failure;
use crate::sources::{seal_into, secret_of};
use crate::store::{Store, StoreError};
use crate::vault::{KeyFile, SealedSecret, Vault, VaultError};

impl Store {
    /// The vault whose key `file` keeps; makes a key where there is none and no secret needs one. Completes a
    /// rotation that was cut off.
    ///
    /// [`VaultError::OtherKey`] when a secret was sealed by another key.
    pub async fn open_vault(&self, file: &KeyFile) -> Result<Vault, StoreError> {
        if let Some(next) = file.next().read()? {
            let next = Vault::new(next);
            if self.keys_in_use().await?.contains(&next.fingerprint()) {
                file.take_next()?;
                return Ok(next);
            }
        }
        let key = match file.read()? {
            Some(key) => key,
            None => match self.keys_in_use().await?.pop_first() {
                None => file.read_or_create()?,
                Some(sealed_by) => return Err(file.is_missing(sealed_by).into()),
            },
        };
        let vault = Vault::new(key);
        self.check_vault(&vault).await?;
        Ok(vault)
    }

    /// Refuses a vault when another key than its own has sealed a secret.
    pub async fn check_vault(&self, vault: &Vault) -> Result<(), StoreError> {
        self.read("checking the keys of the sealed secrets", async |connection| {
            let has = vault.fingerprint();
            let other: Option<(i64, String)> =
                sqlx::query_as("SELECT id, vault_key FROM sources WHERE vault_key <> ? LIMIT 1")
                    .bind(&has)
                    .fetch_optional(connection)
                    .await?;
            match other {
                None => Ok(()),
                Some((id, sealed_by)) => {
                    let of = secret_of(id.cast_unsigned());
                    Err(VaultError::OtherKey { of, sealed_by, has }.into())
                }
            }
        })
        .await
    }

    /// Gives `file` a new random key and seals all secrets by it; `vault` has the key that it keeps now. May be cut
    /// off anywhere: [`Store::open_vault`] goes on.
    pub async fn rotate_key_file(
        &self,
        vault: &Vault,
        file: &KeyFile,
        by: Author<'_>,
    ) -> Result<Vault, StoreError> {
        let next = Vault::new(file.next().read_or_create()?);
        self.rotate_vault(vault, &next, by).await?;
        file.take_next()?;
        Ok(next)
    }

    /// Seals all secrets by the key of `next` instead of that of `vault`: all of them, or none. Says how many.
    pub async fn rotate_vault(&self, vault: &Vault, next: &Vault, by: Author<'_>) -> Result<u64, StoreError> {
        self.write("sealing all secrets anew", async |connection| {
            let all = sealed_secrets(connection).await?;
            for (id, sealed) in &all {
                let secret = vault.open(&secret_of(*id), sealed)?;
                seal_into(connection, next, *id, &secret).await?;
            }
            let [before, after] =
                [vault, next].map(|vault| format!("{{\"vaultKey\":\"{}\"}}", vault.fingerprint()));
            let (before, after) = (Some(before.as_str()), Some(after.as_str()));
            let change = Change { before, after, ..Change::of("VaultKeyRotated", "vault") };
            audit_log::append(connection, by, &change).await?;
            Ok(all.len() as u64)
        })
        .await
    }

    /// The fingerprints of all keys that seal a secret.
    async fn keys_in_use(&self) -> Result<BTreeSet<String>, StoreError> {
        self.read("reading which keys are in use", async |connection| {
            let keys: Vec<String> =
                sqlx::query_scalar("SELECT DISTINCT vault_key FROM sources").fetch_all(connection).await?;
            Ok(keys.into_iter().collect())
        })
        .await
    }
}

async fn sealed_secrets(connection: &mut SqliteConnection) -> Result<Vec<(u64, SealedSecret)>, Failure> {
    let rows: Vec<(i64, Vec<u8>, String)> =
        sqlx::query_as("SELECT id, sealed_secret, vault_key FROM sources ORDER BY id")
            .fetch_all(connection)
            .await?;
    let sealed =
        |(id, bytes, vault_key): (i64, _, _)| (id.cast_unsigned(), SealedSecret { bytes, vault_key });
    Ok(rows.into_iter().map(sealed).collect())
}
