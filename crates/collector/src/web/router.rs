//! From a request to its route, and from there to an answer: every request passes here, top to bottom.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{
    ACCEPT, AUTHORIZATION, CACHE_CONTROL, COOKIE, HeaderName, HeaderValue, IF_NONE_MATCH, RETRY_AFTER,
    STRICT_TRANSPORT_SECURITY,
};
use hyper::{HeaderMap, Method, Request, Response, Uri};
use incydr_store::Role;

use super::access_key::Caller;
use super::answer::{Answer, AnswerBody};
use super::call::Call;
use super::envelope::{RequestId, answer_with};
use super::problem::{Problem, ProblemKind};
use super::route::{Entrance, Route};
use super::session::Visit;
use super::{forgery, live, path, request_body};
use crate::api::Api;

/// An address may have so many bytes.
pub const MAX_ADDRESS_BYTES: usize = 8 * 1024;

/// Names and values of all headers may have so many bytes.
pub const MAX_HEADER_BYTES: usize = 16 * 1024;

/// What every answer to a program says besides its own headers.
const HEADERS_FOR_PROGRAMS: [(&str, &str); 3] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
];

/// What every page says besides its own headers. Forms need a referrer within the site, for without it a browser
/// does not say where they come from.
const HEADERS_FOR_PEOPLE: [(&str, &str); 4] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
];

/// Tells a person of a problem at an address, with or without a session.
pub type ProblemPage = fn(&Problem, &str, Option<&Visit>) -> Answer;

/// All routes, found by method and address.
#[derive(Clone, Debug)]
pub struct Router {
    addresses: Arc<matchit::Router<Vec<Route>>>,
    problem_page: ProblemPage,
}

/// What a request asks for.
struct Asked {
    /// The address in its plain form.
    path: String,
    /// Where a person can go after the sign-in to see this; empty for a change.
    page: String,
    /// The methods of that address; empty for an unknown one.
    allowed: String,
    route: Option<Route>,
    parameters: Vec<(String, String)>,
}

impl Router {
    /// A router over `routes`. Fails when two addresses contradict each other.
    pub fn new(routes: Vec<Route>, problem_page: ProblemPage) -> Result<Self, String> {
        let mut by_path: BTreeMap<&'static str, Vec<Route>> = BTreeMap::new();
        for route in routes {
            by_path.entry(route.path).or_default().push(route);
        }
        let mut addresses = matchit::Router::new();
        for (path, routes) in by_path {
            addresses.insert(path, routes).map_err(|error| format!("declaring the route {path}: {error}"))?;
        }
        Ok(Self { addresses: Arc::new(addresses), problem_page })
    }

