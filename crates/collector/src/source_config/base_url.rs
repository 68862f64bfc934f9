//! `baseURL`: which host may be told the client's secret.
//!
//! Only hosts of Incydr, over https on port 443, and origins that the operator allowed when starting the program.
//! The text must equal one of them; nothing is resolved, decoded or guessed.

use url::Url;

use crate::allowed_origin::Origin;
use crate::document::{ConfigError, Object};
use crate::printable::excerpt;

/// The hosts of the Incydr API.
pub const KNOWN_HOSTS: [&str; 10] = [
    "api.us.code42.com",
    "api.us2.code42.com",
    "api.us7.code42.com",
    "api.ie.code42.com",
    "api.gov.code42.com",
    "api.uk.code42.com",
    "api.au.code42.com",
    "api.ca.code42.com",
    "api.de.code42.com",
    "api.za.code42.com",
];

const KEY: &str = "baseURL";

pub(super) fn read(config: &Object<'_>, allowed: &[Origin]) -> Result<Url, ConfigError> {
    let remedy = "set it to the API host of your Incydr tenant, as in \"https://api.us.code42.com\"";
    let text = config.required_text(KEY, remedy)?;
    let origin = Origin::parse(text).map_err(|error| config.refuse(KEY, error.problem, error.remedy))?;
    if is_incydr(&origin) || allowed.contains(&origin) {
        return Ok(origin.to_url());
    }
    let (problem, remedy) = refusal(&origin);
    Err(config.refuse(KEY, problem, remedy))
}

fn is_incydr(origin: &Origin) -> bool {
    origin.is_encrypted() && origin.has_default_port() && KNOWN_HOSTS.contains(&origin.host())
}

/// Says what is wrong with an origin in its plain form, and what is most likely meant.
fn refusal(origin: &Origin) -> (String, String) {
    let host = excerpt(origin.host(), 100);
    if let Some(known) = meant_by(origin.host()) {
        let remedy = format!("write \"https://{known}\"");
        let problem = match (known == origin.host(), origin.is_encrypted()) {
            (false, _) => format!("names the console `{host}`, not the API"),
            (true, false) => "is plain http".to_owned(),
            (true, true) => "names a port that Incydr does not use".to_owned(),
        };
        return (problem, remedy);
    }
    if origin.is_encrypted() || origin.is_loopback() {
        let problem = match origin.is_encrypted() {
            true => format!("names `{host}`, which is not a host of Incydr"),
            false => format!("is plain http to `{host}`"),
        };
        let remedy = format!(
            "use your tenant's host, as in \"https://{}\", or pass `--allow-base-url {}` if you mean it",
            KNOWN_HOSTS[0],
            excerpt(&origin.to_string(), 100)
        );
        return (problem, remedy);
    }
    (format!("is plain http to `{host}`"), "use https and your tenant's host".to_owned())
}

/// The known host that `host` is, or whose console it is.
fn meant_by(host: &str) -> Option<&'static str> {
    let region = |host: &str| host.split_once('.').map(|(_, region)| region.to_owned());
    KNOWN_HOSTS
        .into_iter()
        .find(|known| *known == host || (host.starts_with("console.") && region(host) == region(known)))
}

#[cfg(test)]
mod tests {
    use super::super::{DOCUMENT, KIND};
    use super::*;
    use crate::document;
    use proptest::prelude::*;

    fn base_url(text: &str, allowed: &[&str]) -> Result<String, String> {
        let json = serde_json::json!({ KEY: text }).to_string();
        let tree = document::parse(json.as_bytes(), DOCUMENT).expect("json");
        let config = Object::root(&tree, DOCUMENT, KIND).expect("object");
        let allowed: Vec<_> = allowed.iter().map(|text| Origin::parse_allowed(text).expect(text)).collect();
        read(&config, &allowed).map(String::from).map_err(|error| error.to_string())
    }

    #[test]
    fn every_known_host_is_accepted_with_and_without_scheme() {
        for host in KNOWN_HOSTS {
            for text in [host.to_owned(), format!("https://{host}"), format!("https://{host}:443/")] {
                assert_eq!(base_url(&text, &[]), Ok(format!("https://{host}/")), "{text}");
            }
        }
        assert_eq!(base_url("HTTPS://Api.US.Code42.com", &[]), Ok("https://api.us.code42.com/".to_owned()));
    }

