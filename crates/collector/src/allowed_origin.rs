//! Where a request may go: scheme, host and port, in their one plain form.
//!
//! Every address that the collector sends a secret to passes through here. What a URL parser would tidy up (user
//! names, backslashes, numbers written as octal, full-width letters) is refused instead, so that the text a person
//! checked is the host that is connected.

use std::fmt;

use thiserror::Error;
use url::{Host, Position, Url};

use crate::printable::printable;

/// Scheme, host and port of an address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Origin {
    url: Url,
}

/// Why a text is no origin: the problem, then the remedy.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{problem}; {remedy}")]
pub struct OriginError {
    /// What is wrong, as the end of a sentence that begins with the address.
    pub problem: String,
    /// What to write instead.
    pub remedy: String,
}

impl OriginError {
    pub(crate) fn new(problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { problem: problem.into(), remedy: remedy.into() }
    }
}

impl Origin {
    /// Reads `scheme://host[:port][/]`, or a bare host, for which https is assumed.
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        if let Some(character) = text.chars().find(|&character| !is_plain(character)) {
            return Err(unwanted(character));
        }
        let lower = text.to_ascii_lowercase();
        let whole = if lower.contains("://") { lower } else { format!("https://{lower}") };
        let (scheme, rest) = whole.split_once("://").unwrap_or(("https", &whole));
        let default_port = match scheme {
            "https" => ":443",
            "http" => ":80",
            _ => {
                return Err(OriginError::new(
                    format!("has the scheme `{scheme}`"),
                    "begin it with `https://`",
                ));
            }
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.contains('/') {
            return Err(OriginError::new("has a path", "write only `https://` and the host"));
        }
        let plain = format!("{scheme}://{}", authority.strip_suffix(default_port).unwrap_or(authority));
        let no_host = || OriginError::new("names no valid host", "write `https://` and the host");
        let url = Url::parse(&plain).map_err(|_| no_host())?;
        if &url[..Position::AfterPort] != plain.as_str() {
            return Err(OriginError::new(
                "does not write its host in the plain form",
                format!("write `{}` if that is meant", &url[..Position::AfterPort]),
            ));
        }
        Ok(Self { url })
    }

    /// Reads an origin that the operator allows: plain http only for this machine itself.
    pub fn parse_allowed(text: &str) -> Result<Self, OriginError> {
        let origin = Self::parse(text)?;
        if origin.is_encrypted() || origin.is_loopback() {
            return Ok(origin);
        }
        Err(OriginError::new(
            "is plain http to another machine",
            "write `https://`, or name a loopback address",
        ))
    }

    /// The origin of a URL that was checked otherwise; `None` where it has no host.
    pub fn of(url: &Url) -> Option<Self> {
        url.host_str()?;
        Url::parse(&url[..Position::AfterPort]).ok().map(|url| Self { url })
    }

    /// The origin as a URL with the path `/`.
    pub fn to_url(&self) -> Url {
        self.url.clone()
    }

    /// The host in lower case, IPv6 addresses in brackets.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Whether the port is the scheme's own.
    pub fn has_default_port(&self) -> bool {
        self.url.port().is_none()
    }

    /// Whether the scheme is https.
    pub fn is_encrypted(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Whether this is the machine itself.
    pub fn is_loopback(&self) -> bool {
        match self.url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.url[..Position::AfterPort])
    }
}

fn is_plain(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '.' | ':' | '/' | '-' | '[' | ']')
}

fn unwanted(character: char) -> OriginError {
    let problem = match character {
        '@' => "holds a user name or password before `@`".to_owned(),
        '?' => "has a query after `?`".to_owned(),
        '#' => "has a fragment after `#`".to_owned(),
        '\\' => "holds a backslash".to_owned(),
        ' ' => "holds a space".to_owned(),
        other => format!("holds `{}`, which no host has", printable(other.encode_utf8(&mut [0; 4]))),
    };
    OriginError::new(problem, "write only `https://` and the host")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plain_forms_of_one_origin_are_equal() {
        let plain = Origin::parse("https://api.us.code42.com").expect("plain");
        for text in [
            "api.us.code42.com",
            "https://api.us.code42.com/",
            "HTTPS://API.US.Code42.com:443",
            "api.us.code42.com:443/",
        ] {
            assert_eq!(Origin::parse(text).as_ref(), Ok(&plain), "{text}");
        }
    }

    #[test]
    fn another_port_or_scheme_is_another_origin() {
        let plain = Origin::parse("https://localhost").expect("plain");
        for text in ["http://localhost", "https://localhost:8443", "https://127.0.0.1"] {
            assert_ne!(Origin::parse(text).as_ref(), Ok(&plain), "{text}");
        }
    }

    #[test]
    fn plain_http_may_be_allowed_for_loopback_only() {
        for text in
            ["http://127.0.0.1:8042", "http://[::1]:8042", "http://localhost:8042", "https://proxy.example"]
        {
            assert!(Origin::parse_allowed(text).is_ok(), "{text}");
        }
        for text in
            ["http://10.0.0.1", "http://example.com", "http://[::ffff:7f00:1]", "http://localhost.example"]
        {
            assert!(Origin::parse_allowed(text).is_err(), "{text}");
        }
    }
}
