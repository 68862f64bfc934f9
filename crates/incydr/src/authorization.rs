//! The bearer token: asked for with the client's ID and secret key, renewed early, shared by all streams.
//!
//! Place on the path: hop 4, before every data request. Many callers may find the token stale at once; one of them
//! renews it and the others wait for what it gets, be it a token or a refusal, so that a wrong secret is never
//! hammered upon the vendor.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use incydr_core::secret::Secret;
use incydr_core::source::{SourceError, SourceFault};
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

use crate::client::ClientOptions;
use crate::error::{failed, failed_in_200};
use crate::rate_limit::RateBudget;
use crate::refusal;
use crate::transport::{Answer, Call, Transport};
use crate::wire::{self, Granted};

/// Lifetimes that the vendor might name by mistake are brought into these bounds; its word is 900 s.
const SHORTEST_LIFE: f64 = 10.0;
const LONGEST_LIFE: f64 = 86_400.0;
const USUAL_LIFE: f64 = 900.0;

/// A token is renewed after this part of its life.
const RENEWAL_POINT: f64 = 0.8;

/// A bearer token.
#[derive(Clone)]
pub(crate) struct Token {
    bearer: Secret,
    header: HeaderValue,
    renew_at: Instant,
}

impl Token {
    /// The value of the `Authorization` header.
    pub(crate) fn header(&self) -> HeaderValue {
        self.header.clone()
    }

    /// The token itself, so that an answer that echoes it can be masked.
    pub(crate) fn reveal(&self) -> &str {
        self.bearer.reveal()
    }

    /// The tenant that the token is for, if it says so. The signature is not ours to verify.
    pub(crate) fn tenant_id(&self) -> Option<String> {
        #[derive(Deserialize)]
        struct Claims {
            #[serde(rename = "tenantUid")]
            tenant_uid: String,
        }
        let claims = self.reveal().split('.').nth(1)?.trim_end_matches('=');
        let claims = URL_SAFE_NO_PAD.decode(claims).ok()?;
        serde_json::from_slice(&claims).ok().map(|Claims { tenant_uid }| tenant_uid)
    }
}

/// Gets tokens and keeps the current one.
pub(crate) struct Authorization {
    attempt: Arc<str>,
    url: Url,
    client_id: String,
    secret: Secret,
    latest: Mutex<Option<Result<Token, SourceError>>>,
    requests: AtomicU64,
}

impl Authorization {
    pub(crate) fn new(options: &ClientOptions, url: Url, attempt: Arc<str>) -> Self {
        Self {
            attempt,
            url,
            client_id: options.client_id.clone(),
            secret: options.secret.clone(),
            latest: Mutex::new(None),
            requests: AtomicU64::new(0),
        }
    }

    /// A token that is good for a while. Cancel safe: another waiter then takes over the renewal.
    pub(crate) async fn token(
        &self,
        transport: &Transport,
        budget: &RateBudget,
    ) -> Result<Token, SourceError> {
        let before = self.requests.load(Ordering::Acquire);
        let mut latest = self.latest.lock().await;
        match &*latest {
            Some(Ok(token)) if Instant::now() < token.renew_at => return Ok(token.clone()),
            // Refused while we waited in line: the same question would get the same answer.
            Some(Err(error)) if self.requests.load(Ordering::Acquire) > before => return Err(error.clone()),
            Some(Ok(_) | Err(_)) | None => {}
        }
        let outcome = self.request(transport, budget).await;
        self.requests.fetch_add(1, Ordering::Release);
        *latest = Some(outcome.clone());
        outcome
    }

    /// The vendor refused `token`: forget it, unless somebody has renewed it meanwhile.
    pub(crate) async fn discard(&self, token: &Token) {
        let mut latest = self.latest.lock().await;
        if matches!(&*latest, Some(Ok(current)) if current.bearer == token.bearer) {
            *latest = None;
        }
    }

    async fn request(&self, transport: &Transport, budget: &RateBudget) -> Result<Token, SourceError> {
        let permit = budget.permit(&self.attempt).await?;
        let sent_at = Instant::now();
        let answer = transport.send(&self.call(), self.basic()?).await?;
        match answer.status() {
            200 => {
                budget.succeeded();
                self.read(answer, sent_at).await
            }
            429 => {
                budget.throttled(&permit, answer.retry_after());
                Err(self.refusal(answer).await)
            }
            _ => Err(self.refusal(answer).await),
        }
    }

    async fn refusal(&self, answer: Answer) -> SourceError {
        refusal::refusal_of_token(answer, &[self.secret.reveal(), &self.credentials()]).await
    }

    fn call(&self) -> Call {
        let mut request = reqwest::Request::new(reqwest::Method::POST, self.url.clone());
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        request.headers_mut().insert(CONTENT_TYPE, form);
        // Without a length, gateways refuse a POST.
        request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        Call { attempt: Arc::clone(&self.attempt), request }
    }

    fn credentials(&self) -> String {
        STANDARD.encode(format!("{}:{}", self.client_id, self.secret.reveal()))
    }

    fn basic(&self) -> Result<HeaderValue, SourceError> {
        header("Basic", &self.credentials())
            .ok_or_else(|| failed(&self.attempt, SourceFault::InvalidClient, "the credentials fit no header"))
    }

    async fn read(&self, answer: Answer, sent_at: Instant) -> Result<Token, SourceError> {
        let granted: Granted = wire::read(answer).await?;
        let header = header("Bearer", &granted.access_token).ok_or_else(|| {
            failed_in_200(&self.attempt, SourceFault::ErrorIn200, "the answer holds no usable token")
        })?;
        let life = granted.expires_in.filter(|life| life.is_finite()).unwrap_or(USUAL_LIFE);
        let life = life.clamp(SHORTEST_LIFE, LONGEST_LIFE);
        let renew_at = sent_at + Duration::from_secs_f64(life * RENEWAL_POINT);
        Ok(Token { bearer: Secret::new(granted.access_token), header, renew_at })
    }
}

/// A header value that no log shows; `None` if `credentials` are empty or hold what a header cannot.
fn header(scheme: &str, credentials: &str) -> Option<HeaderValue> {
    if credentials.trim().is_empty() {
        return None;
    }
    let mut value = HeaderValue::from_str(&format!("{scheme} {credentials}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}