    #[test]
    fn no_disguise_leads_to_another_host() {
        for text in [
            "http://api.us.code42.com",
            "https://api.us.code42.com:8443",
            "https://api.us.code42.com:",
            "https://api.us.code42.com:443:443",
            "https://api.us.code42.com:0443",
            "https://api.us.code42.com.",
            "https://api.us.code42.com..",
            "https://api.us.code42.com.evil.example",
            "https://evil.example/api.us.code42.com",
            "https://evil.example#api.us.code42.com",
            "https://evil.example?api.us.code42.com",
            "https://evil.example\\@api.us.code42.com",
            "https://api.us.code42.com@evil.example",
            "https://api.us.code42.com:pw@evil.example",
            "https://user@api.us.code42.com",
            "https://api.us.code42.com\\evil.example",
            "https:\\\\api.us.code42.com",
            "https:api.us.code42.com",
            "https:/api.us.code42.com",
            "https:///api.us.code42.com",
            "//api.us.code42.com",
            "///api.us.code42.com",
            "https://api.us.code42.com/v1",
            "https://api.us.code42.com//",
            "https://api.us.code42.com/../",
            "https://api.us.code42.com?x",
            "https://api.us.code42.com#x",
            "https://api.us.code42.com%2eevil.example",
            "https://api%2eus.code42.com",
            "https://аpi.us.code42.com",
            "https://api.us.code42。com",
            "https://ａｐｉ.us.code42.com",
            "https://xn--pi-6kc.us.code42.com",
            "https://api.us.code42.com\u{0}",
            "https://api.us.code42.com\n",
            " https://api.us.code42.com",
            "https://api.us.co\tde42.com",
            "https://api.us.code\u{ad}42.com",
            "https://127.0.0.1",
            "https://2130706433",
            "https://0177.0.0.1",
            "https://0x7f.0.0.1",
            "https://0x7f000001",
            "https://127.1",
            "https://[::1]",
            "https://[::ffff:127.0.0.1]",
            "https://[::ffff:a9fe:a9fe]",
            "https://[64:ff9b::169.254.169.254]",
            "https://169.254.169.254",
            "https://metadata.google.internal",
            "https://localhost",
            "https://api.sg.code42.com",
            "https://code42.com",
            "https://*.code42.com",
            "ftp://api.us.code42.com",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "https://",
            "https://[::1",
        ] {
            let error = base_url(text, &[]).expect_err(text);
            assert!(error.starts_with("`baseURL` ") && error.contains("; "), "{text}: {error}");
        }
    }

    #[test]
    fn the_operator_may_allow_another_origin_and_only_that_one() {
        let allowed = ["http://127.0.0.1:8042", "https://proxy.example"];
        assert_eq!(base_url("http://127.0.0.1:8042", &allowed), Ok("http://127.0.0.1:8042/".to_owned()));
        assert_eq!(base_url("proxy.example", &allowed), Ok("https://proxy.example/".to_owned()));
        for text in [
            "http://127.0.0.1:8043",
            "https://127.0.0.1:8042",
            "http://127.1:8042",
            "http://2130706433:8042",
            "http://localhost:8042",
            "http://[::ffff:127.0.0.1]:8042",
            "http://proxy.example",
            "https://proxy.example.",
            "https://proxy.example:444",
            "https://sub.proxy.example",
        ] {
            assert!(base_url(text, &allowed).is_err(), "{text}");
        }
    }

    #[test]
    fn the_console_s_host_is_answered_with_the_api_s() {
        let error = base_url("https://console.us2.code42.com", &[]).expect_err("console");
        assert!(error.ends_with("write \"https://api.us2.code42.com\""), "{error}");
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_is_a_known_host_over_https(
            before in "(https?://)?[a-z0-9.@:/\\\\\\[\\]%-]{0,30}",
            after in "[@:/.a-z0-9#?]{0,9}",
        ) {
            let text = format!("{before}api.us.code42.com{after}");
            if let Ok(url) = base_url(&text, &[]) {
                let known = KNOWN_HOSTS.iter().any(|host| url == format!("https://{host}/"));
                prop_assert!(known, "{:?} became {}", text, url);
            }
        }
    }
}
