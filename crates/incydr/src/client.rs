//! The client of one tenant: options in, good answers out.
//!
//! Place on the path: hop 4. Every data request passes `Client::open`: it takes its turn in the budget, carries a
//! fresh token, and is made once more after a 401, with a new token. All other failures are the caller's to judge.

use std::sync::Arc;
use std::time::Duration;

use incydr_core::exchange_meter::OnExchange;
use incydr_core::secret::Secret;
use incydr_core::source::{SourceError, SourceFault};
use serde::Serialize;
use tokio::sync::OnceCell;
use url::Url;

use crate::authorization::{Authorization, Token};
use crate::error::failed;
use crate::rate_limit::RateBudget;
use crate::refusal::refusal_of_data;
pub use crate::transport::Connections;
use crate::transport::{Answer, Call, Transport};
use crate::wire::{self, Customer};

/// The largest legal page, 10,000 events of 64 KiB, has 640 MiB.
const LARGEST_BODY: u64 = 1 << 30;

/// How to reach a tenant, and how long to wait for it.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// The API's address. The caller has checked that it may be contacted.
    pub base_url: Url,
    /// The API client's ID, as in `key-…`.
    pub client_id: String,
    /// The API client's secret key.
    pub secret: Secret,
    /// The longest wait for one answer, its body included. The vendor itself gives up after three minutes.
    pub request_timeout: Duration,
    /// A body that brings less than 1 KB/s over this span is given up.
    pub stall_timeout: Duration,
    /// A decoded body beyond so many bytes is a decompression bomb.
    pub largest_body: u64,
    /// How many rows one page may have.
    pub page_limits: PageLimits,
}

impl ClientOptions {
    /// Options with the usual limits.
    pub fn new(base_url: Url, client_id: impl Into<String>, secret: Secret) -> Self {
        Self {
            base_url,
            client_id: client_id.into(),
            secret,
            request_timeout: Duration::from_secs(200),
            stall_timeout: Duration::from_secs(30),
            largest_body: LARGEST_BODY,
            page_limits: PageLimits::default(),
        }
    }
}

/// The most rows that the vendor puts on one page of each endpoint; lowered by tests.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PageLimits {
    /// Of `/v2/file-events`.
    pub file_events: u32,
    /// Of `/v1/sessions`.
    pub sessions: u32,
    /// Of `/v1/alerts/query-alerts`.
    pub alerts: u32,
    /// Of `/v1/alerts/query-details`.
    pub alert_details: u32,
    /// Of `/v1/audit/search-audit-log`.
    pub audit_log: u32,
}

impl Default for PageLimits {
    fn default() -> Self {
        Self { file_events: 10_000, sessions: 50, alerts: 500, alert_details: 100, audit_log: 10_000 }
    }
}

/// Speaks with the Incydr API for one tenant; shared by all its streams.
pub struct Client {
    options: Arc<ClientOptions>,
    transport: Transport,
    budget: Arc<RateBudget>,
    authorization: Arc<Authorization>,
    tenant_id: Arc<OnceCell<String>>,
}

impl Client {
    /// Prepares a client with connections of its own; nothing is sent yet. Fails only where TLS cannot be set up.
    pub fn new(options: ClientOptions, budget: Arc<RateBudget>) -> Result<Self, SourceError> {
        Self::sharing(&Connections::default(), options, budget)
    }

    /// Prepares a client that shares `connections` with others; otherwise as [`Client::new`].
    pub fn sharing(
        connections: &Connections,
        options: ClientOptions,
        budget: Arc<RateBudget>,
    ) -> Result<Self, SourceError> {
        let transport = Transport::new(connections, &options)?;
        let mut token_url = endpoint(&options.base_url, "/v1/oauth");
        token_url.set_query(Some("grant_type=client_credentials"));
        let attempt = attempt("authenticating", &options.base_url);
        let authorization = Arc::new(Authorization::new(&options, token_url, attempt));
        Ok(Self { options: Arc::new(options), transport, budget, authorization, tenant_id: Arc::default() })
    }

