//! S09, S19: how large a request may be, and slow clients.

use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::time::Instant;

use crate::client::{Answer, Request, read_answer};
use crate::daemon::Daemon;

const COLLECTORS: &str = "/api/v1/collectors";

/// A collector in so many bytes.
fn padded(name: &str, bytes: usize) -> String {
    let text = json!({ "collector": { "name": name } }).to_string();
    format!("{text}{}", " ".repeat(bytes - text.len()))
}

#[tokio::test]
async fn a_body_of_one_mebibyte_is_read_and_one_more_byte_is_refused() {
    let daemon = Daemon::start().await;
    const MEBIBYTE: usize = 1024 * 1024;
    for (name, bytes, status) in [("a", MEBIBYTE - 1, 201), ("b", MEBIBYTE, 201)] {
        let post = Request::new("POST", COLLECTORS).body(padded(name, bytes));
        daemon.client.send(post).await.expect(status);
    }
    for bytes in [MEBIBYTE + 1, 8 * MEBIBYTE] {
        let post = Request::new("POST", COLLECTORS).body(padded("c", bytes));
        daemon.client.send(post).await.problem(413, "request.too.large");
    }
    let chunk = format!("{:x}\r\n{}\r\n0\r\n\r\n", MEBIBYTE + 1, padded("d", MEBIBYTE + 1));
    let post = Request::new("POST", COLLECTORS).header("Transfer-Encoding", "chunked").body(chunk);
    daemon.client.send(post).await.problem(413, "request.too.large");
    assert_eq!(daemon.get(COLLECTORS).await.expect(200)["collectors"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn an_address_of_8_kib_is_read_and_one_more_byte_is_refused() {
    let daemon = Daemon::start().await;
    let target = |bytes: usize| format!("{COLLECTORS}?x={}", "x".repeat(bytes - COLLECTORS.len() - 3));
    for bytes in [8_191, 8_192] {
        daemon.get(&target(bytes)).await.expect(200);
    }
    daemon.get(&target(8_193)).await.problem(414, "address.too.long");
    let huge = daemon.get(&target(100_000)).await.status;
    assert!(huge == 414 || huge == 431, "{huge}");
}

#[tokio::test]
async fn headers_of_16_kib_are_read_and_one_more_byte_is_refused() {
    let daemon = Daemon::start().await;
    let (id, key) = daemon.client.credentials.clone().expect("credentials");
    let credentials =
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("{id}:{key}"));
    let others = "host".len()
        + daemon.client.address.to_string().len()
        + "authorization".len()
        + "Basic ".len()
        + credentials.len()
        + "connection".len()
        + "close".len()
        + "x-long".len();
    let get = |bytes: usize| Request::new("GET", COLLECTORS).header("x-long", &"x".repeat(bytes - others));
    for bytes in [16 * 1024 - 1, 16 * 1024] {
        daemon.client.send(get(bytes)).await.expect(200);
    }
    daemon.client.send(get(16 * 1024 + 1)).await.problem(431, "headers.too.large");
    assert_eq!(daemon.client.send(get(100 * 1024)).await.status, 431);
    let many =
        (0..200).fold(Request::new("GET", COLLECTORS), |get, number| get.header(&format!("x-{number}"), "x"));
    assert_eq!(daemon.client.send(many).await.status, 431);
}

#[tokio::test]
async fn json_of_64_levels_is_read_and_65_or_a_million_are_refused_at_once() {
    let daemon = Daemon::start().await;
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    let message = daemon.client.send(Request::new("POST", COLLECTORS).body(nested(64))).await;
    assert!(message.problem(400, "collectors.validation.fields.invalid").contains("must be an object"));
    for body in [nested(65), "[".repeat(1_000_000), "{\"a\":".repeat(200_000)] {
        let refused = daemon.client.send(Request::new("POST", COLLECTORS).body(body)).await;
        let message = refused.problem(400, "collectors.validation.fields.invalid");
        assert!(message.contains("64 deep"), "{message}");
    }
}

#[tokio::test]
async fn ten_thousand_keys_and_a_text_of_64_kib_are_refused_with_their_place() {
    let daemon = Daemon::start().await;
    let keys: serde_json::Map<_, _> = (0..10_001).map(|number| (format!("k{number}"), json!("v"))).collect();
    for (collector, named) in [
        (json!({ "name": "c", "fields": keys }), "collector.fields"),
        (json!({ "name": "n".repeat(65_537) }), "collector.name"),
    ] {
        let refused = daemon.post(COLLECTORS, &json!({ "collector": collector })).await;
        let message = refused.problem(400, "collectors.validation.fields.invalid");
        assert!(message.contains(named) && message.len() < 500, "{message}");
    }
}

#[tokio::test]
async fn clients_that_are_slow_with_their_headers_hold_up_nobody_and_are_dropped() {
    let daemon = Daemon::start().await;
    let mut slow = Vec::new();
    for _ in 0..500 {
        let mut stream = daemon.client.connect().await;
        stream
            .write_all(b"GET /api/v1/collectors HTTP/1.1\r\nHost: x\r\nX-Slow: ")
            .await
            .expect("it listens");
        slow.push(stream);
    }
    let asked = Instant::now();
    let answers: Vec<Answer> =
        futures_util::future::join_all((0..10).map(|_| daemon.get("/api/v1/openapi.json"))).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
    let mut first = slow.swap_remove(0);
    let mut rest = Vec::new();
    let dropped = tokio::io::AsyncReadExt::read_to_end(&mut first, &mut rest);
    let dropped = tokio::time::timeout(crate::daemon::PATIENCE, dropped).await.expect("it is dropped");
    assert!(dropped.is_err() || rest.is_empty() || rest.starts_with(b"HTTP/1.1 408"), "{rest:?}");
}

#[tokio::test]
async fn a_client_that_is_slow_with_its_body_is_told_so_and_dropped() {
    let daemon = Daemon::start().await;
    let (id, key) = daemon.client.credentials.clone().expect("credentials");
    let credentials =
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("{id}:{key}"));
    let mut slow = daemon.client.connect().await;
    let head = format!(
        "POST {COLLECTORS} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {credentials}\r\n\
         Content-Length: 1000\r\n\r\n{{\"collector\":"
    );
    slow.write_all(head.as_bytes()).await.expect("it listens");
    // Nothing more is sent, and the client does not ask to close: the program does.
    let answer = read_answer(&mut slow).await;
    assert_eq!(answer.header("connection"), Some("close"));
    answer.problem(408, "request.too.slow");
    assert_eq!(daemon.get(COLLECTORS).await.expect(200)["collectors"], json!([]));
}

#[tokio::test]
async fn what_is_no_http_ends_the_connection_and_nothing_else() {
    let daemon = Daemon::start().await;
    for bytes in
        [&b"\x16\x03\x01\x02\x00\x01\x00"[..], b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\0\0\0\0\r\n\r\n"]
    {
        let mut stream = daemon.client.connect().await;
        stream.write_all(bytes).await.expect("it listens");
        stream.shutdown().await.ok();
        let mut rest = Vec::new();
        tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut rest).await.ok();
        assert!(rest.is_empty() || rest.starts_with(b"HTTP/1.1 4"), "{rest:?}");
    }
    let smuggled = "POST /api/v1/collectors HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\
                    Connection: close\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n";
    let status = daemon.client.send_bytes(smuggled.as_bytes()).await.status;
    assert!(status == 400 || status == 401, "{status}");
    daemon.get(COLLECTORS).await.expect(200);
}
