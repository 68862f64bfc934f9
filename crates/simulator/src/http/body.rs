//! The body of an answer: chunks made while they are sent, which may end before their time.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

use crate::faults::fault::BreakKind;
use crate::http::wire::{Pace, Wire};

/// The pieces of a body, made one after the other as the client takes them.
pub(crate) type Chunks = Box<dyn Iterator<Item = Bytes> + Send + Sync>;

/// What happens where a body ends too early.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ending {
    /// The answer is complete as far as HTTP can tell.
    Clean,
    /// Nothing more comes, but the connection stays.
    Hang,
    /// The connection breaks.
    Break(BreakKind),
}

/// Where and how a body ends too early.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EarlyEnd {
    /// So many bytes are sent before.
    pub(crate) after: u64,
    /// And then this happens.
    pub(crate) ending: Ending,
}

/// A body as the server sends it.
pub(crate) struct AnswerBody {
    chunks: Chunks,
    length: Option<u64>,
    current: Bytes,
    sent: u64,
    early_end: Option<EarlyEnd>,
    pace: Option<Pace>,
    pause: Option<Pin<Box<Sleep>>>,
    wire: Wire,
}

impl AnswerBody {
    /// `length` is announced to the client; without it the body goes out in HTTP chunks.
    pub(crate) fn new(chunks: Chunks, length: Option<u64>, wire: Wire) -> Self {
        Self {
            chunks,
            length,
            current: Bytes::new(),
            sent: 0,
            early_end: None,
            pace: None,
            pause: None,
            wire,
        }
    }

    /// Ends early. A clean end is announced as such, a broken one comes as a surprise.
    pub(crate) fn ending(mut self, early_end: Option<EarlyEnd>) -> Self {
        if let Some(EarlyEnd { after, ending: Ending::Clean }) = early_end {
            self.length = self.length.map(|length| length.min(after));
        }
        self.early_end = early_end;
        self
    }

    /// Crawls.
    pub(crate) fn paced(mut self, pace: Option<Pace>) -> Self {
        self.pace = pace;
        self
    }

    fn end_here(&self, ending: Ending) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match ending {
            Ending::Clean => Poll::Ready(None),
            Ending::Hang => Poll::Pending,
            Ending::Break(kind) => {
                self.wire.break_after_flush(kind);
                Poll::Pending
            }
        }
    }

    /// How many bytes may leave at once, by pace and early end.
    fn allowance(&self) -> usize {
        let until_end = self.early_end.map_or(u64::MAX, |end| end.after - self.sent);
        let at_once = self.pace.map_or(usize::MAX, |pace| pace.bytes.max(1));
        usize::try_from(until_end).unwrap_or(usize::MAX).min(at_once)
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(EarlyEnd { after, ending }) = self.early_end
            && after == self.sent
        {
            return self.end_here(ending);
        }
        if let Some(pause) = &mut self.pause {
            ready!(pause.as_mut().poll(cx));
            self.pause = None;
        }
        while self.current.is_empty() {
            match self.chunks.next() {
                Some(chunk) => self.current = chunk,
                None => return Poll::Ready(None),
            }
        }
        let take = self.allowance().min(self.current.len());
        let data = self.current.split_to(take);
        self.sent += u64::try_from(take).unwrap_or(u64::MAX);
        self.pause = self.pace.map(|pace| Box::pin(sleep(pace.every)));
        Poll::Ready(Some(Ok(Frame::data(data))))
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map_or_else(SizeHint::default, |length| SizeHint::with_exact(length - self.sent))
    }
}
