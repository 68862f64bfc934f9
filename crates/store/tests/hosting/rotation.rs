//! The vault of a key file, and its rotation, cut off anywhere.

use std::path::PathBuf;

use incydr_core::secret::Secret;
use incydr_store::{KeyFile, NewSource, Source, Store, StoreError, Vault, VaultError};
use tempfile::TempDir;

use crate::{by, new_source, new_store, tamper, vault};

struct Hosting {
    store: Store,
    folder: TempDir,
}

impl Hosting {
    /// A store with the sources `first` and `second`, sealed by the key of a key file.
    async fn with_two_sources() -> Self {
        let (store, folder) = new_store().await;
        let hosting = Self { store, folder };
        let vault = hosting.open().await.expect("a new key");
        let collector_id =
            hosting.store.create_collector("incydr", "{}", 1, by(0)).await.expect("created").id;
        for name in ["first", "second"] {
            let secret = Secret::new(format!("the secret of {name}"));
            let source = NewSource { collector_id, name, document: "{}", secret: &secret };
            hosting.store.create_source(&vault, &source, 9, by(0)).await.expect("created");
        }
        hosting
    }

    fn path_of(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn key_file(&self) -> KeyFile {
        KeyFile::at(self.path_of("vault.key"))
    }

    async fn open(&self) -> Result<Vault, StoreError> {
        self.store.open_vault(&self.key_file()).await
    }

    async fn sources(&self) -> Vec<Source> {
        self.store.sources_after(0, 9).await.expect("listed")
    }

    /// What the vault of the key file opens.
    async fn secrets(&self) -> Vec<Secret> {
        let vault = self.open().await.expect("the vault of the key file");
        let sources = self.sources().await;
        sources.iter().map(|source| source.open_secret(&vault).expect("it opens")).collect()
    }
}

fn both_secrets() -> [Secret; 2] {
    ["first", "second"].map(|name| Secret::new(format!("the secret of {name}")))
}

#[tokio::test]
async fn after_a_rotation_the_old_key_opens_nothing_and_the_file_opens_everything() {
    let hosting = Hosting::with_two_sources().await;
    let old = hosting.open().await.expect("opened");
    let new = hosting.store.rotate_key_file(&old, &hosting.key_file(), by(1)).await.expect("rotated");
    assert_ne!(new.fingerprint(), old.fingerprint());
    for source in hosting.sources().await {
        assert!(matches!(source.open_secret(&old), Err(VaultError::OtherKey { .. })));
        assert!(source.open_secret(&new).is_ok());
    }
    assert_eq!(hosting.secrets().await, both_secrets());
    assert!(!hosting.path_of("vault.key.next").exists());
}

#[tokio::test]
async fn a_rotation_cut_off_before_anything_is_sealed_anew_leaves_the_old_key_in_force() {
    let hosting = Hosting::with_two_sources().await;
    let old = hosting.open().await.expect("opened");
    let next = KeyFile::at(hosting.path_of("vault.key.next")).read_or_create().expect("made");
    assert_eq!(hosting.open().await.expect("opened").fingerprint(), old.fingerprint());
    assert_eq!(hosting.secrets().await, both_secrets());
    let new = hosting.store.rotate_key_file(&old, &hosting.key_file(), by(1)).await.expect("rotated at last");
    assert_eq!(new.fingerprint(), next.fingerprint());
    assert_eq!(hosting.secrets().await, both_secrets());
}

#[tokio::test]
async fn a_rotation_cut_off_after_everything_was_sealed_anew_is_completed() {
    let hosting = Hosting::with_two_sources().await;
    let old = hosting.open().await.expect("opened");
    let next = KeyFile::at(hosting.path_of("vault.key.next")).read_or_create().expect("made");
    assert_eq!(hosting.store.rotate_vault(&old, &Vault::new(next.clone()), by(1)).await, Ok(2));
    assert_eq!(hosting.secrets().await, both_secrets());
    assert_eq!(hosting.key_file().read(), Ok(Some(next)));
    assert!(!hosting.path_of("vault.key.next").exists());
}

#[tokio::test]
async fn a_secret_that_does_not_open_stops_a_rotation_before_anything_changed() {
    let hosting = Hosting::with_two_sources().await;
    let old = hosting.open().await.expect("opened");
    tamper(&hosting.store, "UPDATE sources SET sealed_secret = x'00' WHERE name = 'second'").await;
    let before = hosting.sources().await;
    let error =
        hosting.store.rotate_key_file(&old, &hosting.key_file(), by(1)).await.expect_err("one is damaged");
    let of = format!("source {} secretKey", before[1].id);
    assert_eq!(error, StoreError::Vault(VaultError::Altered { of }));
    assert_eq!(hosting.sources().await, before);
    let vault = hosting.open().await.expect("opened");
    assert!(before[0].open_secret(&vault).is_ok());
}

#[tokio::test]
async fn a_key_file_that_is_gone_is_not_replaced_while_secrets_need_it() {
    let hosting = Hosting::with_two_sources().await;
    let fingerprint = hosting.open().await.expect("opened").fingerprint();
    std::fs::remove_file(hosting.path_of("vault.key")).expect("removed");
    let error = hosting.open().await.expect_err("the key is gone");
    assert!(error.to_string().contains(&fingerprint), "{error}");
    assert!(!hosting.path_of("vault.key").exists());
}

#[tokio::test]
async fn a_vault_with_another_key_is_refused_before_it_is_used() {
    let hosting = Hosting::with_two_sources().await;
    let error = hosting.store.check_vault(&vault('7')).await.expect_err("it has another key");
    assert!(matches!(error, StoreError::Vault(VaultError::OtherKey { .. })), "{error}");
    assert!(hosting.store.rotate_vault(&vault('7'), &vault('8'), by(1)).await.is_err());
    assert_eq!(hosting.secrets().await, both_secrets());
}

#[tokio::test]
async fn operations_may_run_on_any_thread() {
    let hosting = Hosting::with_two_sources().await;
    let task = tokio::spawn(async move {
        let vault = hosting.open().await?;
        hosting.store.rotate_key_file(&vault, &hosting.key_file(), by(1)).await?;
        new_source(&hosting.store, "another", "third").await;
        hosting.store.record_states(&[]).await?;
        hosting.store.progress_of(&[1]).await?;
        hosting.store.health_history(None, None, 1).await?;
        hosting.store.verify_audit_log().await.map(drop)
    });
    assert_eq!(task.await.expect("it ends"), Ok(()));
}

#[tokio::test]
async fn a_rotation_stands_in_the_audit_log_with_both_fingerprints() {
    let hosting = Hosting::with_two_sources().await;
    let old = hosting.open().await.expect("opened");
    let new = hosting.store.rotate_key_file(&old, &hosting.key_file(), by(1)).await.expect("rotated");
    let entry = hosting.store.audit_log(None, 1).await.expect("listed").items.remove(0);
    assert_eq!((entry.action.as_str(), entry.resource.as_str()), ("VaultKeyRotated", "vault"));
    let named = |vault: &Vault| Some(format!("{{\"vaultKey\":\"{}\"}}", vault.fingerprint()));
    assert_eq!((entry.before, entry.after), (named(&old), named(&new)));
}
