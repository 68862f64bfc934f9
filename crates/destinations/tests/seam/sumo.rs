//! The Sumo Logic destination against a scripted receiver.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use incydr_core::clock::Clock;
use incydr_core::delivery::{Outlet, Surroundings};
use incydr_core::destination::{DeliveryError, DeliveryFault, Destination};
use incydr_core::notice::Notify;
use incydr_core::secret::Secret;
use incydr_core::stop::stop_switch;
use incydr_core::timestamp::Timestamp;
use incydr_destinations::encode::Compression;
use incydr_destinations::sumo::{ConfigurationError, Metadata, Sumo, SumoOptions};
use tokio::net::TcpListener;

use crate::encode::decode;
use crate::events::batch;
use crate::responder::{Reply, Responder, TOKEN};

fn options(url: &str) -> SumoOptions {
    SumoOptions::new(Secret::new(url))
}

fn sumo(responder: &Responder) -> Sumo {
    Sumo::new(options(&responder.url)).unwrap()
}

async fn error_for(reply: Reply) -> DeliveryError {
    let responder = Responder::start([reply]).await;
    sumo(&responder).deliver(batch(0..2).whole()).await.unwrap_err()
}

#[tokio::test]
async fn a_part_arrives_byte_for_byte_in_every_compression() {
    let batch = batch(0..20);
    for compression in [Compression::Gzip, Compression::Zstd, Compression::None] {
        let mut responder = Responder::start([]).await;
        let sumo = Sumo::new(SumoOptions { compression, ..options(&responder.url) }).unwrap();
        let acknowledgement = sumo.deliver(batch.part(3..17)).await.unwrap();
        let request = responder.request().await;
        assert_eq!(decode(compression, &request.body), batch.part(3..17).ndjson());
        assert_eq!(acknowledgement.sent_bytes, request.body.len() as u64);
        assert_eq!(acknowledgement.receipt, None);
        assert_eq!(request.header("content-encoding"), compression.content_encoding().map(str::as_bytes));
    }
}

#[tokio::test]
async fn a_repeated_attempt_sends_the_same_request() {
    for compression in [Compression::Gzip, Compression::Zstd] {
        let mut responder = Responder::start([Reply::status("503 Service Unavailable")]).await;
        let sumo = Sumo::new(SumoOptions { compression, ..options(&responder.url) }).unwrap();
        let batch = batch(0..50);
        drop(sumo.deliver(batch.whole()).await.unwrap_err());
        drop(sumo.deliver(batch.whole()).await.unwrap());
        assert_eq!(responder.request().await, responder.request().await);
    }
}

#[tokio::test]
async fn a_request_says_what_its_messages_are() {
    let mut responder = Responder::start([]).await;
    let metadata = Metadata {
        source_name: Some("Code42".into()),
        category: Some("sec/Büro".into()),
        host: Some("api.us.code42.com".into()),
        fields: vec![("env".into(), "a,b=c".into())],
        siem_forward: true,
    };
    let sumo = Sumo::new(SumoOptions { metadata, ..options(&responder.url) }).unwrap();
    drop(sumo.deliver(batch(0..1).whole()).await.unwrap());
    let request = responder.request().await;
    assert_eq!(request.line, format!("POST /receiver/v1/http/{TOKEN} HTTP/1.1"));
    for (name, value) in [
        ("x-sumo-client", "incydr-collector"),
        ("x-sumo-name", "Code42"),
        ("x-sumo-category", "sec/Büro"),
        ("x-sumo-host", "api.us.code42.com"),
        ("x-sumo-fields", "env=a_b:c, _siemForward=true, _siemParser=/Parsers/System/Code42/Code42 Incydr"),
        ("content-type", "text/plain; charset=utf-8"),
    ] {
        assert_eq!(request.header(name), Some(value.as_bytes()), "{name}");
    }
}

#[tokio::test]
async fn words_about_messages_may_change_while_they_flow_and_are_each_owner_s_own() {
    let mut responder = Responder::start([]).await;
    let shared = sumo(&responder);
    let (one, other) = (shared.unlabeled(), shared.unlabeled());
    let named = |name: &str| Metadata { source_name: Some(name.into()), ..Metadata::default() };
    let clone = one.clone();
    one.relabel(&named("one")).unwrap();
    other.relabel(&named("other")).unwrap();
    for (sumo, name) in [(&one, Some("one")), (&clone, Some("one")), (&other, Some("other")), (&shared, None)]
    {
        drop(sumo.deliver(batch(0..1).whole()).await.unwrap());
        assert_eq!(responder.request().await.header("x-sumo-name"), name.map(str::as_bytes));
    }
    assert!(one.relabel(&named("two\nlines")).is_err());
    drop(one.deliver(batch(0..1).whole()).await.unwrap());
    assert_eq!(responder.request().await.header("x-sumo-name"), Some("one".as_bytes()), "it stays as it was");
}

