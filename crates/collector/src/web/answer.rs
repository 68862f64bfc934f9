//! What a request is answered with when it was carried out.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, ETAG, HeaderValue};
use hyper::{Response, StatusCode};
use serde::Serialize;

/// The body of an answer.
pub type AnswerBody = Full<Bytes>;

/// A good answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    status: StatusCode,
    media_type: Option<&'static str>,
    body: Bytes,
    etag: Option<String>,
}

impl Answer {
    /// 200 with this as JSON.
    pub fn json(content: &impl Serialize) -> Self {
        Self::with(StatusCode::OK, "application/json", json_of(content))
    }

    /// 201 with this as JSON.
    pub fn created(content: &impl Serialize) -> Self {
        Self::with(StatusCode::CREATED, "application/json", json_of(content))
    }

    /// 200 with a text of this media type.
    pub fn text(media_type: &'static str, text: impl Into<String>) -> Self {
        Self::with(StatusCode::OK, media_type, text.into())
    }

    /// 503 with a text, for those who ask whether we are ready.
    pub fn not_ready(text: impl Into<String>) -> Self {
        Self::with(StatusCode::SERVICE_UNAVAILABLE, "text/plain; charset=utf-8", text.into())
    }

    /// 200 without a body.
    pub fn empty() -> Self {
        Self { status: StatusCode::OK, media_type: None, body: Bytes::new(), etag: None }
    }

    /// 204.
    pub fn no_content() -> Self {
        Self { status: StatusCode::NO_CONTENT, ..Self::empty() }
    }

    /// The same with the tag of the entity that it shows.
    #[must_use]
    pub fn tagged(self, etag: impl Into<String>) -> Self {
        Self { etag: Some(etag.into()), ..self }
    }

    /// The tag of the entity that it shows.
    pub fn etag(&self) -> Option<&str> {
        self.etag.as_deref()
    }

    /// 304: the caller has this version of the entity already.
    #[must_use]
    pub fn not_modified(self) -> Self {
        Self { status: StatusCode::NOT_MODIFIED, media_type: None, body: Bytes::new(), ..self }
    }

    /// The answer as it goes over the wire.
    pub fn into_response(self) -> Response<AnswerBody> {
        let mut response = Response::new(AnswerBody::new(self.body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        if let Some(media_type) = self.media_type {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        }
        if let Some(etag) = self.etag.and_then(|etag| HeaderValue::try_from(etag).ok()) {
            headers.insert(ETAG, etag);
        }
        response
    }

    fn with(status: StatusCode, media_type: &'static str, text: String) -> Self {
        Self { status, media_type: Some(media_type), body: text.into(), etag: None }
    }
}

/// Whatever we show has text for keys and finite numbers, so that it can always be written as JSON.
fn json_of(content: &impl Serialize) -> String {
    serde_json::to_string(content).unwrap_or_else(|error| {
        tracing::error!(%error, "an answer cannot be written as JSON");
        String::new()
    })
}
