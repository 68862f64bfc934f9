//! Pages that stay up to date.

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::client::{Answer, Request};
use crate::daemon::{Daemon, PATIENCE};
use crate::visitor::Visitor;

/// An open stream of events.
struct Events {
    stream: TcpStream,
    heard: String,
}

impl Events {
    async fn open(browser: &Visitor, target: &str) -> Self {
        let mut stream = browser.client.connect().await;
        let (address, cookie) = (browser.client.address, &browser.cookie);
        let request = format!(
            "GET {target} HTTP/1.1\r\nHost: {address}\r\nAccept: text/event-stream\r\nCookie: {cookie}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.expect("it listens");
        Self { stream, heard: String::new() }
    }

    /// Reads until it has heard `text`.
    async fn hear(&mut self, text: &str) {
        let listening = async {
            let mut part = [0; 16 * 1024];
            while !self.heard.contains(text) {
                let count = self.stream.read(&mut part).await.expect("it goes on");
                assert!(count > 0, "it ended after {}", self.heard);
                self.heard += &String::from_utf8_lossy(&part[..count]);
            }
        };
        timeout(PATIENCE, listening).await.expect("it comes");
    }

    /// Reads until the server ends it.
    async fn end(mut self) -> String {
        let mut rest = Vec::new();
        let reading = timeout(PATIENCE, self.stream.read_to_end(&mut rest));
        reading.await.expect("it ends").expect("in good order");
        self.heard + &String::from_utf8_lossy(&rest)
    }
}

fn version(page: &Answer) -> String {
    assert_eq!(page.status, 200, "{}", page.text());
    let page = page.text();
    let (_, rest) = page.split_once("data-version=\"").expect("a version");
    rest.split('"').next().expect("a value").to_owned()
}

#[tokio::test]
async fn what_changes_arrives_without_asking_again() {
    let daemon = Daemon::start().await;
    daemon.collector("first").await;
    let browser = Visitor::new(&daemon).await;
    let version = version(&browser.get("/collection").await);
    let mut events = Events::open(&browser, &format!("/collection?version={version}")).await;
    events.hear("text/event-stream").await;
    daemon.collector("second").await;
    events.hear("event: main").await;
    events.hear("second").await;
}

#[tokio::test]
async fn a_browser_without_the_newest_version_gets_all_of_it_at_once() {
    let daemon = Daemon::start().await;
    daemon.collector("first").await;
    let browser = Visitor::new(&daemon).await;
    let mut events = Events::open(&browser, "/collection?version=old").await;
    events.hear("event: main").await;
    events.hear("\n\n").await;
    let data = events.heard.lines().find_map(|line| line.strip_prefix("data: ")).expect("data");
    let html: Value = serde_json::from_str(data).expect("JSON");
    let html = html.as_str().expect("text");
    assert!(html.starts_with("<main") && html.contains("first"), "{html}");
}

#[tokio::test]
async fn a_stream_ends_with_its_session_and_with_the_process() {
    let mut daemon = Daemon::start().await;
    let viewer = Visitor::of_role(&daemon, "view").await;
    let manager = Visitor::new(&daemon).await;
    let mut of_viewer = Events::open(&viewer, "/collection").await;
    let mut of_manager = Events::open(&manager, "/collection").await;
    of_viewer.hear("event: main").await;
    of_manager.hear("event: main").await;
    assert_eq!(viewer.send("/sign-out", &[]).await.status, 303);
    of_viewer.end().await;
    daemon.stop().await;
    of_manager.end().await;
}

#[tokio::test]
async fn a_session_has_ten_streams_and_nobody_else_has_any() {
    let daemon = Daemon::start().await;
    let browser = Visitor::new(&daemon).await;
    let mut open = Vec::new();
    for _ in 0..10 {
        let mut events = Events::open(&browser, "/collection").await;
        events.hear("event: main").await;
        open.push(events);
    }
    let request = Request::new("GET", "/collection").header("Accept", "text/event-stream");
    let refused = browser.client.send(request.header("Cookie", &browser.cookie)).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("10")), "{}", refused.text());
    let other = Visitor::of_role(&daemon, "view").await;
    Events::open(&other, "/collection").await.hear("event: main").await;
    let stranger = Visitor::stranger(&daemon).get("/collection").await;
    assert_eq!(stranger.status, 303);
}
