//! Accepts connections, with or without TLS, and serves requests on them within limits.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use incydr_core::stop::Stop;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::router::Router;
use crate::api::Api;

/// The head of a request must arrive within this.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// A TLS handshake must end within this.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// Room for the longest address and 16 KiB of headers.
const MAX_HEAD_BYTES: usize = 24 * 1024;
const MAX_HEADERS: usize = 100;
/// Further connections wait until one of these ends.
const MAX_CONNECTIONS: usize = 2_048;
/// After the stop, requests under way may take this long.
const DRAIN: Duration = Duration::from_secs(2);

/// Where requests arrive.
pub struct Listener {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
}

impl Listener {
    /// Listens on `address`.
    pub async fn bind(address: SocketAddr, tls: Option<TlsAcceptor>) -> io::Result<Self> {
        Ok(Self { listener: TcpListener::bind(address).await?, tls })
    }

    /// The address as the system assigned it.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// The address as people and programs write it.
    pub fn url(&self) -> io::Result<String> {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        Ok(format!("{scheme}://{}", self.address()?))
    }

    /// Serves until `stop` is asked for; requests under way are finished, for two seconds at most.
    pub async fn serve(self, router: Router, api: Api, stop: Stop) {
        let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        let mut connections = JoinSet::new();
        loop {
            let Ok(place) = room.clone().acquire_owned().await else { break };
            let accepted = tokio::select! {
                biased;
                () = stop.requested() => break,
                accepted = self.listener.accept() => accepted,
            };
            while connections.try_join_next().is_some() {}
            match accepted {
                Ok((stream, peer)) => {
                    let (router, api, tls, stop) =
                        (router.clone(), api.clone(), self.tls.clone(), stop.clone());
                    connections.spawn(async move {
                        let connection = Connection { router, api, peer, stop };
                        if let Err(error) = connection.serve(stream, tls).await {
                            tracing::debug!(%error, "a connection ended early");
                        }
                        drop(place);
                    });
                }
                Err(error) => {
                    // Usually too many open files: the connection is lost either way, and a moment may help.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
        drop(self.listener);
        let drained = timeout(DRAIN, async { while connections.join_next().await.is_some() {} });
        if drained.await.is_err() {
            connections.shutdown().await;
        }
    }
}

/// One connection and what its requests need.
struct Connection {
    router: Router,
    api: Api,
    peer: SocketAddr,
    stop: Stop,
}

type ConnectionError = Box<dyn std::error::Error + Send + Sync>;

impl Connection {
    async fn serve(self, stream: TcpStream, tls: Option<TlsAcceptor>) -> Result<(), ConnectionError> {
        stream.set_nodelay(true)?;
        match tls {
            None => self.serve_http(stream).await,
            Some(tls) => self.serve_http(timeout(HANDSHAKE_TIMEOUT, tls.accept(stream)).await??).await,
        }
    }

    async fn serve_http(
        self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    ) -> Result<(), ConnectionError> {
        let Self { router, api, peer, stop } = self;
        let respond = move |request| {
            let (router, api) = (router.clone(), api.clone());
            async move { Ok::<_, Infallible>(router.respond(&api, peer.ip(), request).await) }
        };
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            .max_buf_size(MAX_HEAD_BYTES)
            .max_headers(MAX_HEADERS)
            .serve_connection(TokioIo::new(stream), service_fn(respond));
        tokio::pin!(connection);
        tokio::select! {
            served = connection.as_mut() => return Ok(served?),
            () = stop.requested() => connection.as_mut().graceful_shutdown(),
        }
        Ok(connection.await?)
    }
}

/// What secures the connections, from a chain of certificates and its key, both PEM.
pub fn tls(certificates: &Path, key: &Path) -> Result<TlsAcceptor, String> {
    let chain = CertificateDer::pem_file_iter(certificates)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| format!("reading the certificates in `{}`: {error}", certificates.display()))?;
    let key_file = key.display();
    let key = PrivateKeyDer::from_pem_file(key)
        .map_err(|error| format!("reading the private key in `{key_file}`: {error}"))?;
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(|error| format!("preparing TLS: {error}"))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
