//! Posting to the simulated Sumo Logic.

use std::io::Write;
use std::time::Duration;

use incydr_simulator::{Digest, Keep, RecordKind, SimulatedSumo, SumoOptions};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{Reply, send};

const EVENTS: &str = "{\"event\":{\"id\":\"e-1\"}}\n{\"event\":{\"id\":\"e-2\"}}\n{\"sessionId\":\"s-1\"}\n";

async fn start(options: SumoOptions) -> SimulatedSumo {
    SimulatedSumo::start(options).await.expect("it starts")
}

fn path(sumo: &SimulatedSumo) -> String {
    let url = sumo.url();
    url[url.find("/receiver").unwrap()..].to_owned()
}

async fn post(sumo: &SimulatedSumo, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    send(sumo.port(), &format!("POST {}", path(sumo)), headers, body).await
}

#[tokio::test]
async fn every_encoding_arrives_as_the_same_messages() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(EVENTS.as_bytes()).unwrap();
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    zlib.write_all(EVENTS.as_bytes()).unwrap();
    let bodies = [
        ("identity", EVENTS.as_bytes().to_vec()),
        ("gzip", gzip.finish().unwrap()),
        ("deflate", zlib.finish().unwrap()),
        ("zstd", zstd::encode_all(EVENTS.as_bytes(), 1).unwrap()),
    ];
    for keep in [Keep::Digests, Keep::Later, Keep::Messages, Keep::Counts] {
        let sumo = start(SumoOptions { keep, ..SumoOptions::default() }).await;
        for (encoding, body) in &bodies {
            let reply = post(&sumo, &[("content-encoding", encoding)], body).await;
            assert_eq!((reply.status, reply.body.len()), (200, 0));
        }
        let received = sumo.received();
        assert_eq!((received.messages, received.batches.len()), (12, 4));
        assert_eq!(received.decoded_bytes, 4 * EVENTS.len() as u64);
        assert_eq!(received.kept.len(), if keep == Keep::Messages { 12 } else { 0 });
        if keep != Keep::Counts {
            let version = received.versions(RecordKind::FileEvent, "e-2")[0];
            assert_eq!((version.count, version.digest), (4, Digest::of(b"{\"event\":{\"id\":\"e-2\"}}")));
            assert_eq!((received.count(RecordKind::FileEvent), received.duplicates()), (2, 9));
            assert!(received.batches.iter().all(|batch| batch.digest == received.batches[0].digest));
        }
    }
}

#[tokio::test]
async fn a_body_that_is_not_what_its_encoding_says_is_refused() {
    let sumo = start(SumoOptions::default()).await;
    assert_eq!(post(&sumo, &[("content-encoding", "gzip")], EVENTS.as_bytes()).await.status, 400);
    assert_eq!(post(&sumo, &[("content-encoding", "br")], EVENTS.as_bytes()).await.status, 415);
    assert_eq!(sumo.received().messages, 0);
}

#[tokio::test]
async fn a_ping_succeeds_and_a_wrong_code_does_not() {
    let sumo = start(SumoOptions::default()).await;
    assert_eq!(send(sumo.port(), &format!("GET {}", path(&sumo)), &[], b"").await.status, 200);
    assert_eq!(send(sumo.port(), "POST /receiver/v1/http/wrong", &[], EVENTS.as_bytes()).await.status, 401);
    assert_eq!(send(sumo.port(), "POST /elsewhere", &[], b"").await.status, 404);
    let code = path(&sumo).rsplit_once("/http/").unwrap().1.to_owned();
    let by_header = [("x-sumo-token", code.as_str())];
    assert_eq!(send(sumo.port(), "POST /receiver/v1/http", &by_header, EVENTS.as_bytes()).await.status, 200);
    assert_eq!(sumo.received().messages, 3);
}

#[tokio::test]
async fn the_metadata_of_each_request_is_recorded_and_too_many_fields_are_warned_of() {
    let sumo = start(SumoOptions::default()).await;
    let fields: Vec<String> = (0..32).map(|number| format!("field{number}=x")).collect();
    let fields = fields.join(", ");
    let headers = [("X-Sumo-Category", "security/incydr"), ("X-Sumo-Fields", fields.as_str())];
    let reply = post(&sumo, &headers, EVENTS.as_bytes()).await;
    let warning: Value = reply.json();
    assert_eq!((reply.status, &warning["code"]), (200, &Value::from("bad.http.header.fields")));
    assert!(warning["message"].as_str().unwrap().starts_with("X-Sumo-Fields Warning: 2 key-value pairs"));
    let record = sumo.requests().pop().unwrap();
    assert_eq!(record.header("x-sumo-category"), Some("security/incydr"));
    assert_eq!((record.status, record.body_bytes), (Some(200), EVENTS.len() as u64));
}

#[tokio::test]
async fn cut_messages_and_arrays_are_counted() {
    let sumo = start(SumoOptions::default()).await;
    let fits = vec![b'x'; 65_536];
    let cut = vec![b'x'; 65_537];
    post(&sumo, &[], &[&fits[..], b"\n", &cut, b"\n[{\"event\":{\"id\":\"e\"}}]\n"].concat()).await;
    let received = sumo.received();
    assert_eq!((received.cut_messages, received.arrays), (vec![65_537], 1));
}

#[tokio::test]
async fn a_request_above_the_limit_is_refused_as_a_whole() {
    let sumo = start(SumoOptions { max_bytes: Some(64), ..SumoOptions::default() }).await;
    assert_eq!(post(&sumo, &[], EVENTS.as_bytes()).await.status, 413);
    assert_eq!(post(&sumo, &[], &EVENTS.as_bytes()[..46]).await.status, 200);
    assert_eq!(sumo.received().messages, 2);
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_taken_in_as_far_as_it_came() {
    let sumo = start(SumoOptions { time_limit: Duration::from_millis(50), ..SumoOptions::default() }).await;
    let mut stream = TcpStream::connect(("127.0.0.1", sumo.port())).await.unwrap();
    let head = format!("POST {} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\n", path(&sumo));
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&EVENTS.as_bytes()[..EVENTS.len() - 3]).await.unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 408");
    assert_eq!(sumo.received().messages, 2);
}

#[tokio::test]
async fn waiting_for_messages_ends_when_they_are_there() {
    let sumo = start(SumoOptions::default()).await;
    let (_, reply) = tokio::join!(sumo.wait_for_messages(3), post(&sumo, &[], EVENTS.as_bytes()));
    assert_eq!(reply.status, 200);
    sumo.stop().await;
}

#[tokio::test]
async fn a_server_that_was_down_comes_up_on_its_port_with_what_it_had() {
    let sumo = start(SumoOptions::default()).await;
    post(&sumo, &[], EVENTS.as_bytes()).await;
    sumo.go_down().await;
    let refused = TcpStream::connect(("127.0.0.1", sumo.port())).await.unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    sumo.come_up().await.unwrap();
    assert_eq!(post(&sumo, &[], EVENTS.as_bytes()).await.status, 200);
    assert_eq!(sumo.received().messages, 6);
}
