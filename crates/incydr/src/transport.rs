//! One HTTP exchange: sends a call, and reads the answer with limited patience.
//!
//! Place on the path: hop 4, at the very edge. It knows nothing of tokens, budgets or pages. Redirects are never
//! followed, certificates are always verified, and nothing is repeated here: every repetition is a request of its
//! own in the budget.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use incydr_core::exchange_meter::{ExchangeMeter, OnExchange};
use incydr_core::retry_after;
use incydr_core::source::{SourceError, SourceFault};
use reqwest::dns::Resolve;
use reqwest::header::{AUTHORIZATION, DATE, HeaderValue, RETRY_AFTER};
use tokio::time::{Instant, timeout};

use crate::client::ClientOptions;
use crate::connection_fault;
use crate::error::{failed, failed_in_200};
use crate::patience::Patience;
use crate::system_resolver::SystemResolver;

const USER_AGENT: &str = concat!("incydr-collector/", env!("CARGO_PKG_VERSION"));
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// So much of an error's body is read.
const LARGEST_ERROR_BODY: usize = 64 * 1024;

/// A request, and what it is for.
pub(crate) struct Call {
    /// What is attempted on what, as errors say it.
    pub(crate) attempt: Arc<str>,
    pub(crate) request: reqwest::Request,
}

/// Connections that any number of clients share: one pool, and one set of TLS roots, for all tenants. Clones are the
/// same connections.
#[derive(Clone)]
pub struct Connections(Arc<Pools>);

struct Pools {
    user_agent: String,
    connect_timeout: Duration,
    resolver: Arc<dyn Resolve>,
    meter: Arc<ExchangeMeter>,
    is_multiplexed: bool,
    /// Made when they are first needed: plain HTTP (a simulator on loopback) needs no roots, so a machine without any
    /// can still run it.
    secure: OnceLock<reqwest::Client>,
    plain: OnceLock<reqwest::Client>,
}

impl Connections {
    /// No connection yet. `user_agent` is how we introduce ourselves; a connection, TLS included, stands within
    /// `connect_timeout`.
    pub fn new(user_agent: impl Into<String>, connect_timeout: Duration) -> Self {
        Self::with(user_agent.into(), connect_timeout, true, Arc::new(SystemResolver))
    }

    /// The usual connections, for tenants that know nothing of each other: each request has one of its own. On one
    /// that they share, a body that nobody reads for a while, because its destination stalls, would hold up all others.
    pub fn one_for_each_request() -> Self {
        Self::with(USER_AGENT.to_owned(), CONNECT_TIMEOUT, false, Arc::new(SystemResolver))
    }

    /// The usual connections, to the addresses that `resolver` gives for a host name. All others ask the system.
    pub fn resolved_by(resolver: Arc<dyn Resolve>) -> Self {
        Self::with(USER_AGENT.to_owned(), CONNECT_TIMEOUT, true, resolver)
    }

    /// Counts the requests of all clients, each until the headers of its answer are there.
    pub fn meter(&self) -> &Arc<ExchangeMeter> {
        &self.0.meter
    }

    fn with(
        user_agent: String,
        connect_timeout: Duration,
        is_multiplexed: bool,
        resolver: Arc<dyn Resolve>,
    ) -> Self {
        let (secure, plain, meter) = (OnceLock::new(), OnceLock::new(), Arc::default());
        Self(Arc::new(Pools { user_agent, connect_timeout, resolver, meter, is_multiplexed, secure, plain }))
    }

    /// The pool for a scheme. Fails only where TLS cannot be set up.
    fn pool(&self, scheme: &str) -> Result<reqwest::Client, SourceError> {
        let is_secure = scheme == "https";
        let pool = if is_secure { &self.0.secure } else { &self.0.plain };
        if let Some(http) = pool.get() {
            return Ok(http.clone());
        }
        let http = self.0.make(is_secure)?;
        Ok(pool.get_or_init(|| http).clone())
    }
}

impl Default for Connections {
    /// The usual introduction, and ten seconds for a connection.
    fn default() -> Self {
        Self::new(USER_AGENT, CONNECT_TIMEOUT)
    }
}

impl Pools {
    fn make(&self, is_secure: bool) -> Result<reqwest::Client, SourceError> {
        // An error says that a provider is installed already, which is all that we want.
        rustls::crypto::ring::default_provider().install_default().ok();
        let builder = reqwest::Client::builder()
            .user_agent(self.user_agent.as_str())
            .connect_timeout(self.connect_timeout)
            .dns_resolver(Arc::clone(&self.resolver))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            // Below the three minutes after which the vendor's load balancer drops an idle connection.
            .pool_idle_timeout(Duration::from_secs(90));
        let builder = match self.is_multiplexed {
            true => builder.http2_adaptive_window(true),
            false => builder.http1_only(),
        };
        let builder = if is_secure { builder.https_only(true) } else { builder.tls_certs_only([]) };
        builder.build().map_err(|error| {
            failed("preparing TLS", SourceFault::Tls, connection_fault::innermost_words(&error))
        })
    }
}

