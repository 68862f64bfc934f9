//! Sign-ins of people in browsers.
//!
//! A browser holds one random number in a cookie; what is kept of it is a digest. The access key that was signed in
//! with is read anew with every request, so that revoking it or changing its role works at once.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use incydr_core::clock::Clock;
use incydr_core::timestamp::Timestamp;
use incydr_store::{Author, Session, Store};

use super::access_key::Caller;
use super::problem::Problem;

/// Without a request a session ends after this.
const LONGEST_REST: Duration = Duration::from_secs(30 * 60);
/// A session ends after this in any case.
const LONGEST: Duration = Duration::from_secs(12 * 60 * 60);
/// The last use of a session is recorded no more often.
const USE_RECORDED_EVERY: Duration = Duration::from_secs(60);

/// A request of a person who is signed in.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Who it is.
    pub caller: Caller,
    /// Names the session in the store.
    pub digest: [u8; 32],
    /// What every form of this session holds, and no form of another site can.
    pub form_token: String,
}

/// Knows who is signed in.
pub struct Sessions {
    store: Store,
    clock: Arc<dyn Clock>,
    /// Whether browsers reach us over TLS.
    is_secure: bool,
}

impl Sessions {
    /// The sessions in `store`, of browsers that come over TLS or not.
    pub fn new(store: Store, clock: Arc<dyn Clock>, is_secure: bool) -> Self {
        Self { store, clock, is_secure }
    }

    /// Whether browsers reach us over TLS.
    pub fn is_secure(&self) -> bool {
        self.is_secure
    }

    /// Begins a session of `caller`; returns the cookie that the browser shall keep.
    pub async fn sign_in(&self, caller: &Caller) -> Result<String, Problem> {
        let number = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        let now = self.clock.now();
        let session = Session {
            digest: digest_of(&number),
            access_id: caller.access_id.clone(),
            created: now,
            last_used: now,
        };
        let (oldest, rested) = (now.minus(LONGEST), now.minus(LONGEST_REST));
        self.store.create_session(&session, oldest, rested, author(caller, now)).await?;
        Ok(self.cookie(&number, LONGEST))
    }

    /// Ends all sessions of whoever visits; returns the cookie that makes the browser forget its own.
    pub async fn sign_out(&self, visit: &Visit) -> Result<String, Problem> {
        let by = author(&visit.caller, self.clock.now());
        self.store.end_sessions(&visit.caller.access_id, by).await?;
        Ok(self.cookie("", Duration::ZERO))
    }

    /// The visit that a `Cookie` header proves.
    pub async fn visit(&self, cookies: Option<&str>) -> Result<Visit, Problem> {
        let number = cookies.and_then(|cookies| self.number_in(cookies)).ok_or_else(Problem::unauthorized)?;
        let digest = digest_of(number);
        let (caller, session) = self.still_valid(&digest).await?;
        let now = self.clock.now();
        if now.since(session.last_used) >= USE_RECORDED_EVERY {
            self.store.touch_session(&digest, now).await?;
        }
        Ok(Visit { caller, digest, form_token: form_token_of(number) })
    }

    /// Who is behind a session; refused when it has ended.
    pub async fn caller(&self, digest: &[u8; 32]) -> Result<Caller, Problem> {
        self.still_valid(digest).await.map(|(caller, _)| caller)
    }

    async fn still_valid(&self, digest: &[u8; 32]) -> Result<(Caller, Session), Problem> {
        let now = self.clock.now();
        let session = self.store.session(digest).await?.filter(|session| {
            now.since(session.created) < LONGEST && now.since(session.last_used) < LONGEST_REST
        });
        let session = session.ok_or_else(Problem::unauthorized)?;
        let key = self.store.access_key(&session.access_id).await?;
        let key = key.filter(|key| key.is_valid(now)).ok_or_else(Problem::unauthorized)?;
        Ok((key.into(), session))
    }

    /// Over TLS the name says that no other host and no plain connection can have set it.
    fn cookie_name(&self) -> &'static str {
        if self.is_secure { "__Host-incydr-collector" } else { "incydr-collector" }
    }

    fn cookie(&self, number: &str, lasts: Duration) -> String {
        let secure = if self.is_secure { "; Secure" } else { "" };
        let (name, seconds) = (self.cookie_name(), lasts.as_secs());
        format!("{name}={number}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}")
    }

    fn number_in<'a>(&self, cookies: &'a str) -> Option<&'a str> {
        let pairs = cookies.split(';').filter_map(|cookie| cookie.trim().split_once('='));
        pairs.filter(|(name, _)| *name == self.cookie_name()).map(|(_, number)| number).next()
    }
}

fn author(caller: &Caller, now: Timestamp) -> Author<'_> {
    Author { name: &caller.access_id, at: now }
}

fn digest_of(number: &str) -> [u8; 32] {
    blake3::derive_key("incydr-collector: digest of a session", number.as_bytes())
}

fn form_token_of(number: &str) -> String {
    let token = blake3::derive_key("incydr-collector: token of a session's forms", number.as_bytes());
    URL_SAFE_NO_PAD.encode(token)
}
