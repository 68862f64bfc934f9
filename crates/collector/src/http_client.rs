//! The HTTP client of whatever is not on the path of an event.

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder};

/// A client that follows no redirect and waits no longer than `timeout` for a whole answer.
pub(crate) fn builder(timeout: Duration) -> ClientBuilder {
    // An error says that a provider is installed already, which is all that we want.
    rustls::crypto::ring::default_provider().install_default().ok();
    Client::builder().redirect(Policy::none()).timeout(timeout)
}
