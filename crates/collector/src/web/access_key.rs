//! Access keys: an access ID, a key that is shown once, and what its holder may do.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use incydr_core::secret::Secret;
use incydr_store::{AccessKey, Role};

use super::problem::Problem;

/// Who makes a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Caller {
    /// The access ID; empty for an anonymous request to a public address.
    pub access_id: String,
    /// What it may do.
    pub role: Role,
    /// The one collector that it may see; `None` for all.
    pub collector: Option<u64>,
}

impl Caller {
    /// Whoever asks a public address.
    pub fn anonymous() -> Self {
        Self { access_id: String::new(), role: Role::View, collector: None }
    }

    /// Whether the caller has the rights of `needed`: who may change things may look at them as well.
    pub fn has_role(&self, needed: Role) -> bool {
        match needed {
            Role::View => true,
            Role::Manage => self.role == Role::Manage,
        }
    }

    /// Refuses what concerns all collectors to a caller for one of them.
    pub fn refuse_scoped(&self) -> Result<(), Problem> {
        match self.collector {
            None => Ok(()),
            Some(_) => Err(Problem::forbidden("This key is for one collector only.")),
        }
    }

    /// Whether the caller may see a collector. To those who may not, it does not exist.
    pub fn sees(&self, collector: u64) -> bool {
        self.collector.is_none_or(|own| own == collector)
    }
}

/// Whoever holds this key.
impl From<AccessKey> for Caller {
    fn from(key: AccessKey) -> Self {
        Self { access_id: key.access_id, role: key.role, collector: key.collector_id }
    }
}

/// A new pair of access ID and key.
#[derive(Debug)]
pub struct NewKey {
    /// Fourteen letters and digits that begin with `su`.
    pub access_id: String,
    /// 256 random bits as text.
    pub key: Secret,
    /// What is stored of the key.
    pub hash: Secret,
}

impl NewKey {
    /// Makes a new pair. Takes some milliseconds of a core. Fails only when the system has no random numbers.
    pub fn generate() -> Result<Self, String> {
        const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let letter = || char::from(LETTERS[rand::random_range(0..LETTERS.len())]);
        let access_id = format!("su{}", (0..12).map(|_| letter()).collect::<String>());
        let key = Secret::new(URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()));
        let hash = hash_of(&key)?;
        Ok(Self { access_id, key, hash })
    }
}

/// The Argon2id hash of `key` under a new salt: 19 MiB and two passes.
fn hash_of(key: &Secret) -> Result<Secret, String> {
    let salt = rand::random::<[u8; 16]>();
    let hashed = Argon2::default().hash_password_with_salt(key.reveal().as_bytes(), &salt);
    hashed
        .map(|hash| Secret::new(hash.to_string()))
        .map_err(|error| format!("hashing an access key: {error}"))
}

/// Whether `hash` is that of `key`. Takes some milliseconds of a core, whatever the answer is.
pub fn matches(key: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(key.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_key_matches_its_hash_and_no_other_does() {
        let (one, other) = (NewKey::generate().expect("random"), NewKey::generate().expect("random"));
        assert!(matches(one.key.reveal(), one.hash.reveal()));
        assert!(!matches(other.key.reveal(), one.hash.reveal()));
        assert!(!matches(one.key.reveal(), "no hash"));
        assert_ne!(one.access_id, other.access_id);
        assert!(one.hash.reveal().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_eq!((one.access_id.len(), one.key.reveal().len()), (14, 43));
    }

    #[test]
    fn a_caller_of_one_collector_sees_no_other() {
        let scoped = Caller { collector: Some(7), ..Caller::anonymous() };
        assert!(scoped.sees(7));
        assert!(!scoped.sees(8));
        assert!(Caller::anonymous().sees(8));
    }
}
