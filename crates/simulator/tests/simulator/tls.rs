//! HTTPS, proper and otherwise.

use std::sync::Arc;

use incydr_simulator::{
    BreakKind, BreakPoint, CertificateAuthority, Fault, FaultRule, IncydrOptions, SimulatedIncydr, Target,
    TlsOptions, TlsVariant,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::client::{Reply, send_on};

async fn start(variant: TlsVariant, authority: &CertificateAuthority) -> SimulatedIncydr {
    let tls = Some(TlsOptions { variant, authority: authority.clone() });
    SimulatedIncydr::start(IncydrOptions { tls, ..IncydrOptions::default() }).await.unwrap()
}

/// Connects as a client that trusts this authority alone.
async fn connect(
    incydr: &SimulatedIncydr,
    authority: &CertificateAuthority,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.pem().as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(("127.0.0.1", incydr.port())).await?;
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("127.0.0.1").unwrap(), stream).await
}

async fn ask(incydr: &SimulatedIncydr, authority: &CertificateAuthority) -> Reply {
    let mut stream = connect(incydr, authority).await.expect("a trusted connection");
    send_on(&mut stream, "POST /v1/oauth", &[], b"").await
}

#[tokio::test]
async fn a_client_that_trusts_the_authority_is_served() {
    let authority = CertificateAuthority::new().unwrap();
    let incydr = start(TlsVariant::Proper, &authority).await;
    assert!(incydr.base_url().starts_with("https://127.0.0.1:"));
    assert_eq!(ask(&incydr, &authority).await.status, 401);
}

#[tokio::test]
async fn every_improper_variant_is_refused_by_a_careful_client_before_it_says_anything() {
    let authority = CertificateAuthority::new().unwrap();
    for (variant, reason) in [
        (TlsVariant::Expired, "expired"),
        (TlsVariant::WrongName, "not valid for name"),
        (TlsVariant::UnknownAuthority, "UnknownIssuer"),
        (TlsVariant::OldProtocol, "ProtocolVersion"),
    ] {
        let incydr = start(variant, &authority).await;
        let refused = connect(&incydr, &authority).await.expect_err("no trusted connection");
        assert!(refused.to_string().contains(reason), "{variant:?}: {refused}");
        assert!(incydr.requests().is_empty());
    }
}

#[tokio::test]
async fn connections_break_below_tls() {
    let authority = CertificateAuthority::new().unwrap();
    let incydr = start(TlsVariant::Proper, &authority).await;
    for how in [BreakKind::Close, BreakKind::Reset, BreakKind::Garbage] {
        for at in [BreakPoint::BeforeHead, BreakPoint::AfterHead] {
            incydr.faults().add(FaultRule::next(Target::Oauth, 1, Fault::Break { at, how }));
            let reply = ask(&incydr, &authority).await;
            assert!(!reply.complete && reply.broken.is_some(), "{how:?} {at:?}: {reply:?}");
        }
    }
    assert_eq!(ask(&incydr, &authority).await.status, 401);
}