/// Sends calls.
#[derive(Clone)]
pub(crate) struct Transport {
    http: reqwest::Client,
    meter: Arc<ExchangeMeter>,
    on_exchange: Option<OnExchange>,
    patience: Patience,
    largest_body: u64,
}

impl Transport {
    pub(crate) fn new(connections: &Connections, options: &ClientOptions) -> Result<Self, SourceError> {
        let http = connections.pool(options.base_url.scheme())?;
        let patience = Patience::new(options.request_timeout, options.stall_timeout);
        let meter = connections.meter().clone();
        let largest_body = options.largest_body;
        Ok(Self { http, meter, on_exchange: None, patience, largest_body })
    }

    /// The same, of whose exchanges `on_exchange` hears.
    pub(crate) fn heard_by(&self, on_exchange: OnExchange) -> Self {
        Self { on_exchange: Some(on_exchange), ..self.clone() }
    }

    /// Sends `call` and returns when the headers of the answer are there, whatever its status.
    ///
    /// Headers that trickle look like headers that are late, because the HTTP library shows none of their bytes. The
    /// vendor may think for minutes before it answers, so both end as `Timeout` with the whole request.
    pub(crate) async fn send(&self, call: &Call, authorization: HeaderValue) -> Result<Answer, SourceError> {
        let mut request = call.request.try_clone().ok_or_else(|| {
            failed(&call.attempt, SourceFault::InvalidQuery, "the request cannot be sent again")
        })?;
        request.headers_mut().insert(AUTHORIZATION, authorization);
        let mut patience = self.patience;
        let started = Instant::now();
        let under_way = self.meter.begin();
        let outcome = timeout(patience.for_headers(), self.http.execute(request)).await;
        let status = outcome.as_ref().ok().and_then(|answer| Some(answer.as_ref().ok()?.status().as_u16()));
        let took = started.elapsed();
        under_way.end(status, took);
        if let Some(on_exchange) = &self.on_exchange {
            on_exchange(took);
        }
        let response = outcome
            .map_err(|_| failed(&call.attempt, SourceFault::Timeout, "no headers before the deadline"))?
            .map_err(|error| connection_fault::before_headers(&call.attempt, &error))?;
        patience.headers_came(took);
        Ok(Answer {
            attempt: Arc::clone(&call.attempt),
            response,
            patience,
            largest_body: self.largest_body,
            received: 0,
        })
    }
}

/// An answer whose body is still arriving. Dropping it cancels the download.
pub(crate) struct Answer {
    pub(crate) attempt: Arc<str>,
    response: reqwest::Response,
    patience: Patience,
    largest_body: u64,
    received: u64,
}

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// How long the vendor asks us to wait, if it does.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        let headers = self.response.headers();
        let answered_at =
            headers.get(DATE).and_then(|date| date.to_str().ok()).and_then(retry_after::http_date);
        retry_after::parse(headers.get(RETRY_AFTER)?.as_bytes(), answered_at)
    }

    /// The next bytes of the decoded body; `None` at its proper end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, SourceError> {
        loop {
            let allowance = self.patience.for_chunk();
            let started = Instant::now();
            let outcome = timeout(allowance, self.response.chunk()).await;
            let waited = started.elapsed();
            match outcome {
                Err(_) => self.spend(waited.max(allowance), 0)?,
                Ok(Err(error)) => {
                    return Err(connection_fault::inside_body(&self.attempt, self.status(), &error));
                }
                Ok(Ok(None)) => return Ok(None),
                Ok(Ok(Some(bytes))) => {
                    self.spend(waited, bytes.len() as u64)?;
                    return Ok(Some(bytes));
                }
            }
        }
    }

    fn spend(&mut self, waited: Duration, bytes: u64) -> Result<(), SourceError> {
        self.received += bytes;
        if self.received > self.largest_body {
            let info = format!("the body is larger than {} bytes", self.largest_body);
            return Err(failed_in_200(&self.attempt, SourceFault::BadPayload, info));
        }
        self.patience.spend(waited, bytes).map_err(|fault| {
            failed(&self.attempt, fault, format!("the body stopped after {} bytes", self.received))
        })
    }

    /// The beginning of an error's body; whatever goes wrong meanwhile, the error itself is what matters.
    pub(crate) async fn excerpt(mut self) -> Vec<u8> {
        let mut excerpt = Vec::new();
        while let Ok(Some(chunk)) = self.chunk().await {
            excerpt.extend_from_slice(&chunk);
            if excerpt.len() >= LARGEST_ERROR_BODY {
                break;
            }
        }
        excerpt.truncate(LARGEST_ERROR_BODY);
        excerpt
    }
}
