//! Takes in what is posted, past fault plan, code and limits.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::future::BoxFuture;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    CONTENT_ENCODING, ORIGIN,
};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};
use serde_json::json;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::faults::rule::Target;
use crate::faults::strike::Strike;
use crate::guarded::Guarded;
use crate::http::answer::Answer;
use crate::http::body::AnswerBody;
use crate::http::record::{RequestLog, RequestRecord};
use crate::http::server::Service;
use crate::http::wire::Wire;
use crate::sumo::content::Encoding;
use crate::sumo::options::SumoOptions;
use crate::sumo::received::{Arrival, Received};

const RECEIVER: &str = "/receiver/v1/http";
const MAX_FIELDS: usize = 30;

/// The state of a running simulated Sumo Logic.
#[derive(Debug)]
pub(crate) struct SumoService {
    pub(crate) options: SumoOptions,
    pub(crate) received: Guarded<Received>,
    pub(crate) log: Guarded<RequestLog>,
    pub(crate) messages: watch::Sender<u64>,
}

impl SumoService {
    pub(crate) fn new(options: SumoOptions) -> Self {
        Self {
            options,
            received: Guarded::default(),
            log: Guarded::default(),
            messages: watch::Sender::default(),
        }
    }

    async fn exchange(&self, request: Request<Incoming>, wire: Wire) -> Response<AnswerBody> {
        let (parts, body) = request.into_parts();
        let endpoint = if parts.uri.path().starts_with(RECEIVER) { Target::Sumo } else { Target::Unknown };
        let strike = self.options.faults.strike(endpoint);
        let (body, in_time) = self.read(body).await;
        let arrived = RequestRecord::new(endpoint, &parts, &Bytes::new(), self.options.clock.now());
        let body_bytes = u64::try_from(body.len()).unwrap_or(u64::MAX);
        let number = self.log.lock().open(RequestRecord { body_bytes, ..arrived });
        let answer = match endpoint {
            Target::Sumo => self.answer(&parts, &body, in_time, &strike),
            _ => strike.decided_answer().unwrap_or_else(|| Answer::empty(StatusCode::NOT_FOUND)),
        };
        strike.before_head(&wire, self.options.latency).await;
        if let Some(record) = self.log.lock().record(number) {
            record.status = Some(answer.status.as_u16());
        }
        strike.maim(answer, wire)
    }

    /// The body as far as it arrives in time, and whether that is all of it.
    async fn read(&self, mut body: Incoming) -> (Bytes, bool) {
        let mut arrived = BytesMut::new();
        let reading = async {
            while let Some(Ok(frame)) = body.frame().await {
                if let Ok(data) = frame.into_data() {
                    arrived.extend_from_slice(&data);
                }
            }
        };
        let in_time = timeout(self.options.time_limit, reading).await.is_ok();
        (arrived.freeze(), in_time)
    }

    fn answer(&self, parts: &Parts, body: &Bytes, in_time: bool, strike: &Strike) -> Answer {
        let answer = if !self.is_code_right(parts) {
            strike.decided_answer().unwrap_or_else(|| Answer::empty(StatusCode::UNAUTHORIZED))
        } else if parts.method == Method::POST {
            self.take(parts, body, in_time, strike)
        } else {
            // GET is a ping, OPTIONS the question of a browser.
            strike.decided_answer().unwrap_or_else(|| Answer::empty(StatusCode::OK))
        };
        match parts.headers.get(ORIGIN).and_then(|origin| origin.to_str().ok()) {
            None => answer,
            Some(origin) => answer
                .with_header(ACCESS_CONTROL_ALLOW_ORIGIN, origin)
                .with_header(ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, OPTIONS, POST")
                .with_header(ACCESS_CONTROL_ALLOW_HEADERS, "Content-Type, X-Sumo-Name, X-Sumo-Category"),
        }
    }

    /// The code stands at the end of the path, or in a header of its own.
    fn is_code_right(&self, parts: &Parts) -> bool {
        match parts.uri.path().strip_prefix(RECEIVER).map(|rest| rest.trim_start_matches('/')) {
            Some("") => {
                parts.headers.get("x-sumo-token").and_then(|token| token.to_str().ok())
                    == Some(&self.options.code)
            }
            Some(code) => code == self.options.code,
            None => false,
        }
    }

    fn take(&self, parts: &Parts, body: &Bytes, in_time: bool, strike: &Strike) -> Answer {
        let header = parts.headers.get(CONTENT_ENCODING).map(|value| value.to_str().unwrap_or("?"));
        let Some(encoding) = Encoding::parse(header) else {
            return Answer::empty(StatusCode::UNSUPPORTED_MEDIA_TYPE);
        };
        let (decoded, outcome) = encoding.decode(body);
        if let Some(status) = self.refusal(&decoded, strike) {
            return Answer::empty(status);
        }
        if in_time && outcome.is_err() {
            return Answer::empty(StatusCode::BAD_REQUEST);
        }
        let canned = strike.decided_answer();
        let share = strike.ingest.unwrap_or(if canned.is_some() { 0.0 } else { 1.0 });
        let whole_lines = decoded.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let decoded = if in_time { decoded.as_ref() } else { &decoded[..whole_lines] };
        if share > 0.0 {
            let at = self.options.clock.now();
            let mut received = self.received.lock();
            received.take(Arrival { at, encoding, wire: body, decoded, share }, self.options.keep);
            self.messages.send_replace(received.messages);
        }
        match canned {
            Some(answer) => answer,
            None if !in_time => Answer::empty(StatusCode::REQUEST_TIMEOUT),
            None => success(parts),
        }
    }

    /// The status with which a body is refused as a whole.
    fn refusal(&self, decoded: &[u8], strike: &Strike) -> Option<StatusCode> {
        let len = u64::try_from(decoded.len()).unwrap_or(u64::MAX);
        let limit = self.options.max_bytes.map(|limit| (limit, 413));
        let too_large = limit.iter().chain(&strike.refused_sizes).find(|(limit, _)| len > *limit);
        let poisoned = || {
            strike.refused_texts.iter().find(|(marker, _)| {
                !marker.is_empty() && decoded.windows(marker.len()).any(|window| window == marker.as_bytes())
            })
        };
        let status =
            too_large.map(|(_, status)| *status).or_else(|| poisoned().map(|(_, status)| *status))?;
        StatusCode::from_u16(status).ok()
    }
}

/// 200, with a warning when there are more fields than the service takes.
fn success(parts: &Parts) -> Answer {
    let fields =
        parts.headers.get("x-sumo-fields").and_then(|fields| fields.to_str().ok()).unwrap_or_default();
    let pairs = fields.split(',').filter(|pair| !pair.trim().is_empty()).count();
    let Some(dropped) = pairs.checked_sub(MAX_FIELDS).filter(|&dropped| dropped > 0) else {
        return Answer::empty(StatusCode::OK);
    };
    let message = format!(
        "X-Sumo-Fields Warning: {dropped} key-value pairs are dropped as they are exceeding maximum key-value pair \
         number limit {MAX_FIELDS}."
    );
    let body = json!({
        "status": 200, "id": "SIMUL-ATEDS-UMOLO", "code": "bad.http.header.fields", "message": message,
    });
    Answer::json(StatusCode::OK, &body)
}

impl Service for SumoService {
    fn admit(&self, wire: Wire) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.options.faults.strike(Target::Connection).before_bytes(&wire, Duration::ZERO).await;
        })
    }

    fn respond(&self, request: Request<Incoming>, wire: Wire) -> BoxFuture<'_, Response<AnswerBody>> {
        Box::pin(self.exchange(request, wire))
    }
}
