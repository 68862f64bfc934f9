//! A request as plain values, for handlers.

use std::net::IpAddr;

use bytes::Bytes;
use hyper::HeaderMap;
use hyper::header::HeaderName;
use incydr_store::PageToken;

use super::access_key::Caller;
use super::problem::Problem;
use super::session::Visit;
use crate::api::Api;
use crate::document::{self, Json};

/// A request that was admitted: who asks, for what, with what.
#[derive(Clone)]
pub struct Call {
    /// What the API works with.
    pub api: Api,
    /// Who asks.
    pub caller: Caller,
    /// The session of a person who is signed in.
    pub visit: Option<Visit>,
    /// The address that the request came from.
    pub address: IpAddr,
    /// The address that was asked for, in its plain form.
    pub path: String,
    /// The parameters of the address, decoded.
    pub parameters: Vec<(String, String)>,
    /// The pairs of the query, decoded.
    pub query: Vec<(String, String)>,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, at most 1 MiB.
    pub body: Bytes,
}

impl Call {
    /// A parameter of the address; empty where the address has none of that name.
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value)
    }

    /// A parameter of the address that is a number, or `None` when it is something else.
    pub fn number(&self, name: &str) -> Option<u64> {
        self.parameter(name).parse().ok().filter(|number| *number <= i64::MAX.cast_unsigned())
    }

    /// A parameter of the query.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// A parameter of the query that must be a number from `least` to `most`; `default` where it is absent.
    pub fn query_number(&self, name: &str, least: u32, most: u32, default: u32) -> Result<u32, Problem> {
        let expected = format!("a whole number from {least} to {most}");
        let within = |text: &str| text.parse().ok().filter(|number| (least..=most).contains(number));
        Ok(self.query_parsed(name, &expected, within)?.unwrap_or(default))
    }

    /// A parameter of the query that is `true` or `false`; false where it is absent.
    pub fn query_truth(&self, name: &str) -> Result<bool, Problem> {
        let truth = self.query_parsed(name, "'true' or 'false'", |text| text.parse().ok())?;
        Ok(truth.unwrap_or(false))
    }

    /// A parameter of the query that `parse` must understand, which is `expected`; `None` where it is absent.
    pub fn query_parsed<T>(
        &self,
        name: &str,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Problem> {
        let Some(text) = self.query(name).filter(|text| !text.is_empty()) else { return Ok(None) };
        parse(text).map(Some).ok_or_else(|| {
            let message = format!("The parameter '{name}' must be {expected}.");
            Problem::invalid("collectors.validation.query.invalid", message)
        })
    }

    /// Where a page of a list begins.
    pub fn page_token(&self) -> Result<Option<PageToken>, Problem> {
        self.query_parsed("token", "the `next` of the page before", PageToken::parse)
    }

    /// A header as text.
    pub fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// A value of the form that the body is, or `None` where it has none of that name.
    pub fn form_value(&self, name: &str) -> Option<String> {
        let mut pairs = url::form_urlencoded::parse(&self.body);
        pairs.find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
    }

    /// The body as a document.
    pub(crate) fn document(&self) -> Result<Json, Problem> {
        Ok(document::parse(&self.body, BODY)?)
    }
}

/// What errors call the body of a request.
pub const BODY: &str = "the request body";
