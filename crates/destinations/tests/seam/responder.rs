//! A receiver that reads requests and answers by a script. It shares nothing with the client under test.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};

/// The last part of the address: whoever knows it can send.
pub(crate) const TOKEN: &str = "ZaVnC4dhaV39Tn37-canary==";

/// What the receiver does with a request that it has read.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// Answers with this status line's rest, these headers and this body.
    Answer(&'static str, &'static str, String),
    /// Closes the connection.
    HangUp,
    /// Never answers.
    Silence,
}

impl Reply {
    pub(crate) fn status(status: &'static str) -> Self {
        Self::Answer(status, "", String::new())
    }

    fn write(&self) -> Option<String> {
        match self {
            Self::Answer(status, headers, body) => {
                let length = body.len();
                Some(format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{headers}\r\n{body}"))
            }
            Self::HangUp | Self::Silence => None,
        }
    }
}

/// A request as it was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Request {
    pub(crate) line: String,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_slice())
    }
}

/// A receiver on loopback.
pub(crate) struct Responder {
    pub(crate) url: String,
    pub(crate) address: SocketAddr,
    requests: mpsc::UnboundedReceiver<Request>,
    /// Answers wait here; empty at first when the test holds them back.
    gate: Arc<Semaphore>,
}

impl Responder {
    /// Gives these replies in turn, and after them 200.
    pub(crate) async fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let url = format!("http://{address}/receiver/v1/http/{TOKEN}");
        let (sender, requests) = mpsc::unbounded_channel();
        let gate = Arc::new(Semaphore::new(Semaphore::MAX_PERMITS));
        let script = Arc::new(Mutex::new(replies.into_iter().collect::<VecDeque<_>>()));
        let answers = Arc::clone(&gate);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&script), sender.clone(), Arc::clone(&answers)));
            }
        });
        Self { url, address, requests, gate }
    }

    /// Answers nothing until [`Responder::release`].
    pub(crate) fn hold(&self) {
        self.gate.forget_permits(Semaphore::MAX_PERMITS);
    }

    /// Lets one answer go.
    pub(crate) fn release(&self) {
        self.gate.add_permits(1);
    }

    /// The next request.
    pub(crate) async fn request(&mut self) -> Request {
        self.requests.recv().await.unwrap()
    }

    /// The next request, if it has already been read.
    pub(crate) fn request_now(&mut self) -> Option<Request> {
        self.requests.try_recv().ok()
    }
}

async fn serve(
    mut stream: TcpStream,
    script: Arc<Mutex<VecDeque<Reply>>>,
    requests: mpsc::UnboundedSender<Request>,
    gate: Arc<Semaphore>,
) -> io::Result<()> {
    while let Some(request) = read_request(&mut stream).await? {
        requests.send(request).unwrap();
        gate.acquire().await.unwrap().forget();
        let reply = script.lock().unwrap().pop_front().unwrap_or_else(|| Reply::status("200 OK"));
        match (reply.write(), reply) {
            (Some(answer), _) => stream.write_all(answer.as_bytes()).await?,
            (None, Reply::Silence) => std::future::pending().await,
            (None, _) => return Ok(()),
        }
    }
    Ok(())
}

async fn read_request(stream: &mut TcpStream) -> io::Result<Option<Request>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return Ok(None),
        }
    }
    let mut lines = head.split(|&byte| byte == b'\n').map(|line| line.trim_ascii());
    let line = String::from_utf8(lines.next().unwrap().to_vec()).unwrap();
    let headers: Vec<_> = lines.filter(|line| !line.is_empty()).map(parse_header).collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.map_or(0, |(_, value)| std::str::from_utf8(value).unwrap().parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok(Some(Request { line, headers, body }))
}

fn parse_header(line: &[u8]) -> (String, Vec<u8>) {
    let colon = line.iter().position(|&byte| byte == b':').unwrap();
    let name = String::from_utf8(line[..colon].to_ascii_lowercase()).unwrap();
    (name, line[colon + 1..].trim_ascii().to_vec())
}