#[tokio::test]
async fn every_status_leads_to_its_own_reaction() {
    for (status, fault) in [
        ("302 Found", DeliveryFault::Refused),
        ("400 Bad Request", DeliveryFault::Rejected),
        ("401 Unauthorized", DeliveryFault::Refused),
        ("403 Forbidden", DeliveryFault::Refused),
        ("404 Not Found", DeliveryFault::Refused),
        ("408 Request Timeout", DeliveryFault::TooSlow),
        ("413 Payload Too Large", DeliveryFault::TooLarge),
        ("415 Unsupported Media Type", DeliveryFault::Refused),
        ("429 Too Many Requests", DeliveryFault::Throttled),
        ("500 Internal Server Error", DeliveryFault::Unavailable),
        ("502 Bad Gateway", DeliveryFault::Unavailable),
        ("503 Service Unavailable", DeliveryFault::Unavailable),
        ("504 Gateway Timeout", DeliveryFault::Unavailable),
    ] {
        let error = error_for(Reply::status(status)).await;
        assert_eq!(error.fault, fault, "{status}");
        assert_eq!(error.code, status[..3].parse().ok());
        assert_eq!(error.info, format!("HTTP {status}"));
    }
}

#[tokio::test]
async fn a_throttled_sender_is_told_for_how_long() {
    let reply = Reply::Answer("429 Too Many Requests", "retry-after: 7\r\n", "slow  \r\n down".into());
    let error = error_for(reply).await;
    assert_eq!(error.retry_after, Some(Duration::from_secs(7)));
    assert_eq!(error.info, "HTTP 429 Too Many Requests: slow     down");
}

#[tokio::test]
async fn a_lost_answer_may_have_been_a_good_one() {
    let error = error_for(Reply::HangUp).await;
    assert_eq!((error.fault, error.code), (DeliveryFault::Unknown, None));
}

#[tokio::test]
async fn a_batch_that_is_not_answered_in_time_was_too_slow() {
    let responder = Responder::start([Reply::Silence]).await;
    let request_timeout = Duration::from_millis(100);
    let sumo = Sumo::new(SumoOptions { request_timeout, ..options(&responder.url) }).unwrap();
    let error = sumo.deliver(batch(0..1).whole()).await.unwrap_err();
    assert_eq!(error.fault, DeliveryFault::TooSlow);
    assert_eq!(error.info, "no answer in time");
}

/// Waits for nothing.
struct NoWait;

#[async_trait]
impl Clock for NoWait {
    fn now(&self) -> Timestamp {
        Timestamp::EPOCH
    }

    async fn sleep(&self, _: Duration) {}
}

// F59
#[tokio::test]
async fn a_batch_that_is_never_answered_in_time_is_sent_again_unchanged_and_then_in_halves() {
    let good = || Reply::status("200 OK");
    let mut responder = Responder::start([Reply::Silence, Reply::Silence, good(), good()]).await;
    let options = SumoOptions {
        request_timeout: Duration::from_millis(200),
        compression: Compression::None,
        ..options(&responder.url)
    };
    let batch = batch(0..10);
    let (_switch, stop) = stop_switch();
    let notify: Notify = Arc::new(|_| {});
    let around = Surroundings { clock: &NoWait, stop: &stop, notify: &notify };
    let outlet = Outlet::new(Box::new(Sumo::new(options).unwrap()));
    let delivered = outlet.deliver(&batch, &around).await.unwrap();
    assert!(delivered.refused.is_empty());
    for part in [batch.whole(), batch.whole(), batch.part(0..5), batch.part(5..10)] {
        assert_eq!(responder.request().await.body, part.ndjson());
    }
}

#[tokio::test]
async fn without_a_connection_certainly_nothing_arrived() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = Sumo::new(options(&format!("http://{address}/{TOKEN}"))).unwrap();
    let error = error.deliver(batch(0..1).whole()).await.unwrap_err();
    assert_eq!(error.fault, DeliveryFault::Unreachable);
    assert!(error.info.starts_with("the connection failed: Connection refused"), "{error}");
}

#[tokio::test]
async fn without_tls_certainly_nothing_arrived() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n").await
    });
    let sumo = Sumo::new(options(&format!("https://{address}/{TOKEN}"))).unwrap();
    let error = sumo.deliver(batch(0..1).whole()).await.unwrap_err();
    assert_eq!(error.fault, DeliveryFault::Unreachable);
    assert!(error.info.starts_with("no trusted TLS connection: "), "{error}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let mut elsewhere = Responder::start([]).await;
    let location: &'static str = format!("location: {}\r\n", elsewhere.url).leak();
    let reply = Reply::Answer("307 Temporary Redirect", location, String::new());
    let error = error_for(reply).await;
    assert_eq!(error.fault, DeliveryFault::Refused);
    assert_eq!(elsewhere.request_now(), None);
}

