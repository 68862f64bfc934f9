//! What a simulated service answers, before any fault touches it.

use std::io::Write;
use std::iter;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{HeaderMap, StatusCode};
use serde::Serialize;

use crate::http::body::Chunks;

/// Status, headers and body of one answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) chunks: Chunks,
    /// Known for small bodies, which are announced with their length.
    pub(crate) length: Option<u64>,
}

impl Answer {
    /// A body that is whole already, without a content type.
    pub(crate) fn whole(status: StatusCode, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        let length = u64::try_from(body.len()).ok();
        Self { status, headers: HeaderMap::new(), chunks: Box::new(iter::once(body)), length }
    }

    /// Status and nothing else.
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self::whole(status, Bytes::new())
    }

    /// `value` as JSON.
    pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Self {
        Self::whole(status, serde_json::to_vec(value).unwrap_or_default())
            .with_header(CONTENT_TYPE, "application/json")
    }

    /// A JSON body that is made while it is sent.
    pub(crate) fn json_stream(chunks: Chunks) -> Self {
        Self { status: StatusCode::OK, headers: HeaderMap::new(), chunks, length: None }
            .with_header(CONTENT_TYPE, "application/json")
    }

    /// Sets a header; one that HTTP does not allow is left out.
    pub(crate) fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// The same answer, compressed while it is sent.
    pub(crate) fn gzipped(mut self) -> Self {
        self.chunks = Box::new(gzip(self.chunks));
        self.length = None;
        self.with_header(CONTENT_ENCODING, "gzip")
    }
}

/// Compresses chunk by chunk, so that a large page is never in memory as a whole.
pub(crate) fn gzip(mut chunks: Chunks) -> impl Iterator<Item = Bytes> + Send + Sync {
    let mut encoder = Some(GzEncoder::new(Vec::new(), Compression::fast()));
    iter::from_fn(move || match chunks.next() {
        Some(chunk) => {
            let open = encoder.as_mut()?;
            open.write_all(&chunk).ok()?;
            Some(Bytes::from(std::mem::take(open.get_mut())))
        }
        None => encoder.take()?.finish().ok().map(Bytes::from),
    })
}