    /// The same client, token and all, for whoever wants to hear of the requests that they make with it.
    #[must_use]
    pub fn heard_by(&self, on_exchange: OnExchange) -> Self {
        let Self { options, transport, budget, authorization, tenant_id } = self;
        Self {
            options: options.clone(),
            transport: transport.heard_by(on_exchange),
            budget: budget.clone(),
            authorization: authorization.clone(),
            tenant_id: tenant_id.clone(),
        }
    }

    /// Makes sure that the vendor accepts the credentials.
    pub async fn authenticate(&self) -> Result<(), SourceError> {
        self.token().await.map(drop)
    }

    /// The tenant's ID, as the token or else the vendor says.
    pub async fn tenant_id(&self) -> Result<String, SourceError> {
        self.tenant_id.get_or_try_init(|| self.ask_for_tenant_id()).await.cloned()
    }

    pub(crate) fn page_limits(&self) -> PageLimits {
        self.options.page_limits
    }

    /// What errors say was attempted: `doing`, and where.
    pub(crate) fn attempt(&self, doing: &str) -> Arc<str> {
        attempt(doing, &self.options.base_url)
    }

    /// A call that reads `path` with `query`; `doing` says what for, as in `reading sessions`.
    pub(crate) fn get(&self, doing: &str, path: &str, query: &[(&str, String)]) -> Call {
        let mut url = endpoint(&self.options.base_url, path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let request = reqwest::Request::new(reqwest::Method::GET, url);
        Call { attempt: self.attempt(doing), request }
    }

    /// A call that sends `body` to `path`; `doing` says what for, as in `searching file events`.
    pub(crate) fn post(&self, doing: &str, path: &str, body: &impl Serialize) -> Result<Call, SourceError> {
        let attempt = self.attempt(doing);
        let body = serde_json::to_vec(body)
            .map_err(|error| failed(&attempt, SourceFault::InvalidQuery, error.to_string()))?;
        let mut request =
            reqwest::Request::new(reqwest::Method::POST, endpoint(&self.options.base_url, path));
        let json = reqwest::header::HeaderValue::from_static("application/json");
        request.headers_mut().insert(reqwest::header::CONTENT_TYPE, json);
        *request.body_mut() = Some(body.into());
        Ok(Call { attempt, request })
    }

    /// Makes `call` and returns its good answer, whose body is still arriving.
    ///
    /// After a 401 the token is renewed and the call made once more.
    pub(crate) async fn open(&self, call: &Call) -> Result<Answer, SourceError> {
        let (answer, token) = self.exchange(call).await?;
        if answer.status() != 401 {
            return accepted(answer, &token).await;
        }
        drop(answer);
        self.authorization.discard(&token).await;
        let (answer, token) = self.exchange(call).await?;
        accepted(answer, &token).await
    }

    /// The turn in the budget comes first: the wait for it may outlive a token.
    async fn exchange(&self, call: &Call) -> Result<(Answer, Token), SourceError> {
        let permit = self.budget.permit(&call.attempt).await?;
        let token = self.token().await?;
        let answer = self.transport.send(call, token.header()).await?;
        match answer.status() {
            200 => self.budget.succeeded(),
            429 => self.budget.throttled(&permit, answer.retry_after()),
            _ => {}
        }
        Ok((answer, token))
    }

    async fn token(&self) -> Result<Token, SourceError> {
        self.authorization.token(&self.transport, &self.budget).await
    }

    async fn ask_for_tenant_id(&self) -> Result<String, SourceError> {
        if let Some(tenant_id) = self.token().await?.tenant_id() {
            return Ok(tenant_id);
        }
        let call = self.get("reading the customer", "/v1/customer", &[]);
        let Customer { tenant_id } = wire::read(self.open(&call).await?).await?;
        Ok(tenant_id)
    }
}

async fn accepted(answer: Answer, token: &Token) -> Result<Answer, SourceError> {
    if answer.status() == 200 { Ok(answer) } else { Err(refusal_of_data(answer, &[token.reveal()]).await) }
}

fn endpoint(base_url: &Url, path: &str) -> Url {
    let mut url = base_url.clone();
    url.set_path(path);
    url
}

fn attempt(doing: &str, base_url: &Url) -> Arc<str> {
    format!("{doing} at {}", base_url.host_str().unwrap_or_default()).into()
}
