//! HTTPS, in its proper form and in the forms that a careful client must refuse.

use std::io;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::digest::Digest;
use crate::http::wire::WireStream;

/// A fatal `protocol_version` alert in a TLS 1.1 record, as an outdated server sends it.
const PROTOCOL_VERSION_ALERT: [u8; 7] = [21, 3, 2, 0, 2, 2, 70];

/// Which certificate a server shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsVariant {
    /// Valid for `localhost` and `127.0.0.1`, signed by the authority.
    #[default]
    Proper,
    /// The same, and the server speaks HTTP/2 alone. When it goes down it says so first (`GOAWAY`).
    ProperHttp2,
    /// Signed by the authority, but its time is over.
    Expired,
    /// Signed by the authority, for another host.
    WrongName,
    /// Signed by an authority that nobody has heard of.
    UnknownAuthority,
    /// No certificate at all: the server refuses the client's protocol version.
    OldProtocol,
}

/// How a server speaks TLS.
#[derive(Clone, Debug)]
pub struct TlsOptions {
    /// Which certificate it shows.
    pub variant: TlsVariant,
    /// Who signs it.
    pub authority: CertificateAuthority,
}

/// A certificate authority for one test or demonstration. Clones are the same authority.
#[derive(Clone)]
pub struct CertificateAuthority(Arc<Authority>);

struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl std::fmt::Debug for CertificateAuthority {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("CertificateAuthority")
    }
}

impl CertificateAuthority {
    /// Makes a new authority with a key of its own.
    pub fn new() -> io::Result<Self> {
        let mut params = CertificateParams::new(Vec::new()).map_err(io::Error::other)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let name = format!("Simulated Authority {}", Digest::of(key.public_key_raw()));
        params.distinguished_name.push(DnType::CommonName, name);
        let pem = params.self_signed(&key).map_err(io::Error::other)?.pem();
        Ok(Self(Arc::new(Authority { pem, issuer: Issuer::new(params, key) })))
    }

    /// The authority's certificate, to be trusted by a client (as through `SSL_CERT_FILE`).
    pub fn pem(&self) -> &str {
        &self.0.pem
    }

    fn server_config(&self, variant: TlsVariant) -> io::Result<ServerConfig> {
        let names = match variant {
            TlsVariant::WrongName => vec!["elsewhere.example.com".to_owned()],
            TlsVariant::Proper
            | TlsVariant::ProperHttp2
            | TlsVariant::Expired
            | TlsVariant::UnknownAuthority
            | TlsVariant::OldProtocol => vec!["localhost".to_owned(), "127.0.0.1".to_owned()],
        };
        let mut params = CertificateParams::new(names).map_err(io::Error::other)?;
        if variant == TlsVariant::Expired {
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2021, 1, 1);
        }
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let certificate = params.signed_by(&key, &self.0.issuer).map_err(io::Error::other)?;
        let chain: Vec<CertificateDer<'static>> = vec![certificate.der().clone()];
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let mut config =
            ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
                .map_err(io::Error::other)?;
        if variant == TlsVariant::ProperHttp2 {
            config.alpn_protocols.push(b"h2".to_vec());
        }
        Ok(config)
    }
}

/// Secures the connections of one server.
#[derive(Clone)]
pub(crate) struct TlsServer {
    acceptor: TlsAcceptor,
    variant: TlsVariant,
}

impl TlsServer {
    pub(crate) fn new(options: &TlsOptions) -> io::Result<Self> {
        let authority = match options.variant {
            TlsVariant::UnknownAuthority => CertificateAuthority::new()?,
            TlsVariant::Proper
            | TlsVariant::ProperHttp2
            | TlsVariant::Expired
            | TlsVariant::WrongName
            | TlsVariant::OldProtocol => options.authority.clone(),
        };
        let config = authority.server_config(options.variant)?;
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), variant: options.variant })
    }

    pub(crate) fn speaks_http2(&self) -> bool {
        self.variant == TlsVariant::ProperHttp2
    }

    /// Shakes hands; `None` after a refusal that belongs to the variant.
    pub(crate) async fn accept(&self, mut stream: WireStream) -> io::Result<Option<TlsStream<WireStream>>> {
        if self.variant == TlsVariant::OldProtocol {
            let mut hello = vec![0; 16 * 1024];
            if stream.read(&mut hello).await? > 0 {
                stream.write_all(&PROTOCOL_VERSION_ALERT).await?;
            }
            stream.shutdown().await?;
            return Ok(None);
        }
        self.acceptor.accept(stream).await.map(Some)
    }
}