#[tokio::test]
async fn a_web_page_is_no_acknowledgement() {
    let page = Reply::Answer("200 OK", "content-type: text/html\r\n", "\n<!doctype html><p>Sign in".into());
    let error = error_for(page).await;
    assert_eq!((error.fault, error.code), (DeliveryFault::Refused, Some(200)));
}

#[tokio::test]
async fn the_address_is_shown_nowhere_even_when_the_receiver_repeats_it() {
    let responder = Responder::start([]).await;
    let body = format!("no source {TOKEN} at {} or {}", responder.url, TOKEN.trim_end_matches('='));
    let (log, _guard) = capture_log();
    let sumo = sumo(&responder);
    let mut shown = format!("{sumo:?} {:?} {}", options(&responder.url), sumo.name());
    for status in ["401 Unauthorized", "200 OK"] {
        let responder = Responder::start([Reply::Answer(status, "", body.clone())]).await;
        let sumo = Sumo::new(options(&responder.url)).unwrap();
        match sumo.deliver(batch(0..1).whole()).await {
            Ok(acknowledgement) => shown += &format!("{acknowledgement:?}"),
            Err(error) => shown += &format!("{error} {error:?}"),
        }
    }
    shown += &log.text();
    assert!(shown.contains("no source ********"), "{shown}");
    assert!(!shown.contains("canary"), "{shown}");
}

#[tokio::test]
async fn a_remark_on_a_good_answer_is_logged_once() {
    let remark = |id: u32| {
        let body =
            format!(r#"{{"status":200,"id":"{id}","code":"bad.http.header.fields","message":"2 dropped"}}"#);
        Reply::Answer("200 OK", "", body)
    };
    let responder = Responder::start((0..3).map(remark)).await;
    let (log, _guard) = capture_log();
    let sumo = sumo(&responder);
    for _ in 0..3 {
        drop(sumo.deliver(batch(0..1).whole()).await.unwrap());
    }
    assert_eq!(log.text().matches("bad.http.header.fields 2 dropped").count(), 1, "{}", log.text());
    assert!(log.text().contains("WARN"));
}

#[tokio::test]
async fn clones_together_keep_within_the_connections_allowed() {
    let mut responder = Responder::start([]).await;
    responder.hold();
    let sumo = Sumo::new(SumoOptions { max_in_flight: 2, ..options(&responder.url) }).unwrap();
    assert_eq!(sumo.limits().max_in_flight, 2);
    let deliveries: Vec<_> = (0..5)
        .map(|number| {
            let sumo = sumo.clone();
            tokio::spawn(async move { sumo.deliver(batch([number]).whole()).await })
        })
        .collect();
    for _ in 0..2 {
        responder.request().await;
    }
    for _ in 0..3 {
        assert_eq!(responder.request_now(), None);
        responder.release();
        responder.request().await;
    }
    responder.release();
    responder.release();
    for delivery in deliveries {
        drop(delivery.await.unwrap().unwrap());
    }
}

#[tokio::test]
async fn a_probe_asks_and_sends_nothing() {
    let mut responder = Responder::start([Reply::status("200 OK"), Reply::status("401 Unauthorized")]).await;
    let sumo = sumo(&responder);
    sumo.probe().await.unwrap();
    let request = responder.request().await;
    assert_eq!(request.line, format!("GET /receiver/v1/http/{TOKEN} HTTP/1.1"));
    assert_eq!(request.body, b"");
    let error = sumo.probe().await.unwrap_err();
    assert_eq!((error.fault, error.code), (DeliveryFault::Refused, Some(401)));
}

#[test]
fn only_an_address_that_stays_secret_on_its_way_is_taken() {
    for (address, error) in [
        ("", ConfigurationError::Address),
        ("endpoint4.collection.sumologic.com/receiver", ConfigurationError::Address),
        ("http://endpoint4.collection.sumologic.com/receiver/v1/http/canary", ConfigurationError::Scheme),
        ("http://127.0.0.1.example.com/canary", ConfigurationError::Scheme),
        ("file:///tmp/canary", ConfigurationError::Scheme),
    ] {
        let refused = Sumo::new(options(address)).unwrap_err();
        assert_eq!(refused, error, "{address}");
        assert!(!refused.to_string().contains("canary"));
    }
    for address in
        ["https://endpoint4.collection.sumologic.com/x", "http://[::1]:1/x", "http://localhost:1/x"]
    {
        assert!(Sumo::new(options(address)).is_ok(), "{address}");
    }
}

#[test]
fn metadata_that_cannot_arrive_is_refused_at_the_start() {
    let metadata = Metadata { category: Some("a\r\nb".into()), ..Metadata::default() };
    let error = Sumo::new(SumoOptions { metadata, ..options("http://127.0.0.1:1/x") }).unwrap_err();
    assert!(matches!(error, ConfigurationError::Metadata(_)), "{error}");
}

/// Everything that is logged on this thread, at every level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn capture_log() -> (Log, tracing::subscriber::DefaultGuard) {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    (log, tracing::subscriber::set_default(subscriber))
}
