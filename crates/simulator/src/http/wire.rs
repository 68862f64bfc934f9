//! The socket under a connection, which can be told to break, or to crawl.
//!
//! It lies below TLS, so that every break is what a peer sees when a network or a server really fails.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

use crate::faults::fault::BreakKind;
use crate::guarded::Guarded;

/// What is neither HTTP nor a TLS record.
const GARBAGE: &[u8] = b"\x00\xff this is not the protocol you are looking for \xff\x00";

/// How fast bytes leave.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// So many at once.
    pub(crate) bytes: usize,
    /// And then none for so long.
    pub(crate) every: Duration,
}

/// Commands to the socket of one connection; clones command the same one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wire(Arc<Guarded<Commands>>);

#[derive(Debug, Default)]
struct Commands {
    breaking: Option<BreakKind>,
    pace: Option<Pace>,
}

impl Wire {
    /// Breaks the connection once everything written so far has left.
    pub(crate) fn break_after_flush(&self, kind: BreakKind) {
        self.0.lock().breaking = Some(kind);
    }

    /// Sets the pace from now on.
    pub(crate) fn set_pace(&self, pace: Option<Pace>) {
        self.0.lock().pace = pace;
    }
}

/// A TCP stream that obeys its [`Wire`].
pub(crate) struct WireStream {
    stream: TcpStream,
    wire: Wire,
    pause: Option<Pin<Box<Sleep>>>,
}

impl WireStream {
    pub(crate) fn new(stream: TcpStream, wire: Wire) -> Self {
        Self { stream, wire, pause: None }
    }

    /// Carries out a break that was ordered. Half a close leaves the other half open, everything else ends in
    /// an error, upon which the connection is dropped.
    fn poll_break(&mut self, cx: &mut Context<'_>, kind: BreakKind) -> Poll<io::Result<()>> {
        match kind {
            BreakKind::Close => {}
            BreakKind::Reset => self.stream.set_zero_linger()?,
            BreakKind::HalfClose => return Pin::new(&mut self.stream).poll_shutdown(cx),
            BreakKind::Garbage => {
                ready!(Pin::new(&mut self.stream).poll_write(cx, GARBAGE))?;
            }
        }
        Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()))
    }

    fn poll_pause(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(pause) = &mut self.pause {
            ready!(pause.as_mut().poll(cx));
            self.pause = None;
        }
        Poll::Ready(())
    }
}

impl AsyncRead for WireStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for WireStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_pause(cx));
        let pace = self.wire.0.lock().pace;
        let Some(pace) = pace else {
            return Pin::new(&mut self.stream).poll_write(cx, bytes);
        };
        let allowed = &bytes[..bytes.len().min(pace.bytes.max(1))];
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, allowed))?;
        self.pause = Some(Box::pin(sleep(pace.every)));
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        let ordered = self.wire.0.lock().breaking.take();
        match ordered {
            None => Poll::Ready(Ok(())),
            Some(kind) => self.poll_break(cx, kind),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
