//! A client that knows just enough HTTP to see exactly what a server sends.

use std::collections::HashMap;
use std::io::{self, Read};

use incydr_simulator::{ApiClient, SimulatedIncydr};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What came back: everything up to the end of the answer, or up to where the connection ended.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Vec<u8>,
    /// Whether the answer ended as HTTP wants it to end.
    pub(crate) complete: bool,
    /// How the connection broke, if it did.
    pub(crate) broken: Option<io::ErrorKind>,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the body is JSON")
    }

    pub(crate) fn gunzipped(&self) -> Vec<u8> {
        let mut decoded = Vec::new();
        flate2::read::GzDecoder::new(self.body.as_slice())
            .read_to_end(&mut decoded)
            .expect("the body is gzip");
        decoded
    }
}

/// Sends one request on a connection of its own and reads until the answer or the connection ends.
pub(crate) async fn send(port: u16, head: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("the server listens");
    send_on(&mut stream, head, headers, body).await
}

/// The same on a given connection.
pub(crate) async fn send_on<S>(stream: &mut S, head: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply
where
    S: AsyncReadExt + AsyncWriteExt + Unpin,
{
    let mut request = format!("{head} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    let sent = [request.as_bytes(), body].concat();
    let mut reply = Reply::default();
    if let Err(error) = stream.write_all(&sent).await {
        reply.broken = Some(error.kind());
        return reply;
    }
    let mut received = Vec::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match stream.read(&mut buffer).await {
            Ok(0) => {
                parse(&received, &mut reply);
                return reply;
            }
            Ok(read) => received.extend_from_slice(&buffer[..read]),
            Err(error) => {
                parse(&received, &mut reply);
                reply.broken = Some(error.kind());
                return reply;
            }
        }
        let looks_done = received.len() < 64 * 1024 || received.ends_with(b"0\r\n\r\n");
        if looks_done && parse(&received, &mut reply) {
            return reply;
        }
    }
}

/// Reads what there is of an answer; `true` once it is complete.
fn parse(received: &[u8], reply: &mut Reply) -> bool {
    let Some(head_end) = received.windows(4).position(|window| window == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&received[..head_end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok());
    reply.status = status.unwrap_or(0);
    reply.headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let rest = &received[head_end + 4..];
    match reply.headers.get("content-length").and_then(|length| length.parse::<usize>().ok()) {
        Some(length) => {
            reply.body = rest[..rest.len().min(length)].to_vec();
            reply.complete = rest.len() >= length;
        }
        None => (reply.body, reply.complete) = unchunk(rest),
    }
    reply.complete
}

fn unchunk(mut rest: &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    while let Some(line_end) = rest.windows(2).position(|window| window == b"\r\n") {
        let size =
            std::str::from_utf8(&rest[..line_end]).ok().and_then(|hex| usize::from_str_radix(hex, 16).ok());
        let Some(size) = size else { return (body, false) };
        rest = &rest[line_end + 2..];
        if size == 0 {
            return (body, true);
        }
        body.extend_from_slice(&rest[..rest.len().min(size)]);
        if rest.len() < size + 2 {
            return (body, false);
        }
        rest = &rest[size + 2..];
    }
    (body, false)
}

/// A bearer token for the first client.
pub(crate) async fn token(incydr: &SimulatedIncydr) -> String {
    token_at(incydr.port(), &ApiClient::default()).await
}

pub(crate) async fn token_at(port: u16, client: &ApiClient) -> String {
    let body =
        format!("grant_type=client_credentials&client_id={}&client_secret={}", client.id, client.secret);
    let reply = send(port, "POST /v1/oauth", &[], body.as_bytes()).await;
    reply.json()["access_token"].as_str().expect("a token").to_owned()
}

/// Posts JSON with a bearer token.
pub(crate) async fn post(incydr: &SimulatedIncydr, token: &str, path: &str, body: &Value) -> Reply {
    let authorization = format!("Bearer {token}");
    let headers = [("authorization", authorization.as_str()), ("content-type", "application/json")];
    send(incydr.port(), &format!("POST {path}"), &headers, body.to_string().as_bytes()).await
}

/// Gets with a bearer token.
pub(crate) async fn get(incydr: &SimulatedIncydr, token: &str, target: &str) -> Reply {
    let authorization = format!("Bearer {token}");
    send(incydr.port(), &format!("GET {target}"), &[("authorization", authorization.as_str())], b"").await
}

/// A search over all time, sorted by insertion, in token mode.
pub(crate) fn search(page_size: usize, page_token: &str) -> Value {
    json!({
        "groups": [{"filterClause": "AND", "filters": [
            {"term": "event.inserted", "operator": "ON_OR_AFTER", "value": "2000-01-01T00:00:00.000Z"},
        ]}],
        "groupClause": "AND", "pgNum": 1, "pgSize": page_size, "pgToken": page_token, "srtDir": "asc",
        "srtKey": "event.inserted",
    })
}

/// The ids of a page of file events.
pub(crate) fn ids(page: &Value) -> Vec<String> {
    let events = page["fileEvents"].as_array().expect("a list of events");
    events.iter().map(|event| event["event"]["id"].as_str().expect("an id").to_owned()).collect()
}
