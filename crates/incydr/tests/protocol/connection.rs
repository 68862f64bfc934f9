//! Faults beneath HTTP: names, connections, TLS, and answers that take too long.

use std::sync::Arc;
use std::time::Duration;

use incydr_client::client::{Client, ClientOptions};
use incydr_client::rate_limit::RateBudget;
use incydr_client::source::{AlertsApi, source};
use incydr_core::source::{SourceError, SourceFault};
use incydr_core::stream::Stream;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

use crate::scripted_vendor::{Reply, ScriptedVendor};
use crate::walk::{client, options, range, read};

const PAGE: &str = r#"{"fileEvents":[],"totalCount":0,"nextPgToken":null,"problems":null}"#;

async fn fault_with(options: ClientOptions) -> SourceError {
    let client = match Client::new(options, Arc::new(RateBudget::in_memory(100))) {
        Ok(client) => client,
        Err(error) => return error,
    };
    let source = source(Arc::new(client), Stream::FileEvents, AlertsApi::Sessions);
    read(&*source, &range(), 10).await.expect_err("a fault")
}

async fn fault_of(reply: Reply) -> SourceError {
    let vendor = ScriptedVendor::replying([reply]).await;
    let mut options = options(vendor.address);
    options.stall_timeout = Duration::from_millis(500);
    fault_with(options).await
}

#[tokio::test]
async fn a_refused_connection_is_told_as_such() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    drop(listener);
    let error = fault_with(options(address)).await;
    assert_eq!((error.fault, error.code), (SourceFault::Connect, None));
    assert_eq!(
        error.to_string(),
        "authenticating at 127.0.0.1: the connection failed: Connection refused (os error 111)"
    );
}

#[tokio::test]
async fn a_host_name_that_cannot_exist_does_not_resolve() {
    let vendor = ScriptedVendor::replying([]).await;
    let mut options = options(vendor.address);
    options.base_url.set_host(Some("no..such..host")).expect("a host");
    assert_eq!(fault_with(options).await.fault, SourceFault::Dns);
}

#[tokio::test]
async fn a_connection_that_closes_without_an_answer_is_a_broken_one() {
    assert_eq!(fault_of(Reply::raw("")).await.fault, SourceFault::Connect);
}

#[tokio::test]
async fn a_peer_that_does_not_speak_http_cannot_be_decoded() {
    assert_eq!(fault_of(Reply::raw("220 mail ready\r\n\r\n")).await.fault, SourceFault::BadPayload);
}

#[tokio::test]
async fn a_connection_that_is_reset_inside_a_page_is_a_broken_one() {
    let reset = Arc::new(Notify::new());
    let vendor = ScriptedVendor::replying([Reply::ok(PAGE).cut_at(20).then_reset(&reset)]).await;
    let source = source(client(&vendor), Stream::FileEvents, AlertsApi::Sessions);
    let mut page = source.fetch_page(&range(), 10).await.expect("a good status");
    reset.notify_one();
    let error = page.next_block().await.expect_err("a reset");
    assert_eq!((error.fault, error.code), (SourceFault::Connect, Some(200)));
}

#[tokio::test]
async fn an_answer_that_never_comes_ends_at_the_deadline() {
    let vendor = ScriptedVendor::replying([Reply::raw("").then_hang()]).await;
    let mut options = options(vendor.address);
    options.request_timeout = Duration::from_secs(1);
    let error = fault_with(options).await;
    assert_eq!((error.fault, error.info.as_str()), (SourceFault::Timeout, "no headers before the deadline"));
}

#[tokio::test]
async fn a_body_that_hangs_after_the_headers_or_half_way_is_given_up() {
    for sent in [0, 20] {
        let error = fault_of(Reply::ok(PAGE).cut_at(sent).then_hang()).await;
        assert_eq!(error.fault, SourceFault::Timeout, "{error}");
        assert_eq!(error.info, format!("the body stopped after {sent} bytes"));
    }
}

#[tokio::test]
async fn a_body_that_trickles_is_too_slow() {
    let error = fault_of(Reply::ok(PAGE.repeat(100)).cut_at(0).then_trickle()).await;
    assert_eq!(error.fault, SourceFault::Slow, "{error}");
}

#[tokio::test]
async fn a_page_that_nobody_reads_for_long_is_not_blamed_on_the_vendor() {
    let vendor = ScriptedVendor::replying([Reply::ok(PAGE)]).await;
    let source = source(client(&vendor), Stream::FileEvents, AlertsApi::Sessions);
    let mut page = source.fetch_page(&range(), 10).await.expect("a good status");
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(3600)).await;
    tokio::time::resume();
    assert_eq!(page.next_block().await, Ok(None));
}

#[tokio::test]
async fn a_body_that_swells_beyond_all_pages_is_given_up() {
    let vendor = ScriptedVendor::replying([Reply::ok(" ".repeat(1 << 20)).gzip()]).await;
    let mut options = options(vendor.address);
    options.largest_body = 100_000;
    let error = fault_with(options).await;
    assert_eq!(error.fault, SourceFault::BadPayload);
    assert_eq!(error.info, "the body is larger than 100000 bytes");
}

#[tokio::test]
async fn an_untrusted_certificate_gets_nothing_of_the_credentials() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("its address").port();
    let issued = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let key = PrivatePkcs8KeyDer::from(issued.signing_key.serialize_der());
    let options = ClientOptions {
        base_url: format!("https://localhost:{port}/").parse().expect("a URL"),
        ..options(listener.local_addr().expect("its address"))
    };
    let attempt = tokio::spawn(fault_with(options));
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![issued.cert.der().clone()], key.into())
        .expect("a server");
    let (stream, _) = listener.accept().await.expect("a connection");
    let mut received = Vec::new();
    if let Ok(mut stream) = TlsAcceptor::from(Arc::new(config)).accept(stream).await {
        stream.read_to_end(&mut received).await.ok();
    }
    let error = attempt.await.expect("an attempt");
    assert_eq!(error.fault, SourceFault::Tls, "{error}");
    assert!(received.is_empty());
}
