//! An attempt without an answer: whether anything can have arrived, and why it failed.

use std::error::Error;
use std::io;

use incydr_core::destination::DeliveryFault;

/// The kind of failure, and a reason that holds no address.
///
/// Before the connection stands, certainly nothing arrived; after that, everything may have. A receiver that needs too
/// long for a batch may manage half of it.
pub(super) fn explain(error: &reqwest::Error) -> (DeliveryFault, String) {
    let cause = root_cause(error);
    if error.is_connect() {
        (DeliveryFault::Unreachable, explain_connect(error, &cause))
    } else if error.is_builder() {
        (DeliveryFault::Refused, format!("the request cannot be made: {cause}"))
    } else if error.is_timeout() {
        (DeliveryFault::TooSlow, "no answer in time".to_owned())
    } else {
        (DeliveryFault::Unknown, cause)
    }
}

fn explain_connect(error: &reqwest::Error, cause: &str) -> String {
    if error.is_timeout() {
        "no connection in time".to_owned()
    } else if error.is_dns() {
        format!("the host name does not resolve: {cause}")
    } else if chain(error).any(|link| link.is::<rustls::Error>()) {
        format!("no trusted TLS connection: {cause}")
    } else {
        format!("the connection failed: {cause}")
    }
}

/// The innermost message; the outer ones name the address.
fn root_cause(error: &reqwest::Error) -> String {
    chain(error).skip(1).last().map_or_else(|| "no reason given".to_owned(), ToString::to_string)
}

/// The error and everything that caused it, including what is wrapped in an I/O error, which `source` passes over.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&link| {
        let wrapped = link.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        wrapped.map_or_else(|| link.source(), |wrapped| Some(wrapped as _))
    })
}
