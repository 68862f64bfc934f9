//! Accepts connections on the loopback interface and serves one [`Service`] on all of them.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

use crate::http::body::AnswerBody;
use crate::http::tls::TlsServer;
use crate::http::wire::{Wire, WireStream};

/// How long connections may still take to finish once the server is asked to stop.
const DRAIN: Duration = Duration::from_millis(250);

/// What answers requests: the simulated Incydr and the simulated Sumo Logic.
pub(crate) trait Service: Send + Sync + 'static {
    /// Called for each new connection before its first byte; never returns for a connection that must not live.
    fn admit(&self, wire: Wire) -> BoxFuture<'_, ()>;

    /// Answers one request, in whatever way the fault plan wants.
    fn respond(&self, request: Request<Incoming>, wire: Wire) -> BoxFuture<'_, Response<AnswerBody>>;
}

/// A running server. Dropping it ends it at once, with all its connections.
#[derive(Debug)]
pub(crate) struct HttpServer {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    accepting: Option<JoinHandle<()>>,
}

impl HttpServer {
    /// Listens on `port` of 127.0.0.1, or on any free port for 0.
    pub(crate) async fn start(
        service: Arc<dyn Service>,
        port: u16,
        tls: Option<TlsServer>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let (stop, stopping) = watch::channel(false);
        let accepting = tokio::spawn(accept(listener, Connector { service, tls, stopping }));
        Ok(Self { address, stop, accepting: Some(accepting) })
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// Lets running answers finish for a moment, then closes every connection.
    pub(crate) async fn stop(mut self) {
        self.stop.send_replace(true);
        if let Some(accepting) = self.accepting.take()
            && let Err(failure) = accepting.await
        {
            tracing::debug!(%failure, "a simulated server did not end well");
        }
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        if let Some(accepting) = &self.accepting {
            accepting.abort();
        }
    }
}

/// What each new connection needs.
#[derive(Clone)]
struct Connector {
    service: Arc<dyn Service>,
    tls: Option<TlsServer>,
    stopping: watch::Receiver<bool>,
}

async fn accept(listener: TcpListener, connector: Connector) {
    let mut connections = JoinSet::new();
    let mut stopping = connector.stopping.clone();
    loop {
        tokio::select! {
            _ = stopping.wait_for(|&stop| stop) => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => { connections.spawn(connector.clone().serve(stream)); }
                Err(failure) => tracing::debug!(%failure, "a simulated server could not accept a connection"),
            },
        }
    }
    drop(listener);
    let drained = timeout(DRAIN, async { while connections.join_next().await.is_some() {} });
    if drained.await.is_err() {
        connections.shutdown().await;
    }
}

impl Connector {
    async fn serve(self, stream: TcpStream) {
        if let Err(failure) = self.try_serve(stream).await {
            tracing::trace!(failure, "a connection to a simulated server broke");
        }
    }

    async fn try_serve(self, stream: TcpStream) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        stream.set_nodelay(true)?;
        let wire = Wire::default();
        let mut stream = WireStream::new(stream, wire.clone());
        let mut stopping = self.stopping.clone();
        tokio::select! {
            outcome = admit(&*self.service, &mut stream, &wire) => outcome?,
            _ = stopping.wait_for(|&stop| stop) => return Ok(()),
        }
        match &self.tls {
            None => self.serve_http(stream, wire).await,
            Some(tls) => {
                let Some(secured) = tls.accept(stream).await? else { return Ok(()) };
                self.serve_http(secured, wire).await
            }
        }
    }

    async fn serve_http<S>(
        &self,
        stream: S,
        wire: Wire,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let respond = |request| {
            let answered = self.service.respond(request, wire.clone());
            async move { Ok::<_, std::convert::Infallible>(answered.await) }
        };
        let connection = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service_fn(respond));
        tokio::pin!(connection);
        let mut stopping = self.stopping.clone();
        tokio::select! {
            served = connection.as_mut() => return Ok(served?),
            _ = stopping.wait_for(|&stop| stop) => connection.as_mut().graceful_shutdown(),
        }
        Ok(connection.await?)
    }
}

/// Waits for the service's leave, carrying out whatever break it orders for the bare connection.
async fn admit(service: &dyn Service, stream: &mut WireStream, wire: &Wire) -> io::Result<()> {
    use tokio::io::AsyncWriteExt;

    service.admit(wire.clone()).await;
    stream.flush().await
}
