//! What a request is answered with when it was carried out.

use std::convert::Infallible;
use std::fmt;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Frame;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, LOCATION, SET_COOKIE};
use hyper::{Response, StatusCode};
use serde::Serialize;

/// The body of an answer.
pub type AnswerBody = UnsyncBoxBody<Bytes, Infallible>;

/// A good answer.
pub struct Answer {
    status: StatusCode,
    media_type: Option<&'static str>,
    content: Content,
    etag: Option<String>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

enum Content {
    Whole(Bytes),
    Live(AnswerBody),
}

const HTML: &str = "text/html; charset=utf-8";

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
        Self {
            status: StatusCode::OK,
            media_type: None,
            content: Content::Whole(Bytes::new()),
            etag: None,
            headers: Vec::new(),
        }
    }

    /// 204.
    pub fn no_content() -> Self {
        Self { status: StatusCode::NO_CONTENT, ..Self::empty() }
    }

    /// A page.
    pub fn page(status: StatusCode, html: String) -> Self {
        Self::with(status, HTML, html)
    }

    /// 303: the browser shall go to this address, which has no part that a client chose unchecked.
    pub fn see_other(address: &str) -> Self {
        let answer = Self { status: StatusCode::SEE_OTHER, ..Self::empty() };
        answer.header(LOCATION, address)
    }

    /// 200 with a file that never changes at its address.
    pub fn asset(media_type: &'static str, text: &'static str) -> Self {
        let answer = Self {
            media_type: Some(media_type),
            content: Content::Whole(Bytes::from_static(text.as_bytes())),
            ..Self::empty()
        };
        answer.header(CACHE_CONTROL, "public, max-age=31536000, immutable")
    }

    /// 200 with events that go on until the browser has enough.
    pub fn events(events: impl Stream<Item = Bytes> + Send + 'static) -> Self {
        let frames = events.map(|event| Ok::<_, Infallible>(Frame::data(event)));
        Self {
            media_type: Some("text/event-stream"),
            content: Content::Live(BodyExt::boxed_unsync(StreamBody::new(frames))),
            ..Self::empty()
        }
    }

    /// The same with a cookie.
    #[must_use]
    pub fn cookie(self, cookie: &str) -> Self {
        self.header(SET_COOKIE, cookie)
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
        Self {
            status: StatusCode::NOT_MODIFIED,
            media_type: None,
            content: Content::Whole(Bytes::new()),
            ..self
        }
    }

    /// The HTML of a page.
    pub fn html(&self) -> Option<&str> {
        match &self.content {
            Content::Whole(bytes) if self.media_type == Some(HTML) => std::str::from_utf8(bytes).ok(),
            Content::Whole(_) | Content::Live(_) => None,
        }
    }

    /// The same page with other HTML.
    #[must_use]
    pub fn with_html(self, html: String) -> Self {
        Self { content: Content::Whole(html.into()), ..self }
    }

    /// The answer as it goes over the wire.
    pub fn into_response(self) -> Response<AnswerBody> {
        let mut response = Response::new(match self.content {
            Content::Whole(bytes) => whole(bytes),
            Content::Live(body) => body,
        });
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.extend(self.headers);
        if let Some(media_type) = self.media_type {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        }
        if let Some(etag) = self.etag.and_then(|etag| HeaderValue::try_from(etag).ok()) {
            headers.insert(ETAG, etag);
        }
        response
    }

    fn with(status: StatusCode, media_type: &'static str, text: String) -> Self {
        Self { status, media_type: Some(media_type), content: Content::Whole(text.into()), ..Self::empty() }
    }

    /// A value that cannot stand in a header is left out, and said so in the log: ours always can.
    fn header(mut self, name: HeaderName, value: &str) -> Self {
        match HeaderValue::try_from(value) {
            Ok(value) => self.headers.push((name, value)),
            Err(_) => tracing::error!(%name, "a header of an answer has an impossible value"),
        }
        self
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Answer").field("status", &self.status).finish_non_exhaustive()
    }
}

/// A body that is there as a whole.
pub(super) fn whole(bytes: impl Into<Bytes>) -> AnswerBody {
    BodyExt::boxed_unsync(Full::new(bytes.into()))
}

/// Whatever we show has text for keys and finite numbers, so that it can always be written as JSON.
fn json_of(content: &impl Serialize) -> String {
    serde_json::to_string(content).unwrap_or_else(|error| {
        tracing::error!(%error, "an answer cannot be written as JSON");
        String::new()
    })
}
