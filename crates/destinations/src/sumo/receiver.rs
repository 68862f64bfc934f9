//! The receiver's address. It is a credential: whoever knows it can send in our name (I10).

use std::fmt;

use incydr_core::secret::Secret;
use url::{Host, Url};

use super::ConfigurationError;

const MASK: &str = "********";
const MAX_QUOTED_CHARS: usize = 300;
/// Shorter parts of an address are words, not secrets, and masking them would make every answer unreadable.
const MIN_SECRET_LEN: usize = 4;

/// Where requests go, and what of it must never be shown.
#[derive(Clone)]
pub(super) struct Receiver {
    url: Url,
    /// Longest first, so that no mask leaves the rest of a longer secret behind.
    secrets: Vec<String>,
}

impl Receiver {
    /// Reads the address. Plain HTTP is for receivers on this machine: the address itself would be readable on the
    /// way.
    pub(super) fn parse(address: &Secret) -> Result<Self, ConfigurationError> {
        let mut url = Url::parse(address.reveal().trim()).map_err(|_| ConfigurationError::Address)?;
        url.set_fragment(None);
        let is_safe = match url.scheme() {
            "https" => url.has_host(),
            "http" => is_loopback(&url),
            _ => false,
        };
        if !is_safe {
            return Err(ConfigurationError::Scheme);
        }
        let secrets = secrets_of(&url, address);
        Ok(Self { url, secrets })
    }

    /// The whole address, for the one place that connects to it.
    pub(super) fn reveal(&self) -> Url {
        self.url.clone()
    }

    pub(super) fn is_loopback(&self) -> bool {
        is_loopback(&self.url)
    }

    /// A stranger's words as they may be shown: without the address or its parts, in one line, shortened.
    pub(super) fn quote(&self, words: &str) -> String {
        let masked = self
            .secrets
            .iter()
            .fold(words.trim().to_owned(), |words, secret| words.replace(secret.as_str(), MASK));
        let mut chars = masked.chars();
        let shown: String = chars.by_ref().take(MAX_QUOTED_CHARS).map(visible).collect();
        if chars.next().is_some() { shown + "…" } else { shown }
    }
}

impl fmt::Debug for Receiver {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Receiver").field("host", &self.url.host_str()).finish_non_exhaustive()
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

fn secrets_of(url: &Url, address: &Secret) -> Vec<String> {
    let last_segment = url.path_segments().and_then(|segments| segments.rev().find(|part| !part.is_empty()));
    let parts = [
        Some(address.reveal().trim()),
        Some(url.as_str()),
        Some(url.path()),
        last_segment,
        // An answer may write the characters after these in another encoding.
        last_segment.and_then(|segment| segment.split(['=', '%']).next()),
        url.query(),
        Some(url.username()),
        url.password(),
    ];
    let mut secrets: Vec<String> =
        parts.into_iter().flatten().filter(|part| part.len() >= MIN_SECRET_LEN).map(str::to_owned).collect();
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    secrets
}

fn visible(character: char) -> char {
    if character.is_control() { ' ' } else { character }
}
