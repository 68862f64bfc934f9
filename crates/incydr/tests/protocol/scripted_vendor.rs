//! An HTTP server on loopback that answers what a test tells it, and remembers what it was asked.

use std::collections::VecDeque;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("a JSON body")
    }
}

/// What follows the bytes of a reply.
#[derive(Clone, Debug)]
enum After {
    Close,
    KeepAlive(Arc<KeptConnection>),
    Reset(Arc<Notify>),
    Hang,
    Trickle,
}

/// A connection that stays open after its answer, until the test wants it closed.
#[derive(Debug, Default)]
pub(crate) struct KeptConnection {
    wanted: Notify,
    closed: Notify,
}

impl KeptConnection {
    /// Closes it, and returns once the client has let go of it too.
    pub(crate) async fn close(&self) {
        self.wanted.notify_one();
        self.closed.notified().await;
    }
}

/// The bytes of an answer, and what follows them.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    head: String,
    body: Vec<u8>,
    sent: usize,
    framed: bool,
    after: After,
}

impl Reply {
    pub(crate) fn status(status: u16, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        let (head, sent) = (format!("HTTP/1.1 {status} Scripted\r\nconnection: close\r\n"), body.len());
        Self { head, body, sent, framed: true, after: After::Close }
    }

    /// Leaves the connection open for more requests, though it will answer none.
    pub(crate) fn ok_on(connection: &Arc<KeptConnection>, body: impl Into<Vec<u8>>) -> Self {
        let (head, after) =
            ("HTTP/1.1 200 Scripted\r\n".to_owned(), After::KeepAlive(Arc::clone(connection)));
        Self { head, after, ..Self::ok(body) }
    }

    pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self::status(200, body)
    }

    pub(crate) fn token(token: &str, expires_in: &str) -> Self {
        Self::ok(format!(r#"{{"access_token":"{token}","token_type":"bearer","expires_in":{expires_in}}}"#))
    }

    /// Not an answer at all.
    pub(crate) fn raw(bytes: &str) -> Self {
        Self { head: bytes.to_owned(), body: Vec::new(), sent: 0, framed: false, after: After::Close }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.head.push_str(&format!("{name}: {value}\r\n"));
        self
    }

    /// Compressed, as a whole, before anything is cut off.
    pub(crate) fn gzip(mut self) -> Self {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&self.body).unwrap();
        self.body = encoder.finish().unwrap();
        self.sent = self.body.len();
        self.header("content-encoding", "gzip")
    }

    /// Sends only the first bytes of the body, though the length says otherwise.
    pub(crate) fn cut_at(mut self, bytes: usize) -> Self {
        self.sent = bytes;
        self
    }

    /// Says no length: the end of the connection is the end of the body.
    pub(crate) fn without_length(mut self) -> Self {
        self.framed = false;
        self
    }

    /// Ends with a reset as soon as the test wants it.
    pub(crate) fn then_reset(mut self, wanted: &Arc<Notify>) -> Self {
        self.after = After::Reset(Arc::clone(wanted));
        self
    }

    /// Never ends.
    pub(crate) fn then_hang(mut self) -> Self {
        self.after = After::Hang;
        self
    }

    /// Goes on with one byte at a time.
    pub(crate) fn then_trickle(mut self) -> Self {
        self.after = After::Trickle;
        self
    }

    /// The length of the body as it would be sent.
    pub(crate) fn len(&self) -> usize {
        self.body.len()
    }

    async fn send(self, mut stream: TcpStream) -> std::io::Result<()> {
        let mut bytes = self.head.into_bytes();
        if bytes.starts_with(b"HTTP/1.1 ") {
            if self.framed {
                bytes.extend_from_slice(format!("content-length: {}\r\n", self.body.len()).as_bytes());
            }
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(&self.body[..self.sent]);
        stream.write_all(&bytes).await?;
        stream.flush().await?;
        match self.after {
            After::Close => stream.shutdown().await,
            After::KeepAlive(connection) => {
                connection.wanted.notified().await;
                stream.shutdown().await?;
                stream.read_to_end(&mut Vec::new()).await?;
                connection.closed.notify_one();
                Ok(())
            }
            After::Reset(wanted) => {
                wanted.notified().await;
                stream.set_zero_linger()
            }
            After::Hang => std::future::pending().await,
            After::Trickle => loop {
                stream.write_all(b" ").await?;
                tokio::time::sleep(Duration::from_millis(5)).await;
            },
        }
    }
}

type Script = Box<dyn FnMut(&Request) -> Reply + Send>;

/// The server. It stops when it is dropped.
pub(crate) struct ScriptedVendor {
    pub(crate) address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    task: JoinHandle<()>,
}

impl ScriptedVendor {
    /// Answers every request with what `script` says.
    pub(crate) async fn start(script: impl FnMut(&Request) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let script: Arc<Mutex<Script>> = Arc::new(Mutex::new(Box::new(script)));
        let log = Arc::clone(&requests);
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, Arc::clone(&log), Arc::clone(&script)));
            }
        });
        Self { address, requests, task }
    }

    /// Gives tokens, and the data requests these replies one after the other.
    pub(crate) async fn replying(replies: impl IntoIterator<Item = Reply>) -> Self {
        let mut replies: VecDeque<Reply> = replies.into_iter().collect();
        Self::start(move |request| match request.path() {
            "/v1/oauth" => Reply::token("token", "900"),
            _ => replies.pop_front().unwrap_or_else(|| Reply::status(410, "the script has ended")),
        })
        .await
    }

    /// All requests so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// All requests so far but those for tokens.
    pub(crate) fn data_requests(&self) -> Vec<Request> {
        self.requests().into_iter().filter(|request| request.path() != "/v1/oauth").collect()
    }
}

impl Drop for ScriptedVendor {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, log: Arc<Mutex<Vec<Request>>>, script: Arc<Mutex<Script>>) {
    let Some(request) = receive(&mut stream).await else { return };
    log.lock().unwrap().push(request.clone());
    let reply = (script.lock().unwrap())(&request);
    reply.send(stream).await.ok();
}

async fn receive(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..head_end].to_vec()).unwrap();
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length: usize = length.map_or(0, |(_, value)| value.parse().unwrap());
    while bytes.len() < head_end + 4 + length {
        stream.read_buf(&mut bytes).await.ok()?;
    }
    let body = String::from_utf8(bytes[head_end + 4..].to_vec()).unwrap();
    Some(Request { method, target, headers, body })
}
