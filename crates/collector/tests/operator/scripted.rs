//! A server that gives prepared answers, so that every verb can be tried against any answer of the API.

use std::path::PathBuf;
use std::process::Output;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

use crate::daemon::program;

/// Method and path of a request, and what it is answered with: a status and a body.
pub(crate) type Script = &'static [(&'static str, u16, &'static str)];

/// The server, and what it was asked for.
pub(crate) struct Scripted {
    _runtime: Runtime,
    url: String,
    folder: TempDir,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Method and path.
    pub(crate) what: String,
    /// The tag in `If-Match`.
    pub(crate) tag: Option<String>,
    /// The JSON of the body.
    pub(crate) body: Value,
}

impl Scripted {
    /// Answers as `script` says; whatever it does not name is not found.
    pub(crate) fn new(script: Script) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heard = asked.clone();
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                answer(stream, script, &heard).await;
            }
        });
        Self { _runtime: runtime, url, folder: tempfile::tempdir().expect("folder"), asked }
    }

    /// Runs a verb against it.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        program(self.folder.path())
            .args(arguments)
            .current_dir(self.folder.path())
            .env("INCYDR_COLLECTOR_URL", &self.url)
            .env("INCYDR_ACCESS_ID", "su1")
            .env("INCYDR_ACCESS_KEY", "canary-7f3a")
            .output()
            .expect("the program starts")
    }

    /// A file in the folder of the verbs.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The last request.
    pub(crate) fn last(&self) -> Asked {
        self.asked.lock().expect("no panic").last().expect("a request").clone()
    }
}

/// Answers one request, and closes the connection.
async fn answer(stream: TcpStream, script: Script, asked: &Mutex<Vec<Asked>>) {
    let mut stream = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).await.expect("a head") == 0 {
            return;
        }
    }
    let header = |name: &str| {
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
    };
    let length = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.expect("a body");
    let what = head.split(" HTTP").next().unwrap_or_default().replace("/api/v1", "");
    let found = script.iter().find(|(known, ..)| *known == what);
    let (status, content) = found.map_or((404, "{}"), |(_, status, content)| (*status, *content));
    let body = serde_json::from_slice(&body).unwrap_or_default();
    asked.lock().expect("no panic").push(Asked { what, tag: header("if-match"), body });
    let response = format!(
        "HTTP/1.1 {status} -\r\nETag: \"tag\"\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{content}",
        content.len()
    );
    stream.write_all(response.as_bytes()).await.expect("the verb listens");
    stream.shutdown().await.expect("the verb listens");
}
