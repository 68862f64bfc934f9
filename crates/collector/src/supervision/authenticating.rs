//! Proves a source's credentials before its streams begin.

use std::time::Duration;

use incydr_client::client::Client;
use incydr_core::clock::Clock;
use incydr_core::health::{ErrorType, Trouble};
use incydr_core::retry::Backoff;
use incydr_core::source::{SourceError, SourceFault};
use incydr_core::stop::Stop;

use crate::supervision::source_health::{Part, SourceHealth};
use crate::supervision::stream_supervisor::{wait_after, wait_unless_stopped};

/// How the proof ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Authentication {
    /// The vendor accepts the credentials.
    Accepted,
    /// It refuses them; nobody has ever seen them work, so that one refusal is enough.
    Refused(Trouble),
    /// The stop came first.
    Stopped,
}

/// Asks for a token, again and again while the service fails.
pub async fn authenticate(
    client: &Client,
    health: &SourceHealth,
    clock: &dyn Clock,
    stop: &Stop,
) -> Authentication {
    let mut backoff =
        Backoff::new(Duration::from_secs(1), Duration::from_secs(60), health.identity().as_bytes());
    loop {
        let attempt = tokio::select! {
            biased;
            () = stop.requested() => return Authentication::Stopped,
            attempt = client.authenticate() => attempt,
        };
        let Err(error) = attempt else {
            health.close(Part::Source, ErrorType::ThirdPartyGeneric);
            health.close(Part::Source, ErrorType::FirstPartyGeneric);
            return Authentication::Accepted;
        };
        let trouble = Trouble::from(&error);
        health.open(Part::Source, trouble.clone());
        if is_refusal(&error) {
            return Authentication::Refused(trouble);
        }
        if wait_unless_stopped(clock, stop, wait_after(&error, &mut backoff)).await {
            return Authentication::Stopped;
        }
    }
}

fn is_refusal(error: &SourceError) -> bool {
    matches!(error.fault, SourceFault::InvalidClient | SourceFault::Unauthorized | SourceFault::Forbidden)
}
