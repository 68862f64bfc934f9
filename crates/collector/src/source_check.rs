//! Tries a source and destinations without collecting anything: authenticates, reads one record of each selected stream,
//! and probes each destination.
//!
//! Shared by the verb `check` and the API. Nothing is kept and nothing is delivered.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use incydr_client::client::Client;
use incydr_core::clock::Clock;
use incydr_core::health::{ErrorType, Trouble};
use incydr_core::stream::Stream;
use incydr_core::timestamp::Timestamp;

use crate::assembly::{Door, alerts_api_of};
use crate::figures::grouped;
use crate::source_config::SourceConfig;

/// How far back a record of a stream is looked for.
const PROBED: Duration = Duration::from_secs(24 * 60 * 60);

/// What was tried, and how it ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// What was tried.
    pub tried: Tried,
    /// What was found, or what is wrong.
    pub outcome: Result<Found, Trouble>,
}

/// What can be tried.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Tried {
    /// The credentials.
    Authentication,
    /// Reading a stream.
    Stream(Stream),
    /// Reaching a destination, by a name without a secret.
    Destination(String),
}

/// What was found where all is well.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Found {
    /// The vendor accepts the credentials.
    Accepted,
    /// The stream may be read.
    Readable {
        /// At least so many records came in the last 24 hours.
        records: u64,
    },
    /// The destination is there.
    Reachable,
}

/// One check, and how long it may take.
pub struct SourceCheck<'a> {
    source: &'a SourceConfig,
    client: Arc<Client>,
    clock: &'a dyn Clock,
    until: Timestamp,
}

impl<'a> SourceCheck<'a> {
    /// A check of `source` with a client of its tenant, which takes no longer than `patience`.
    pub fn new(
        source: &'a SourceConfig,
        client: Arc<Client>,
        clock: &'a dyn Clock,
        patience: Duration,
    ) -> Self {
        Self { source, client, clock, until: clock.now().plus(patience) }
    }

    /// Tries the credentials and, if they are accepted, all streams of the source side by side. What takes too long has
    /// failed, and the rest is told all the same.
    pub async fn run(&self) -> Vec<Finding> {
        let authentication = self.in_time("authenticating", async {
            self.client.authenticate().await.map_err(|error| Trouble::from(&error))
        });
        let outcome = authentication.await.map(|()| Found::Accepted);
        let is_accepted = outcome.is_ok();
        let mut findings = vec![Finding { tried: Tried::Authentication, outcome }];
        if is_accepted {
            findings
                .extend(join_all(self.source.streams.iter().map(|stream| self.try_stream(*stream))).await);
        }
        findings
    }

    async fn try_stream(&self, stream: Stream) -> Finding {
        let now = self.clock.now();
        let probe = async {
            let records = self.client.probe(stream, alerts_api_of(self.source), now.minus(PROBED), now).await;
            records.map_err(|error| Trouble::from(&error))
        };
        let outcome = self.in_time("reading a record", probe).await;
        Finding { tried: Tried::Stream(stream), outcome: outcome.map(|records| Found::Readable { records }) }
    }

    async fn in_time<T>(
        &self,
        doing: &str,
        attempt: impl Future<Output = Result<T, Trouble>>,
    ) -> Result<T, Trouble> {
        let left = self.until.since(self.clock.now());
        let outcome = within(left, self.clock, attempt).await;
        outcome.unwrap_or_else(|| Err(unanswered(ErrorType::ThirdPartyGeneric, "Timeout", doing)))
    }
}

/// Tries whether a destination, which is called `name`, can be reached; takes no longer than `patience`.
pub async fn try_destination(name: String, door: &Door, clock: &dyn Clock, patience: Duration) -> Finding {
    let probe = async { door.probe().await.map_err(|error| Trouble::from(&error)) };
    let outcome = within(patience, clock, probe).await.unwrap_or_else(|| {
        Err(unanswered(ErrorType::FirstPartyGeneric, "SinkSlow", "reaching a destination"))
    });
    Finding { tried: Tried::Destination(name), outcome: outcome.map(|()| Found::Reachable) }
}

/// `None` when `attempt` has not ended within `span`.
async fn within<T>(span: Duration, clock: &dyn Clock, attempt: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        outcome = attempt => Some(outcome),
        () = clock.sleep(span) => None,
    }
}

/// What to do about `trouble`.
pub fn remedy(trouble: &Trouble) -> &'static str {
    match (trouble.error_type, trouble.tracker) {
        (ErrorType::ThirdPartyConfig, "Scope") => {
            "give the API client the permission to read this, or leave it out of `dataCollection`"
        }
        (ErrorType::ThirdPartyConfig, _) => {
            "make sure that `baseURL` matches the domain you sign in to, and that `clientID` and `secretKey` are right"
        }
        (ErrorType::ThirdPartyGeneric, "Dns" | "Connect" | "Tls" | "Proxy") => {
            "make sure that this machine reaches the host, by DNS, firewall, proxy and certificates"
        }
        (ErrorType::ThirdPartyGeneric, _) => "try again later; a source that collects retries this for ever",
        (ErrorType::FirstPartyGeneric, "SinkRejected") => {
            "copy the address of the HTTP source again; a regenerated one takes some minutes to work"
        }
        (ErrorType::FirstPartyGeneric, _) => {
            "make sure that this machine reaches the destination and may write there"
        }
    }
}

fn unanswered(error_type: ErrorType, tracker: &'static str, doing: &str) -> Trouble {
    Trouble {
        error_type,
        tracker,
        error_code: None,
        error_info: String::new(),
        message: format!("{doing}: no answer in time"),
    }
}

impl fmt::Display for Tried {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Authentication => out.write_str("authentication"),
            Self::Stream(stream) => stream.fmt(out),
            Self::Destination(name) => out.write_str(name),
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted => out.write_str("accepted"),
            Self::Readable { records: 0 } => out.write_str("readable; nothing in the last 24 hours"),
            Self::Readable { records } => {
                write!(out, "readable; {} or more in the last 24 hours", grouped(*records))
            }
            Self::Reachable => out.write_str("reachable"),
        }
    }
}
