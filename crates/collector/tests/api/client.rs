//! A client that sends exactly what it is told, byte for byte, and shows what came back.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::daemon::PATIENCE;

/// Somebody who asks, with or without credentials.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) address: SocketAddr,
    /// Access ID and key.
    pub(crate) credentials: Option<(String, String)>,
    /// The address that the requests come from.
    pub(crate) from: IpAddr,
}

/// A request, without what [`Client::send`] adds.
#[derive(Clone)]
pub(crate) struct Request {
    method: &'static str,
    target: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn new(method: &'static str, target: impl Into<String>) -> Self {
        Self { method, target: target.into(), headers: Vec::new(), body: None }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.header("Content-Type", "application/json").body(body.to_string())
    }

    fn bytes(&self, client: &Client) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\nHost: {}\r\n", self.method, self.target, client.address);
        let has = |wanted: &str| self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(wanted));
        if let Some((id, key)) = client.credentials.as_ref().filter(|_| !has("authorization")) {
            head += &format!("Authorization: Basic {}\r\n", STANDARD.encode(format!("{id}:{key}")));
        }
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        if let Some(body) = self.body.as_ref().filter(|_| !has("transfer-encoding")) {
            head += &format!("Content-Length: {}\r\n", body.len());
        }
        head += "Connection: close\r\n\r\n";
        [head.as_bytes(), self.body.as_deref().unwrap_or_default()].concat()
    }
}

impl Client {
    pub(crate) fn anonymous(&self) -> Self {
        Self { credentials: None, ..self.clone() }
    }

    pub(crate) fn with_key(&self, access_id: &str, key: &str) -> Self {
        Self { credentials: Some((access_id.to_owned(), key.to_owned())), ..self.clone() }
    }

    /// The same from another address of this machine: 127.0.0.`last`.
    pub(crate) fn from(&self, last: u8) -> Self {
        Self { from: Ipv4Addr::new(127, 0, 0, last).into(), ..self.clone() }
    }

    pub(crate) async fn send(&self, request: Request) -> Answer {
        self.send_bytes(&request.bytes(self)).await
    }

    /// Sends these bytes on a new connection and reads until the server closes it.
    pub(crate) async fn send_bytes(&self, bytes: &[u8]) -> Answer {
        let mut stream = self.connect().await;
        // A server that has seen enough may close before everything is sent; what counts is its answer.
        stream.write_all(bytes).await.ok();
        read_answer(&mut stream).await
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(SocketAddr::new(self.from, 0)).expect("an address of this machine");
        socket.connect(self.address).await.expect("it listens")
    }

    pub(crate) async fn get(&self, target: &str) -> Answer {
        self.send(Request::new("GET", target)).await
    }

    pub(crate) async fn post(&self, target: &str, body: &Value) -> Answer {
        self.send(Request::new("POST", target).json(body)).await
    }

    pub(crate) async fn put(&self, target: &str, etag: &str, body: &Value) -> Answer {
        self.send(Request::new("PUT", target).header("If-Match", etag).json(body)).await
    }

    pub(crate) async fn delete(&self, target: &str) -> Answer {
        self.send(Request::new("DELETE", target)).await
    }
}

/// Reads until the server closes the connection.
pub(crate) async fn read_answer(stream: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    let reading = async {
        let mut part = [0; 16 * 1024];
        while let Ok(count @ 1..) = stream.read(&mut part).await {
            bytes.extend_from_slice(&part[..count]);
        }
    };
    timeout(PATIENCE, reading).await.expect("it answers");
    Answer::parse(&bytes).unwrap_or_else(|| panic!("no answer: {}", String::from_utf8_lossy(&bytes)))
}

impl Answer {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
        let head = std::str::from_utf8(&bytes[..end]).ok()?;
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let header =
            |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
        Some(Self { status, headers: lines.filter_map(header).collect(), body: bytes[end + 4..].to_vec() })
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn etag(&self) -> String {
        self.header("etag").unwrap_or_else(|| panic!("no ETag: {self:?}")).to_owned()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("no JSON: {} {}", self.status, self.text()))
    }

    /// Asserts the status, and gives the body.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        if self.body.is_empty() { Value::Null } else { self.json() }
    }

    /// Asserts a problem in the flat envelope, and gives its message.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, code: &str) -> String {
        let body = self.expect(status);
        assert_eq!((&body["status"], &body["code"]), (&status.into(), &code.into()), "{body}");
        body["message"].as_str().expect("a message").to_owned()
    }

    /// Asserts a problem in the envelope of fields and health events, and gives its message.
    #[track_caller]
    pub(crate) fn listed_problem(&self, status: u16, code: &str) -> String {
        let body = self.expect(status);
        assert_eq!(body["errors"][0]["code"], code, "{body}");
        body["errors"][0]["message"].as_str().expect("a message").to_owned()
    }
}