    /// Answers one request that came from `address`.
    pub async fn respond(
        &self,
        api: &Api,
        address: IpAddr,
        request: Request<Incoming>,
    ) -> Response<AnswerBody> {
        let asked = self.find(request.method(), request.uri());
        let entrance = entrance(&asked, &request);
        let method = request.method().clone();
        let is_read = matches!(method, Method::GET | Method::HEAD);
        let has_etag = request.headers().get(IF_NONE_MATCH).filter(|_| is_read).cloned();
        let mut visit = None;
        let outcome = match entrance {
            Entrance::Program => carry_out_for_program(api, &asked, address, request).await,
            Entrance::Person => carry_out_for_person(api, &asked, address, request, &mut visit).await,
        };
        let mut response = match outcome {
            Ok(answer) => with_cached(answer, has_etag.as_ref()).into_response(),
            Err(problem) => self.refuse(&problem, &asked, entrance, visit.as_ref()),
        };
        api.meter.count(&method, asked.route.as_ref().map(|route| route.path), response.status());
        let headers = response.headers_mut();
        headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        let fixed = match entrance {
            Entrance::Program => &HEADERS_FOR_PROGRAMS[..],
            Entrance::Person => &HEADERS_FOR_PEOPLE,
        };
        for (name, value) in fixed {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        if api.sessions.is_secure() {
            headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
        }
        response
    }

    /// Tells the problem in the way of whoever asks here.
    fn refuse(
        &self,
        problem: &Problem,
        asked: &Asked,
        entrance: Entrance,
        visit: Option<&Visit>,
    ) -> Response<AnswerBody> {
        let id = RequestId::new();
        if problem.kind == ProblemKind::Internal {
            tracing::error!(request = id.as_str(), path = asked.path, "a request failed");
        }
        match entrance {
            Entrance::Program => answer_with(problem, &asked.path, &asked.allowed, &id),
            Entrance::Person => {
                let mut response = (self.problem_page)(problem, &asked.page, visit).into_response();
                if let Some(wait) = problem.retry_after {
                    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
                }
                response
            }
        }
    }

    fn find(&self, method: &Method, address: &Uri) -> Asked {
        let path = path::plain(address.path());
        let page = match *method {
            Method::GET => address.path_and_query().map(ToString::to_string).unwrap_or_default(),
            _ => String::new(),
        };
        let Ok(found) = self.addresses.at(&path) else {
            return Asked { path, page, allowed: String::new(), route: None, parameters: Vec::new() };
        };
        let decoded = |(name, value): (&str, &str)| Some((name.to_owned(), path::decoded(value)?));
        let parameters: Option<Vec<_>> = found.params.iter().map(decoded).collect();
        let served = if method == Method::HEAD { &Method::GET } else { method };
        let route = found.value.iter().find(|route| route.method == *served).cloned();
        let allowed = found.value.iter().map(|route| route.method.as_str()).collect::<Vec<_>>().join(", ");
        match parameters {
            Some(parameters) => Asked { path, page, allowed, route, parameters },
            // A parameter that is no text names nothing.
            None => Asked { path, page, allowed: String::new(), route: None, parameters: Vec::new() },
        }
    }
}

/// Who asks. At an unknown address it is a person if it wants to read a page.
fn entrance(asked: &Asked, request: &Request<Incoming>) -> Entrance {
    match &asked.route {
        Some(route) => route.entrance,
        None if asked.path.starts_with("/api/") => Entrance::Program,
        None if accepts(request.headers(), "text/html") => Entrance::Person,
        None => Entrance::Program,
    }
}

fn accepts(headers: &HeaderMap, media_type: &str) -> bool {
    headers.get(ACCEPT).and_then(|types| types.to_str().ok()).is_some_and(|types| types.contains(media_type))
}

/// Admits a program's request and carries it out.
async fn carry_out_for_program(
    api: &Api,
    asked: &Asked,
    address: IpAddr,
    request: Request<Incoming>,
) -> Result<Answer, Problem> {
    check_size(&request)?;
    let needed = asked.route.as_ref().map_or(Some(Role::View), |route| route.role);
    let mut _under_way = None;
    let caller = match needed {
        None => Caller::anonymous(),
        Some(needed) => {
            let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
            let caller = api.access.authenticate(header, address).await?;
            _under_way = Some(api.rate_limit.admit(&caller.access_id, api.clock.now())?);
            check_role(&caller, needed)?;
            caller
        }
    };
    let route = asked.route()?;
    (route.handler)(read_call(api, asked, route, caller, address, request).await?).await
}

/// Admits a person's request and carries it out; `visit` is what is known of the person, also when it is refused.
async fn carry_out_for_person(
    api: &Api,
    asked: &Asked,
    address: IpAddr,
    request: Request<Incoming>,
    visit: &mut Option<Visit>,
) -> Result<Answer, Problem> {
    check_size(&request)?;
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    if changes {
        forgery::check_origin(request.headers())?;
    }
    let needed = asked.route.as_ref().map_or(Some(Role::View), |route| route.role);
    let cookies = request.headers().get(COOKIE).and_then(|value| value.to_str().ok());
    *visit = match needed {
        None => None,
        Some(_) => Some(api.sessions.visit(cookies).await?),
    };
    let route = asked.route()?;
    let caller = visit.as_ref().map_or_else(Caller::anonymous, |visit| visit.caller.clone());
    let mut call = read_call(api, asked, route, caller, address, request).await?;
    call.visit.clone_from(visit);
    if let Some(visit) = visit.as_ref().filter(|_| changes) {
        forgery::check_token(call.form_value("token").as_deref(), &visit.form_token)?;
    }
    if let Some(needed) = needed {
        check_role(&call.caller, needed)?;
    }
    match route.is_live {
        true if accepts(&call.headers, "text/event-stream") => api.live.follow(call, route.handler).await,
        true => (route.handler)(call).await.map(live::stamped),
        false => (route.handler)(call).await,
    }
}

fn check_size(request: &Request<Incoming>) -> Result<(), Problem> {
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
    Ok(())
}

fn check_role(caller: &Caller, needed: Role) -> Result<(), Problem> {
    match caller.has_role(needed) {
        true => Ok(()),
        false => Err(Problem::forbidden(format!("This needs a key with the role '{}'.", needed.as_str()))),
    }
}

impl Asked {
    /// The route, or why there is none.
    fn route(&self) -> Result<&Route, Problem> {
        match &self.route {
            Some(route) => Ok(route),
            None if self.allowed.is_empty() => Err(Problem::unknown_address()),
            None => {
                let message = "Unsupported method for URL.";
                Err(Problem::new(ProblemKind::MethodUnsupported, "method.unsupported", message))
            }
        }
    }
}

async fn read_call(
    api: &Api,
    asked: &Asked,
    route: &Route,
    caller: Caller,
    address: IpAddr,
    request: Request<Incoming>,
) -> Result<Call, Problem> {
    let query = path::query_pairs(request.uri().query());
    let (head, body) = request.into_parts();
    let body = if route.takes.is_some() { request_body::read(body).await? } else { Bytes::new() };
    Ok(Call {
        api: api.clone(),
        caller,
        visit: None,
        address,
        path: asked.path.clone(),
        parameters: asked.parameters.clone(),
        query,
        headers: head.headers,
        body,
    })
}

/// The answer, or that the caller has this version already.
fn with_cached(answer: Answer, if_none_match: Option<&HeaderValue>) -> Answer {
    let is_known = match (answer.etag(), if_none_match.and_then(|tags| tags.to_str().ok())) {
        (Some(etag), Some(tags)) => tags.split(',').any(|tag| tag.trim() == etag),
        (None, _) | (_, None) => false,
    };
    if is_known { answer.not_modified() } else { answer }
}
