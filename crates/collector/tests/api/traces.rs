//! Traces, as a receiver of OpenTelemetry gets them.

use incydr_simulator::SumoOptions;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::daemon::{Daemon, PATIENCE, tenant_with};

/// Reads one request and answers well; gives its first line and its body.
async fn receive(stream: &mut TcpStream) -> (String, Value) {
    let mut received = Vec::new();
    loop {
        let mut chunk = [0; 16 * 1024];
        let count = stream.read(&mut chunk).await.expect("a request");
        assert!(count > 0, "it breaks off");
        received.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8_lossy(&received).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length =
            head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if body.len() >= length.expect("it says how long it is") {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.expect("it listens");
            let line = head.lines().next().expect("a line").to_owned();
            return (line, serde_json::from_str(body).expect("JSON"));
        }
    }
}

#[tokio::test]
async fn a_window_that_was_walked_arrives_as_a_span_without_payload_or_secret() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("collector.toml");
    let endpoint = listener.local_addr().expect("bound");
    std::fs::write(&config, format!("[traces]\nendpoint = \"http://{endpoint}\"\n")).expect("written");
    let options = ["--config", config.to_str().expect("text")];
    let daemon = Daemon::with(tenant_with(20), SumoOptions::default(), &options).await;
    let collector = daemon.collector("incydr").await;
    daemon.source(&collector, "Code42", json!({})).await;
    let receiving = async {
        let (mut stream, _) = listener.accept().await.expect("it connects");
        receive(&mut stream).await
    };
    let (line, body) = timeout(PATIENCE, receiving).await.expect("it arrives");
    assert_eq!(line, "POST /v1/traces HTTP/1.1");
    let span = &body["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
    assert_eq!((&span["name"], &span["status"]["code"]), (&json!("window"), &json!(1)));
    let names: Vec<_> =
        span["events"].as_array().expect("a list").iter().map(|event| &event["name"]).collect();
    assert!(names.contains(&&json!("page")) && names.contains(&&json!("acknowledged")), "{names:?}");
    let text = body.to_string();
    assert!(!text.contains("simulated-secret") && !text.contains("fileName"), "{text}");
}
