//! Looks host names up where the system does, anew for each connection.
//!
//! Place on the path: hop 4, beneath `transport`. Nothing is remembered here: how long an address holds is for the
//! system's resolver to know. So a host that moves is found where it is now, from the next connection on.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::lookup_host;
use tokio::time::timeout;

/// Less than a connection may take in all, so that a silent resolver is not taken for a silent host; and more than the
/// five seconds after which the system asks its second resolver.
const LONGEST_LOOKUP: Duration = Duration::from_secs(8);

/// The system's resolver.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let addresses = in_time(lookup_host((name.as_str(), 0))).await?;
            Ok(Box::new(addresses.collect::<Vec<_>>().into_iter()) as Addrs)
        })
    }
}

async fn in_time<T: Iterator<Item = SocketAddr>>(
    lookup: impl Future<Output = io::Result<T>>,
) -> io::Result<T> {
    let silence = |_| io::Error::new(io::ErrorKind::TimedOut, "the resolver does not answer");
    timeout(LONGEST_LOOKUP, lookup).await.map_err(silence)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_resolver_that_never_answers_is_given_up() {
        let silent = std::future::pending::<io::Result<std::vec::IntoIter<SocketAddr>>>();
        let error = in_time(silent).await.expect_err("no answer");
        assert_eq!(error.to_string(), "the resolver does not answer");
    }
}
