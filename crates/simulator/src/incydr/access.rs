//! `POST /v1/oauth` and the bearer tokens that come from it.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hyper::header::AUTHORIZATION;
use hyper::{HeaderMap, StatusCode};
use serde_json::json;

use crate::http::answer::Answer;
use crate::incydr::options::{ApiClient, IncydrOptions};
use crate::moment::Moment;

/// Who a request comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Caller {
    pub(crate) client: String,
    pub(crate) tenant: String,
}

#[derive(Debug)]
struct Grant {
    caller: Caller,
    expires: Moment,
}

/// All tokens ever issued that are not revoked.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    issued: u64,
    grants: HashMap<String, Grant>,
}

impl Tokens {
    /// Answers a token request, in any of the three ways of asking.
    pub(crate) fn grant(
        &mut self,
        query: &str,
        headers: &HeaderMap,
        body: &[u8],
        options: &IncydrOptions,
    ) -> Answer {
        let form = parse_form(&String::from_utf8_lossy(body));
        let query = parse_form(query);
        let given = |name: &str| form.get(name).or_else(|| query.get(name)).cloned();
        let grant_type = given("grant_type");
        let refused_type = match grant_type.as_deref() {
            Some("client_credentials") => false,
            Some(_) => true,
            None => options.behavior.grant_type_is_required,
        };
        if refused_type {
            return Answer::json(StatusCode::BAD_REQUEST, &json!({"error": "unsupported_grant_type"}));
        }
        let credentials = basic_credentials(headers)
            .or_else(|| Some((form.get("client_id")?.clone(), form.get("client_secret")?.clone())));
        let client = credentials.and_then(|(id, secret)| {
            options.clients.iter().find(|known| known.id == id && known.secret == secret)
        });
        match client {
            None => Answer::json(StatusCode::UNAUTHORIZED, &json!({"error": "invalid_client"})),
            Some(client) => {
                let lifetime = options.token_lifetime.as_secs();
                let token = self.issue(client, options.clock.now(), options);
                let body = json!({"access_token": token, "token_type": "bearer", "expires_in": lifetime});
                Answer::json(StatusCode::OK, &body)
            }
        }
    }

    fn issue(&mut self, client: &ApiClient, now: Moment, options: &IncydrOptions) -> String {
        self.issued += 1;
        let expires = now.plus(options.token_lifetime);
        let claims = json!({
            "tenantUid": client.tenant, "iat": now.as_millis() / 1000, "exp": expires.as_millis() / 1000,
            "jti": self.issued,
        });
        let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let signed = format!("{}.{}", encode(r#"{"alg":"HS256","typ":"JWT"}"#), encode(&claims.to_string()));
        let signature = URL_SAFE_NO_PAD.encode(blake3::hash(signed.as_bytes()).as_bytes());
        let token = format!("{signed}.{signature}");
        let caller = Caller { client: client.id.clone(), tenant: client.tenant.clone() };
        self.grants.insert(token.clone(), Grant { caller, expires });
        token
    }

    /// Who a bearer token belongs to; `None` for one that is missing, unknown, expired or revoked.
    pub(crate) fn caller(&self, headers: &HeaderMap, now: Moment) -> Option<Caller> {
        let grant = self.grants.get(bearer(headers)?)?;
        (now < grant.expires).then(|| grant.caller.clone())
    }

    pub(crate) fn revoke(&mut self, headers: &HeaderMap) {
        if let Some(token) = bearer(headers) {
            self.grants.remove(token);
        }
    }

    pub(crate) fn revoke_all(&mut self) {
        self.grants.clear();
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

fn basic_credentials(headers: &HeaderMap) -> Option<(String, String)> {
    let (scheme, encoded) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

/// Reads `name=value&…`, as in a form or in the query of a URL.
fn parse_form(text: &str) -> HashMap<String, String> {
    form_pairs(text).collect()
}

/// The pairs of a form, in order, with repeated names.
pub(crate) fn form_pairs(text: &str) -> impl Iterator<Item = (String, String)> {
    text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (percent_decoded(name), percent_decoded(value))
    })
}

fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escape = bytes.get(at + 1..at + 3).and_then(|digits| std::str::from_utf8(digits).ok());
        match (byte, escape.and_then(|digits| u8::from_str_radix(digits, 16).ok())) {
            (b'%', Some(escaped)) => {
                decoded.push(escaped);
                at += 2;
            }
            (b'+', _) => decoded.push(b' '),
            _ => decoded.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_with_its_escapes() {
        let form = parse_form("client_id=key-1&client_secret=a%2Bb%26c+d&empty=");
        assert_eq!(form["client_secret"], "a+b&c d");
        assert_eq!(form["empty"], "");
    }
}
