//! Who makes a request.
//!
//! The key is read from the store with every request, so that revoking it or changing its role works at once. Its
//! slow hash is computed only when the pair is new to this process; after that a keyed digest of it is compared.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use incydr_core::clock::Clock;
use incydr_core::secret::Secret;
use incydr_core::timestamp::Timestamp;
use incydr_store::{AccessKey, Store};
use tokio::sync::Semaphore;

use super::access_key::{self, Caller, NewKey};
use super::problem::Problem;
use super::throttle::Throttle;

/// Each hash takes 19 MiB while it is computed.
const HASHES_AT_ONCE: usize = 2;
/// The last use of a key is recorded no more often.
const USE_RECORDED_EVERY: Duration = Duration::from_secs(60);
/// So many pairs are known by their digest.
const MAX_KNOWN: usize = 10_000;

/// Knows the access keys.
pub struct Access {
    store: Store,
    clock: Arc<dyn Clock>,
    throttle: Throttle,
    /// By access ID, the digest of key and stored hash that have matched.
    known: Mutex<HashMap<String, blake3::Hash>>,
    digest_key: [u8; 32],
    hashing: Semaphore,
    /// The hash that a key is compared with when its access ID does not exist, so that this takes as long.
    decoy: Secret,
}

impl Access {
    /// Access by the keys in `store`. Fails only when the system has no random numbers.
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Result<Self, String> {
        Ok(Self {
            store,
            clock,
            throttle: Throttle::default(),
            known: Mutex::default(),
            digest_key: rand::random(),
            hashing: Semaphore::new(HASHES_AT_ONCE),
            decoy: NewKey::generate()?.hash,
        })
    }

    /// The caller that an `Authorization` header from `address` proves.
    pub async fn authenticate(&self, header: Option<&str>, address: IpAddr) -> Result<Caller, Problem> {
        let (access_id, key) = header.and_then(basic_pair).ok_or_else(Problem::unauthorized)?;
        self.authenticate_pair(access_id, &key, address).await
    }

    /// The caller that an access ID and its key from `address` prove.
    pub async fn authenticate_pair(
        &self,
        access_id: String,
        key: &str,
        address: IpAddr,
    ) -> Result<Caller, Problem> {
        let now = self.clock.now();
        let stored = self.store.access_key(&access_id).await?;
        let stored = stored.filter(|stored| stored.is_valid(now));
        let is_known = stored.as_ref().is_some_and(|stored| self.knows(&access_id, key, stored));
        let wait = self.throttle.wait(address, &access_id, is_known, now);
        if !wait.is_zero() {
            let message = "Too many requests with credentials that could not be verified.";
            return Err(Problem::too_many(message, wait));
        }
        if !is_known && !self.proves(&access_id, key, stored.as_ref()).await {
            self.throttle.failed(address, &access_id, now);
            return Err(Problem::unauthorized());
        }
        let Some(stored) = stored else { return Err(Problem::unauthorized()) };
        self.throttle.succeeded(address, &access_id);
        self.record_use(&stored, now).await;
        Ok(stored.into())
    }

    /// Whether this very pair was proved before.
    fn knows(&self, access_id: &str, key: &str, stored: &AccessKey) -> bool {
        let digest = self.digest(key, stored.hash.reveal());
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(access_id) == Some(&digest)
    }

    async fn proves(&self, access_id: &str, key: &str, stored: Option<&AccessKey>) -> bool {
        let hash = stored.map_or(&self.decoy, |stored| &stored.hash).reveal();
        let matches = self.compare(key.to_owned(), hash.to_owned()).await && stored.is_some();
        if matches {
            let digest = self.digest(key, hash);
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            if known.len() >= MAX_KNOWN {
                known.clear();
            }
            known.insert(access_id.to_owned(), digest);
        }
        matches
    }

    /// Computes the slow hash away from the tasks that answer, and for no more than two requests at once.
    async fn compare(&self, key: String, hash: String) -> bool {
        let _turn = self.hashing.acquire().await;
        let comparing = tokio::task::spawn_blocking(move || access_key::matches(&key, &hash));
        comparing.await.unwrap_or(false)
    }

    fn digest(&self, key: &str, hash: &str) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.digest_key);
        hasher.update(hash.as_bytes()).update(b"\0").update(key.as_bytes());
        hasher.finalize()
    }

    async fn record_use(&self, key: &AccessKey, now: Timestamp) {
        let is_fresh = key.last_used.is_some_and(|last| now.since(last) < USE_RECORDED_EVERY);
        if !is_fresh && let Err(error) = self.store.touch_access_key(&key.access_id, now).await {
            tracing::warn!(%error, "the last use of an access key could not be recorded");
        }
    }
}

/// The pair of `Basic` credentials.
fn basic_pair(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (access_id, key) = decoded.split_once(':')?;
    (!access_id.is_empty()).then(|| (access_id.to_owned(), key.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_credentials_are_read_and_nothing_else() {
        let pair = |id: &str, key: &str| Some((id.to_owned(), key.to_owned()));
        assert_eq!(basic_pair("Basic c3UxOmtleQ=="), pair("su1", "key"));
        assert_eq!(basic_pair("basic c3UxOmtleTp3aXRoIGNvbG9u"), pair("su1", "key:with colon"));
        for header in ["", "Basic", "Basic !", "Basic c3Ux", "Basic Omtlek==", "Bearer c3UxOmtleQ=="] {
            assert_eq!(basic_pair(header), None, "{header}");
        }
    }
}
