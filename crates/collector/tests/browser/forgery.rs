//! Changes that no page of ours has asked for.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use serde_json::json;

use crate::browser::Browser;
use crate::client::{Answer, Request};
use crate::daemon::Daemon;
use crate::locator::Locator;
use crate::stage::access_key;

/// Somebody who is signed in, over plain HTTP.
struct Session<'a> {
    daemon: &'a Daemon,
    cookie: String,
    origin: String,
}

impl<'a> Session<'a> {
    async fn begin(daemon: &'a Daemon) -> Self {
        let (id, key) = access_key(daemon, "manage").await;
        let origin = format!("http://{}", daemon.client.address);
        let form = format!("access_id={id}&access_key={key}");
        let request = form_to("/sign-in", &form).header("Origin", &origin);
        let answer = daemon.client.anonymous().send(request).await;
        assert_eq!(answer.status, 303, "{answer:?}");
        let cookie = answer.header("set-cookie").expect("a cookie").split(';').next().expect("a pair");
        Self { daemon, cookie: cookie.to_owned(), origin }
    }

    async fn send(&self, request: Request) -> Answer {
        let request = request.header("Cookie", &self.cookie).header("Accept", "text/html");
        self.daemon.client.anonymous().send(request).await
    }

    /// What the forms of the session hold.
    async fn token(&self) -> String {
        let page = self.send(Request::new("GET", "/collection")).await.text();
        let (_, token) = page.split_once("name=\"token\" value=\"").expect("a form");
        token.split('"').next().expect("a value").to_owned()
    }
}

fn form_to(page: &str, form: &str) -> Request {
    Request::new("POST", page).header("Content-Type", "application/x-www-form-urlencoded").body(form)
}

const NEW_COLLECTOR: &str = "name=Forged&description=&category=&timeZone=Etc%2FUTC";

#[tokio::test]
async fn a_change_from_elsewhere_or_without_the_token_is_refused_and_changes_nothing() {
    let daemon = Daemon::start().await;
    let session = Session::begin(&daemon).await;
    let other = Session::begin(&daemon).await;
    let (own, token, foreign) = (session.origin.as_str(), session.token().await, other.token().await);
    let right = format!("token={token}");
    let from_elsewhere: [&[(&str, &str)]; 9] = [
        &[],
        &[("Origin", "null")],
        &[("Origin", "https://evil.example")],
        &[("Origin", &own.replace("127.0.0.1", "127.0.0.2"))],
        &[("Origin", own), ("Sec-Fetch-Site", "cross-site")],
        &[("Origin", own), ("Sec-Fetch-Site", "same-site")],
        &[("Origin", own), ("Sec-Fetch-Site", "none")],
        &[("Origin", "null"), ("Sec-Fetch-Site", "same-origin")],
        &[("Referer", own)],
    ];
    for headers in from_elsewhere {
        let request = headers.iter().fold(
            form_to("/collectors/new", &format!("{right}&{NEW_COLLECTOR}")),
            |request, (name, value)| request.header(name, value),
        );
        assert_eq!(session.send(request).await.status, 403, "{headers:?}");
    }
    for wrong in ["", "token=", &right[..right.len() - 1], &format!("{right}x"), &format!("token={foreign}")]
    {
        let request = form_to("/collectors/new", &format!("{wrong}&{NEW_COLLECTOR}")).header("Origin", own);
        assert_eq!(session.send(request).await.status, 403, "{wrong}");
    }
    let in_the_address = form_to(&format!("/collectors/new?{right}"), NEW_COLLECTOR).header("Origin", own);
    assert_eq!(session.send(in_the_address).await.status, 403);
    let as_json = Request::new("POST", "/collectors/new")
        .header("Origin", own)
        .json(&json!({ "token": token, "name": "Forged" }));
    assert_eq!(session.send(as_json).await.status, 403);
    let read = Request::new("GET", format!("/collectors/new?{right}&{NEW_COLLECTOR}"));
    session.send(read).await;
    assert_eq!(daemon.get("/api/v1/collectors").await.expect(200)["collectors"], json!([]));
    assert_eq!(other.send(Request::new("GET", "/collection")).await.status, 200, "nobody was signed out");

    let genuine = form_to("/collectors/new", &format!("{right}&{NEW_COLLECTOR}")).header("Origin", own);
    assert_eq!(session.send(genuine).await.status, 303);
}

/// The session's cookie alone opens nothing of the API, and a key opens no page.
#[tokio::test]
async fn a_session_is_no_access_key_and_a_key_is_no_session() {
    let daemon = Daemon::start().await;
    let session = Session::begin(&daemon).await;
    assert_eq!(session.send(Request::new("GET", "/api/v1/collectors")).await.status, 401);
    let page = Request::new("GET", "/collection").header("Accept", "text/html");
    assert_eq!(daemon.client.send(page).await.status, 303, "to the sign-in");
}

#[tokio::test]
async fn a_page_of_another_host_signs_nobody_out() {
    let daemon = Daemon::start().await;
    let browser = Browser::signed_in(&daemon).await;
    browser.arrive("/collection").await;
    let host = TcpListener::bind("127.0.0.2:0").await.expect("a free port");
    let url = format!("http://{}/", host.local_addr().expect("it listens"));
    tokio::spawn(serve_evil_page(host, format!("http://{}/sign-out", daemon.client.address)));
    browser.go_to_url(&url).await;
    browser.see("This change was not asked for by a page of ours.").await;
    browser.go("/collection").await;
    browser.find(&Locator::button("Sign out")).await;
    browser.close_after(&["status 403", "status of 403"]).await;
}

/// A page whose form is sent to `target` as soon as it is open.
async fn serve_evil_page(host: TcpListener, target: String) {
    let html = format!(
        "<link rel=icon href='data:,'><form method=post action='{target}'></form>\
         <script>document.forms[0].submit()</script>"
    );
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}", html.len());
    while let Ok((mut browser, _)) = host.accept().await {
        let mut request = [0; 4_096];
        let size = browser.read(&mut request).await.expect("a request");
        // Browsers open connections that they do not use.
        if size == 0 {
            continue;
        }
        let answer = format!("{head}\r\nConnection: close\r\n\r\n{html}");
        browser.write_all(answer.as_bytes()).await.expect("it listens");
    }
}
