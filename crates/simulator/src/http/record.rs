//! What a simulated service saw: one record for each request.

use bytes::Bytes;
use hyper::header::HeaderValue;
use hyper::http::request::Parts;

use crate::faults::rule::Target;
use crate::moment::Moment;

/// Request bodies up to this size are kept in their record.
const KEPT_BODY_BYTES: usize = 16 * 1024;

/// One request as it was received, and the status that it was answered with.
#[derive(Clone, Debug)]
pub struct RequestRecord {
    /// Counts the requests of this server from 1.
    pub number: u64,
    /// When its head had arrived.
    pub at: Moment,
    /// Which of the simulated endpoints it met, as in a fault plan (`file-events`, `oauth`).
    pub endpoint: &'static str,
    /// As in `POST`.
    pub method: String,
    /// Path and query as received.
    pub target: String,
    /// Header names in lower case, values as received.
    pub headers: Vec<(String, String)>,
    /// The body, unless it is larger than 16 KiB.
    pub body: Bytes,
    /// Bytes of the body as received.
    pub body_bytes: u64,
    /// The tenant that the bearer token belongs to.
    pub tenant: Option<String>,
    /// Status of the answer; `None` while there is none, or when the connection ended without one.
    pub status: Option<u16>,
}

impl RequestRecord {
    /// A request that has just arrived.
    pub(crate) fn new(endpoint: Target, parts: &Parts, body: &Bytes, at: Moment) -> Self {
        let value = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        Self {
            number: 0,
            at,
            endpoint: endpoint.as_str(),
            method: parts.method.to_string(),
            target: parts.uri.to_string(),
            headers: parts.headers.iter().map(|(name, text)| (name.to_string(), value(text))).collect(),
            body: if body.len() <= KEPT_BODY_BYTES { body.clone() } else { Bytes::new() },
            body_bytes: u64::try_from(body.len()).unwrap_or(u64::MAX),
            tenant: None,
            status: None,
        }
    }

    /// The first header with this name, which is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// All requests of one server, oldest first.
#[derive(Debug, Default)]
pub(crate) struct RequestLog(Vec<RequestRecord>);

impl RequestLog {
    /// Opens a record and returns its number.
    pub(crate) fn open(&mut self, mut record: RequestRecord) -> u64 {
        record.number = u64::try_from(self.0.len()).unwrap_or(u64::MAX) + 1;
        self.0.push(record);
        u64::try_from(self.0.len()).unwrap_or(u64::MAX)
    }

    /// The record with this number, to be completed.
    pub(crate) fn record(&mut self, number: u64) -> Option<&mut RequestRecord> {
        self.0.get_mut(usize::try_from(number).ok()?.checked_sub(1)?)
    }

    pub(crate) fn all(&self) -> &[RequestRecord] {
        &self.0
    }
}
