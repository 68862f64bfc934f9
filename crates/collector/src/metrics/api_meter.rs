//! Counts the requests that our own API answers.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use hyper::{Method, StatusCode};

/// By method, declared address and status. Whatever a client makes up is counted as `OTHER` and `unknown`, so that
/// nobody can make series.
pub(super) type ApiRequests = BTreeMap<(&'static str, &'static str, u16), u64>;

/// Counts answers.
#[derive(Debug, Default)]
pub struct ApiMeter(Mutex<ApiRequests>);

impl ApiMeter {
    /// A request to the declared address `route`, or to none, was answered.
    pub fn count(&self, method: &Method, route: Option<&'static str>, status: StatusCode) {
        let key = (name_of(method), route.unwrap_or("unknown"), status.as_u16());
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default() += 1;
    }

    pub(super) fn requests(&self) -> ApiRequests {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn name_of(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        _ => "OTHER",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_clients_make_up_makes_no_series() {
        let meter = ApiMeter::default();
        for made_up in ["BREW", "PROPFIND", "X"] {
            let method = Method::from_bytes(made_up.as_bytes()).expect("a method");
            meter.count(&method, None, StatusCode::NOT_FOUND);
        }
        meter.count(&Method::GET, Some("/healthz"), StatusCode::OK);
        let expected = [(("GET", "/healthz", 200), 1), (("OTHER", "unknown", 404), 3)];
        assert_eq!(meter.requests(), BTreeMap::from(expected));
    }
}
