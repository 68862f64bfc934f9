//! From a request to its route, and from there to an answer: every request passes here, top to bottom.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CACHE_CONTROL, HeaderName, HeaderValue, IF_NONE_MATCH};
use hyper::{Method, Request, Response};
use incydr_store::Role;

use super::access_key::Caller;
use super::answer::{Answer, AnswerBody};
use super::call::Call;
use super::envelope::{RequestId, answer_with};
use super::path;
use super::problem::{Problem, ProblemKind};
use super::request_body;
use super::route::Route;
use crate::api::Api;

/// An address may have so many bytes.
pub const MAX_ADDRESS_BYTES: usize = 8 * 1024;

/// Names and values of all headers may have so many bytes.
pub const MAX_HEADER_BYTES: usize = 16 * 1024;

/// What every answer says besides its own headers.
const HEADERS: [(&str, &str); 3] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
];

/// All routes, found by method and address.
#[derive(Clone, Debug)]
pub struct Router {
    addresses: Arc<matchit::Router<Vec<Route>>>,
}

/// What a request asks for.
struct Asked {
    /// The address in its plain form.
    path: String,
    /// The methods of that address; empty for an unknown one.
    allowed: String,
    route: Option<Route>,
    parameters: Vec<(String, String)>,
}

impl Router {
    /// A router over `routes`. Fails when two addresses contradict each other.
    pub fn new(routes: Vec<Route>) -> Result<Self, String> {
        let mut by_path: BTreeMap<&'static str, Vec<Route>> = BTreeMap::new();
        for route in routes {
            by_path.entry(route.path).or_default().push(route);
        }
        let mut addresses = matchit::Router::new();
        for (path, routes) in by_path {
            addresses.insert(path, routes).map_err(|error| format!("declaring the route {path}: {error}"))?;
        }
        Ok(Self { addresses: Arc::new(addresses) })
    }

    /// Answers one request that came from `address`.
    pub async fn respond(
        &self,
        api: &Api,
        address: IpAddr,
        request: Request<Incoming>,
    ) -> Response<AnswerBody> {
        let id = RequestId::new();
        let asked = self.find(request.method(), request.uri().path());
        let method = request.method().clone();
        let is_read = matches!(method, Method::GET | Method::HEAD);
        let has_etag = request.headers().get(IF_NONE_MATCH).filter(|_| is_read).cloned();
        let mut response = match carry_out(api, &asked, address, request).await {
            Ok(answer) => with_cached(answer, has_etag.as_ref()).into_response(),
            Err(problem) => {
                if problem.kind == ProblemKind::Internal {
                    tracing::error!(request = id.as_str(), path = asked.path, "a request failed");
                }
                answer_with(&problem, &asked.path, &asked.allowed, &id)
            }
        };
        api.meter.count(&method, asked.route.as_ref().map(|route| route.path), response.status());
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        for (name, value) in HEADERS {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        response
    }

    fn find(&self, method: &Method, path: &str) -> Asked {
        let path = path::plain(path);
        let Ok(found) = self.addresses.at(&path) else {
            return Asked { path, allowed: String::new(), route: None, parameters: Vec::new() };
        };
        let decoded = |(name, value): (&str, &str)| Some((name.to_owned(), path::decoded(value)?));
        let parameters: Option<Vec<_>> = found.params.iter().map(decoded).collect();
        let served = if method == Method::HEAD { &Method::GET } else { method };
        let route = found.value.iter().find(|route| route.method == *served).cloned();
        let allowed = found.value.iter().map(|route| route.method.as_str()).collect::<Vec<_>>().join(", ");
        match parameters {
            Some(parameters) => Asked { allowed, route, parameters, path },
            // A parameter that is no text names nothing.
            None => Asked { path, allowed: String::new(), route: None, parameters: Vec::new() },
        }
    }
}

/// Admits the request and carries it out.
async fn carry_out(
    api: &Api,
    asked: &Asked,
    address: IpAddr,
    request: Request<Incoming>,
) -> Result<Answer, Problem> {
    if request.uri().to_string().len() > MAX_ADDRESS_BYTES {
        let message = format!("The address is longer than {MAX_ADDRESS_BYTES} bytes.");
        return Err(Problem::new(ProblemKind::AddressTooLong, "address.too.long", message));
    }
    let header_bytes: usize =
        request.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if header_bytes > MAX_HEADER_BYTES {
        let message = format!("The headers have more than {MAX_HEADER_BYTES} bytes.");
        return Err(Problem::new(ProblemKind::HeadersTooLarge, "headers.too.large", message));
    }
    let needed = asked.route.as_ref().map_or(Some(Role::View), |route| route.role);
    let Some(needed) = needed else { return call(api, asked, Caller::anonymous(), request).await };
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let caller = api.access.authenticate(header, address).await?;
    let _under_way = api.rate_limit.admit(&caller.access_id, api.clock.now())?;
    if !caller.has_role(needed) {
        return Err(Problem::forbidden(format!("This needs a key with the role '{}'.", needed.as_str())));
    }
    call(api, asked, caller, request).await
}

async fn call(
    api: &Api,
    asked: &Asked,
    caller: Caller,
    request: Request<Incoming>,
) -> Result<Answer, Problem> {
    let Some(route) = &asked.route else {
        return Err(match asked.allowed.is_empty() {
            true => Problem::unknown_address(),
            false => {
                let message = "Unsupported method for URL.";
                Problem::new(ProblemKind::MethodUnsupported, "method.unsupported", message)
            }
        });
    };
    let query = path::query_pairs(request.uri().query());
    let (head, body) = request.into_parts();
    let body = if route.takes.is_some() { request_body::read(body).await? } else { Bytes::new() };
    let call = Call {
        api: api.clone(),
        caller,
        parameters: asked.parameters.clone(),
        query,
        headers: head.headers,
        body,
    };
    (route.handler)(call).await
}

/// The answer, or that the caller has this version already.
fn with_cached(answer: Answer, if_none_match: Option<&HeaderValue>) -> Answer {
    let is_known = match (answer.etag(), if_none_match.and_then(|tags| tags.to_str().ok())) {
        (Some(etag), Some(tags)) => tags.split(',').any(|tag| tag.trim() == etag),
        (None, _) | (_, None) => false,
    };
    if is_known { answer.not_modified() } else { answer }
}
