//! The HTTP side: connections, requests, who may do what, and how answers and errors look.
//!
//! Every route is one declared value ([`route::Route`]): method, path, the role it needs, and what it does. The
//! router, the role check, the "method not supported" answer and the served description all come from that one list,
//! so that none of them can miss a route. A handler gets a [`call::Call`] of plain values, and gives an
//! [`answer::Answer`] or a [`problem::Problem`].
//!
//! Not for: what a request does. That is `resources`.

pub mod access;
pub mod access_key;
pub mod answer;
pub mod call;
pub mod entity_tag;
pub mod envelope;
pub mod forgery;
pub mod listener;
pub mod live;
pub mod openapi;
pub mod path;
pub mod problem;
pub mod rate_limit;
pub mod request_body;
pub mod route;
pub mod router;
pub mod session;
pub mod throttle;
