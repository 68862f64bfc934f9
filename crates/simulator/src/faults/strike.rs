//! Everything that befalls one request, added up, and how its answer is maimed.

use std::time::Duration;

use bytes::Bytes;
use hyper::header::{CONTENT_ENCODING, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use tokio::time::sleep;

use crate::faults::fault::{BreakPoint, CannedAnswer, Fault, PageTwist, TrickleStart};
use crate::http::answer::{Answer, gzip};
use crate::http::body::{AnswerBody, EarlyEnd, Ending};
use crate::http::wire::{Pace, Wire};

/// Size of the pieces that a bomb is made of.
const BOMB_PIECE: usize = 1 << 20;

/// What befalls one request.
#[derive(Debug, Default)]
pub(crate) struct Strike {
    /// Answered instead of asking the endpoint.
    pub(crate) canned: Option<CannedAnswer>,
    /// What happens to the page.
    pub(crate) twists: Vec<PageTwist>,
    /// The bearer token is revoked.
    pub(crate) revoke_token: bool,
    /// The page token is refused.
    pub(crate) invalid_page_token: bool,
    /// The share of a request to Sumo that is taken in.
    pub(crate) ingest: Option<f64>,
    /// Texts that a request to Sumo must not contain.
    pub(crate) refused_texts: Vec<(String, u16)>,
    /// Sizes that a request to Sumo must not exceed.
    pub(crate) refused_sizes: Vec<(u64, u16)>,
    bomb: Option<u64>,
    delay: Duration,
    head_end: Option<Ending>,
    body_end: Option<EarlyEnd>,
    head_pace: Option<Pace>,
    body_pace: Option<Pace>,
}

impl Strike {
    /// Adds one fault; of those that exclude each other the first one stays.
    pub(crate) fn add(&mut self, fault: &Fault) {
        match fault {
            Fault::Answer(canned) => {
                self.canned.get_or_insert_with(|| canned.clone());
            }
            Fault::Delay { millis } => self.delay += Duration::from_millis(*millis),
            Fault::Hang { at } => self.end_at(*at, Ending::Hang),
            Fault::Break { at, how } => self.end_at(*at, Ending::Break(*how)),
            Fault::Truncate { at } => self.end_at(BreakPoint::Body(*at), Ending::Clean),
            Fault::Trickle { from, bytes, every_millis } => {
                let pace = Pace { bytes: *bytes, every: Duration::from_millis(*every_millis) };
                match from {
                    TrickleStart::Head => self.head_pace = Some(pace),
                    TrickleStart::Body => self.body_pace = Some(pace),
                }
            }
            Fault::Page(twist) => self.twists.push(twist.clone()),
            Fault::RevokeToken => self.revoke_token = true,
            Fault::InvalidPageToken => self.invalid_page_token = true,
            Fault::Bomb { decoded_bytes } => self.bomb = Some(*decoded_bytes),
            Fault::Ingest { share } => self.ingest = Some(*share),
            Fault::RefuseContaining { marker, status } => self.refused_texts.push((marker.clone(), *status)),
            Fault::RefuseAbove { bytes, status } => self.refused_sizes.push((*bytes, *status)),
        }
    }

    fn end_at(&mut self, at: BreakPoint, ending: Ending) {
        match at {
            BreakPoint::BeforeHead => {
                self.head_end.get_or_insert(ending);
            }
            BreakPoint::AfterHead => {
                self.body_end.get_or_insert(EarlyEnd { after: 0, ending });
            }
            BreakPoint::Body(after) => {
                self.body_end.get_or_insert(EarlyEnd { after, ending });
            }
        }
    }

    /// The answer that was decided beforehand, if there is one.
    pub(crate) fn decided_answer(&self) -> Option<Answer> {
        if let Some(decoded_bytes) = self.bomb {
            return Some(bomb(decoded_bytes));
        }
        self.canned.as_ref().map(|canned| {
            let status = StatusCode::from_u16(canned.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let mut answer = Answer::whole(status, canned.body.clone());
            for (name, value) in &canned.headers {
                if let (Ok(name), Ok(value)) =
                    (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value.as_bytes()))
                {
                    answer.headers.insert(name, value);
                }
            }
            answer
        })
    }

    /// What a bare connection goes through: a break is ordered, and carried out with the next flush.
    pub(crate) async fn before_bytes(&self, wire: &Wire, latency: Duration) {
        let delay = latency + self.delay;
        // Even a sleep of nothing waits for the timer's next tick.
        if !delay.is_zero() {
            sleep(delay).await;
        }
        match self.head_end {
            None | Some(Ending::Clean) => {}
            Some(Ending::Hang) => std::future::pending().await,
            Some(Ending::Break(how)) => wire.break_after_flush(how),
        }
    }

    /// Lets the usual latency and any delay pass; never returns when the connection hangs or breaks before
    /// the answer's head.
    pub(crate) async fn before_head(&self, wire: &Wire, latency: Duration) {
        wire.set_pace(None);
        self.before_bytes(wire, latency).await;
        if matches!(self.head_end, Some(Ending::Break(_))) {
            return std::future::pending().await;
        }
        wire.set_pace(self.head_pace);
    }

    /// The answer as it goes out.
    pub(crate) fn maim(&self, answer: Answer, wire: Wire) -> Response<AnswerBody> {
        let body =
            AnswerBody::new(answer.chunks, answer.length, wire).ending(self.body_end).paced(self.body_pace);
        let mut response = Response::new(body);
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers;
        response
    }
}

/// A small gzip body that decodes to a page with very much white space in it.
fn bomb(decoded_bytes: u64) -> Answer {
    let piece = Bytes::from(vec![b' '; BOMB_PIECE]);
    let pieces = decoded_bytes / u64::try_from(BOMB_PIECE).unwrap_or(u64::MAX);
    let open = std::iter::once(Bytes::from_static(b"{\"fileEvents\":["));
    let close =
        std::iter::once(Bytes::from_static(b"],\"totalCount\":0,\"nextPgToken\":null,\"problems\":null}"));
    let white_space = (0..pieces).map(move |_| piece.clone());
    let chunks = gzip(Box::new(open.chain(white_space).chain(close)));
    Answer::json_stream(Box::new(chunks)).with_header(CONTENT_ENCODING, "gzip")
}
