//! Whether a change comes from a page of ours.
//!
//! A browser sends the session's cookie with whatever another site makes it ask. So a change must come from our own
//! origin, as the browser itself says, and hold the token of the session's forms.

use hyper::HeaderMap;
use hyper::header::{HOST, HeaderName, ORIGIN};

use super::problem::Problem;

/// Says where a request comes from, in all browsers of today. Sites cannot set it.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses a change that another site has made the browser ask for.
pub fn check_origin(headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let is_ours = match (text(&SEC_FETCH_SITE), text(&ORIGIN)) {
        // Behind a proxy the host may be another than the browser's, but this says the same.
        (Some(site), origin) => site == "same-origin" && origin != Some("null"),
        (None, Some(origin)) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == text(&HOST)
        }
        (None, None) => false,
    };
    if is_ours { Ok(()) } else { Err(Problem::forbidden("This change was not asked for by a page of ours.")) }
}

/// Refuses a change whose form has another token than the session's.
pub fn check_token(given: Option<&str>, token: &str) -> Result<(), Problem> {
    // Digests are compared in constant time.
    let matches = given.is_some_and(|given| blake3::hash(given.as_bytes()) == blake3::hash(token.as_bytes()));
    if matches { Ok(()) } else { Err(Problem::forbidden("This form is out of date; open the page again.")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;

    fn is_ours(pairs: &[(&'static str, &'static str)]) -> bool {
        let headers = pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        check_origin(&headers.collect()).is_ok()
    }

    #[test]
    fn only_what_comes_from_our_own_origin_is_ours() {
        const OURS: [&[(&str, &str)]; 4] = [
            &[("sec-fetch-site", "same-origin"), ("host", "a.example")],
            &[("sec-fetch-site", "same-origin"), ("host", "inner:1"), ("origin", "https://a.example")],
            &[("host", "a.example"), ("origin", "https://a.example")],
            &[("host", "127.0.0.1:8642"), ("origin", "http://127.0.0.1:8642")],
        ];
        const OF_OTHERS: [&[(&str, &str)]; 10] = [
            &[],
            &[("host", "a.example")],
            &[("host", "a.example"), ("origin", "null")],
            &[("host", "a.example"), ("origin", "https://b.example")],
            &[("host", "a.example"), ("origin", "https://a.example.b.example")],
            &[("host", "a.example"), ("origin", "https://x.a.example")],
            &[("host", "a.example"), ("origin", "a.example")],
            &[("sec-fetch-site", "cross-site"), ("host", "a.example"), ("origin", "https://a.example")],
            &[("sec-fetch-site", "same-site"), ("host", "a.example"), ("origin", "https://x.a.example")],
            &[("sec-fetch-site", "same-origin"), ("host", "a.example"), ("origin", "null")],
        ];
        assert!(OURS.iter().all(|headers| is_ours(headers)));
        for headers in OF_OTHERS {
            assert!(!is_ours(headers), "{headers:?}");
        }
    }

    #[test]
    fn a_form_needs_the_token_of_its_session() {
        assert!(check_token(Some("token"), "token").is_ok());
        for given in [None, Some(""), Some("toke"), Some("tokens")] {
            assert!(check_token(given, "token").is_err(), "{given:?}");
        }
    }
}
