//! Leads each request to its endpoint, past fault plan, bearer token and throttle.

use std::collections::HashSet;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::{ACCEPT_ENCODING, RETRY_AFTER};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};
use serde_json::json;
use tokio::sync::watch;

use crate::digest::Digest;
use crate::faults::rule::Target;
use crate::faults::strike::Strike;
use crate::guarded::Guarded;
use crate::http::answer::Answer;
use crate::http::body::AnswerBody;
use crate::http::record::{RequestLog, RequestRecord};
use crate::http::server::Service;
use crate::http::wire::Wire;
use crate::incydr::access::{Caller, Tokens};
use crate::incydr::options::IncydrOptions;
use crate::incydr::rate::RateCounter;
use crate::incydr::tenant::Tenant;
use crate::moment::Moment;
use crate::stream::RecordKind;

/// The state of a running simulated Incydr.
#[derive(Debug)]
pub(crate) struct IncydrService {
    pub(crate) options: IncydrOptions,
    pub(crate) tenant: Guarded<Tenant>,
    pub(crate) tokens: Guarded<Tokens>,
    pub(crate) log: Guarded<RequestLog>,
    pub(crate) answered: watch::Sender<u64>,
    /// Versions of records that change, as they were served.
    pub(crate) served: Guarded<HashSet<(RecordKind, String, Digest)>>,
    rate: Guarded<RateCounter>,
}

/// A request whose body has arrived.
pub(crate) struct Exchange {
    endpoint: Target,
    pub(crate) parts: Parts,
    pub(crate) body: Bytes,
    caller: Option<Caller>,
}

impl IncydrService {
    pub(crate) fn new(options: IncydrOptions) -> Self {
        let tenant = Tenant::new(&options.data, &options.first_tenant(), options.clock.now());
        Self {
            options,
            tenant: Guarded::new(tenant),
            tokens: Guarded::default(),
            log: Guarded::default(),
            answered: watch::Sender::default(),
            served: Guarded::default(),
            rate: Guarded::default(),
        }
    }

    pub(crate) fn now(&self) -> Moment {
        self.options.clock.now()
    }

    async fn exchange(&self, request: Request<Incoming>, wire: Wire) -> Response<AnswerBody> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.map(|whole| whole.to_bytes()).unwrap_or_default();
        let endpoint = endpoint_of(&parts.method, parts.uri.path());
        let strike = self.options.faults.strike(endpoint);
        if strike.revoke_token {
            self.tokens.lock().revoke(&parts.headers);
        }
        let caller = self.tokens.lock().caller(&parts.headers, self.now());
        let exchange = Exchange { endpoint, parts, body, caller };
        let tenant = exchange.caller.as_ref().map(|caller| caller.tenant.clone());
        let arrived = RequestRecord::new(endpoint, &exchange.parts, &exchange.body, self.now());
        let number = self.log.lock().open(RequestRecord { tenant, ..arrived });
        let answer = strike.decided_answer().unwrap_or_else(|| self.answer(&exchange, &strike));
        strike.before_head(&wire, self.options.latency).await;
        if let Some(record) = self.log.lock().record(number) {
            record.status = Some(answer.status.as_u16());
        }
        self.answered.send_modify(|count| *count += 1);
        strike.maim(self.encoded(answer, &exchange.parts), wire)
    }

    fn encoded(&self, answer: Answer, parts: &Parts) -> Answer {
        let accepts = parts.headers.get_all(ACCEPT_ENCODING).iter();
        let gzip = accepts.filter_map(|value| value.to_str().ok()).any(|value| value.contains("gzip"));
        if self.options.behavior.gzip && gzip && answer.status == StatusCode::OK {
            answer.gzipped()
        } else {
            answer
        }
    }

    fn answer(&self, exchange: &Exchange, strike: &Strike) -> Answer {
        if exchange.endpoint == Target::Oauth {
            let query = exchange.parts.uri.query().unwrap_or_default();
            return self.tokens.lock().grant(query, &exchange.parts.headers, &exchange.body, &self.options);
        }
        let Some(caller) = &exchange.caller else {
            return self.failure(StatusCode::UNAUTHORIZED, "unauthorized");
        };
        if let Err(wait) = self.rate.lock().count(caller, self.now(), &self.options.rate) {
            let answer = self.failure(StatusCode::TOO_MANY_REQUESTS, "too many requests");
            let seconds = wait.as_millis().div_ceil(1_000).to_string();
            return match self.options.rate.tells_retry_after {
                true => answer.with_header(RETRY_AFTER, &seconds),
                false => answer,
            };
        }
        self.tenant.lock().grow(self.now());
        match exchange.endpoint {
            Target::Customer => self.customer(caller),
            Target::FileEvents => self.file_events(exchange, caller, strike),
            Target::Sessions => self.sessions(exchange, caller, strike),
            Target::Alerts => self.alerts(exchange, caller, strike),
            Target::AlertDetails => self.alert_details(exchange, caller),
            Target::Audit => self.audit(exchange, strike),
            Target::AuditCount => self.audit_count(exchange),
            Target::Any | Target::Connection | Target::Oauth | Target::Sumo | Target::Unknown => {
                self.failure(StatusCode::NOT_FOUND, "not found")
            }
        }
    }

    pub(crate) fn failure(&self, status: StatusCode, why: &str) -> Answer {
        match self.options.behavior.errors_have_bodies {
            true => Answer::json(status, &json!({"error": why})),
            false => Answer::empty(status),
        }
    }
}

impl Service for IncydrService {
    fn admit(&self, wire: Wire) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.options.faults.strike(Target::Connection).before_bytes(&wire, Duration::ZERO).await;
        })
    }

    fn respond(&self, request: Request<Incoming>, wire: Wire) -> BoxFuture<'_, Response<AnswerBody>> {
        Box::pin(self.exchange(request, wire))
    }
}

fn endpoint_of(method: &Method, path: &str) -> Target {
    match (method, path) {
        (&Method::POST, "/v1/oauth") => Target::Oauth,
        (&Method::GET, "/v1/customer") => Target::Customer,
        (&Method::POST, "/v2/file-events") => Target::FileEvents,
        (&Method::GET, "/v1/sessions") => Target::Sessions,
        (&Method::GET, path) if path.starts_with("/v1/sessions/") => Target::Sessions,
        (&Method::POST, "/v1/alerts/query-alerts") => Target::Alerts,
        (&Method::POST, "/v1/alerts/query-details") => Target::AlertDetails,
        (&Method::POST, "/v1/audit/search-audit-log") => Target::Audit,
        (&Method::POST, "/v1/audit/search-results-count") => Target::AuditCount,
        _ => Target::Unknown,
    }
}
