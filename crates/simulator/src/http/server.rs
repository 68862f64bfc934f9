//! Accepts connections on the loopback interface and serves one [`Service`] on all of them.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

use crate::http::body::AnswerBody;
use crate::http::tls::TlsServer;
use crate::http::wire::{Wire, WireStream};

/// How long connections may still take to finish once the server is asked to stop.
const DRAIN: Duration = Duration::from_millis(250);

/// What answers requests: the simulated Incydr and the simulated Sumo Logic.
pub(crate) trait Service: Send + Sync + 'static {
    /// Called for each new connection before its first byte; never returns for a connection that must not
    /// live.
    fn admit(&self, wire: Wire) -> BoxFuture<'_, ()>;

    /// Answers one request, in whatever way the fault plan wants.
    fn respond(&self, request: Request<Incoming>, wire: Wire) -> BoxFuture<'_, Response<AnswerBody>>;
}

/// A server that keeps its port, though it may be down for a while. Dropping it ends it at once, with all its
/// connections.
pub(crate) struct HttpServer {
    port: u16,
    service: Arc<dyn Service>,
    tls: Option<TlsServer>,
    running: Mutex<Option<Running>>,
}

/// The task that accepts connections.
struct Running {
    stop: watch::Sender<bool>,
    accepting: JoinHandle<()>,
}

impl HttpServer {
    /// Listens on `port` of 127.0.0.1, or on any free port for 0.
    pub(crate) async fn start(
        service: Arc<dyn Service>,
        port: u16,
        tls: Option<TlsServer>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let port = listener.local_addr()?.port();
        let running = Mutex::new(Some(Running::start(listener, service.clone(), tls.clone())));
        Ok(Self { port, service, tls, running })
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Lets running answers finish for a moment, then closes every connection and refuses new ones.
    pub(crate) async fn go_down(&self) {
        if let Some(mut running) = self.running.lock().await.take() {
            running.stop.send_replace(true);
            if let Err(failure) = (&mut running.accepting).await {
                tracing::debug!(%failure, "a simulated server did not end well");
            }
        }
    }

    /// Listens again on the same port; does nothing while it is up.
    pub(crate) async fn come_up(&self) -> io::Result<()> {
        let mut running = self.running.lock().await;
        if running.is_none() {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).await?;
            *running = Some(Running::start(listener, self.service.clone(), self.tls.clone()));
        }
        Ok(())
    }
}

impl std::fmt::Debug for HttpServer {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("HttpServer").field("port", &self.port).finish_non_exhaustive()
    }
}

impl Running {
    fn start(listener: TcpListener, service: Arc<dyn Service>, tls: Option<TlsServer>) -> Self {
        let (stop, stopping) = watch::channel(false);
        Self { stop, accepting: tokio::spawn(accept(listener, Connector { service, tls, stopping })) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.accepting.abort();
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
                match tls.speaks_http2() {
                    true => self.serve_http2(secured, wire).await,
                    false => self.serve_http(secured, wire).await,
                }
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

    async fn serve_http2<S>(
        &self,
        stream: S,
        wire: Wire,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let service = self.service.clone();
        let respond = move |request| {
            let (service, wire) = (service.clone(), wire.clone());
            async move { Ok::<_, std::convert::Infallible>(service.respond(request, wire).await) }
        };
        let connection = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
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
