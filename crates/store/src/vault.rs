//! Secrets at rest: sealed by an authenticated cipher under a key that is not in the state file.
//!
//! AES-256-GCM with a random nonce. What a secret belongs to is authenticated with it, so that a sealed secret that
//! was moved to another row does not open. A sealed secret names the key that seals it, not the key itself.

mod key;
mod key_file;
mod rotation;

use std::fmt;
use std::path::PathBuf;

use incydr_core::secret::Secret;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use thiserror::Error;
use zeroize::Zeroizing;

pub use self::key::VaultKey;
pub use self::key_file::KeyFile;

/// Seals and opens secrets under one key.
#[derive(Debug)]
pub struct Vault {
    key: VaultKey,
}

/// A secret as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedSecret {
    /// The nonce, then the secret encrypted and its authentication tag.
    pub bytes: Vec<u8>,
    /// The fingerprint of the key that seals it.
    pub vault_key: String,
}

impl fmt::Debug for SealedSecret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "sealed by {}", self.vault_key)
    }
}

/// Why a secret cannot be sealed or opened.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum VaultError {
    /// The secret was sealed by another key than the vault's; both fingerprints.
    #[error("opening the secret of {of}: the key {sealed_by} has sealed it, and the vault has the key {has}")]
    OtherKey {
        /// What the secret belongs to.
        of: String,
        /// The fingerprint of the key that is needed.
        sealed_by: String,
        /// The fingerprint of the key that is there.
        has: String,
    },
    /// The sealed secret was damaged, or belongs to something else.
    #[error("opening the secret of {of}: it was altered, or it is the secret of something else")]
    Altered {
        /// What the secret was to belong to.
        of: String,
    },
    /// The cipher did not take the secret, which must be longer than any that is one.
    #[error("sealing the secret of {of}: the cipher does not take it")]
    NotSealed {
        /// What the secret belongs to.
        of: String,
    },
    /// The system has no randomness to give.
    #[error("sealing a secret: the system gives no random bytes")]
    NoRandomness,
    /// A text is no key.
    #[error("reading the vault key: it is neither 64 hexadecimal digits nor 32 bytes in base64")]
    NoKey,
    /// Others than its owner can read the key file.
    #[error("reading the vault key: others than its owner can read {}; allow only the owner (chmod 600)", .0.display())]
    Exposed(PathBuf),
    /// There is no key file, but secrets that need its key.
    #[error("reading the vault key: {} is gone, and the key {sealed_by} has sealed secrets; restore it", .path.display())]
    Missing {
        /// The key file.
        path: PathBuf,
        /// The fingerprint of the key that is needed.
        sealed_by: String,
    },
    /// The key file cannot be read or written.
    #[error("{attempt} the vault key {}: {info}", .path.display())]
    File {
        /// What was attempted.
        attempt: &'static str,
        /// The key file.
        path: PathBuf,
        /// The system's own words.
        info: String,
    },
}

impl Vault {
    /// A vault with this key.
    pub fn new(key: VaultKey) -> Self {
        Self { key }
    }

    /// The name of its key, from which the key cannot be found: 16 hexadecimal digits.
    pub fn fingerprint(&self) -> String {
        self.key.fingerprint()
    }

    /// Seals `secret` for what it belongs to, as in `source 100000001 secretKey`.
    pub fn seal(&self, of: &str, secret: &Secret) -> Result<SealedSecret, VaultError> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).map_err(|_| VaultError::NoRandomness)?;
        // Room for the tag from the start: a buffer that grew would leave the plain text behind.
        let mut bytes = Vec::with_capacity(secret.reveal().len() + AES_256_GCM.tag_len());
        bytes.extend_from_slice(secret.reveal().as_bytes());
        self.cipher()
            .and_then(|cipher| {
                let nonce = Nonce::assume_unique_for_key(nonce);
                cipher.seal_in_place_append_tag(nonce, Aad::from(of), &mut bytes).ok()
            })
            .ok_or_else(|| VaultError::NotSealed { of: of.to_owned() })?;
        let bytes = [&nonce[..], &bytes].concat();
        Ok(SealedSecret { bytes, vault_key: self.fingerprint() })
    }

    /// Opens the sealed secret of what it belongs to.
    pub fn open(&self, of: &str, sealed: &SealedSecret) -> Result<Secret, VaultError> {
        let has = self.fingerprint();
        if sealed.vault_key != has {
            let sealed_by = sealed.vault_key.clone();
            return Err(VaultError::OtherKey { of: of.to_owned(), sealed_by, has });
        }
        self.decrypt(of, &sealed.bytes).ok_or_else(|| VaultError::Altered { of: of.to_owned() })
    }

    fn decrypt(&self, of: &str, sealed: &[u8]) -> Option<Secret> {
        let (nonce, encrypted) = sealed.split_first_chunk()?;
        let mut buffer = Zeroizing::new(encrypted.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let plain = self.cipher()?.open_in_place(nonce, Aad::from(of), &mut buffer).ok()?;
        Some(Secret::new(std::str::from_utf8(plain).ok()?))
    }

    /// The cipher with the key. Made for each use, because the library does not wipe its copy of the key in the end:
    /// this one lives on the stack only.
    fn cipher(&self) -> Option<LessSafeKey> {
        UnboundKey::new(&AES_256_GCM, self.key.bytes()).ok().map(LessSafeKey::new)
    }
}
