//! The way to the daemon's API.

use std::time::Duration;

use hyper::Method;
use incydr_core::clock::Clock;
use incydr_core::secret::Secret;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{ETAG, IF_MATCH, RETRY_AFTER};
use reqwest::{Client, Response};
use serde_json::Value;

use crate::allowed_origin::Origin;
use crate::cli::options::ConnectionOptions;
use crate::failure::Failure;
use crate::http_client;
use crate::secret_source;
use crate::system_clock::SystemClock;

const TIMEOUT: Duration = Duration::from_secs(60);
/// How often a request is repeated that came too soon.
const MAX_REPEATS: u32 = 10;
const LONGEST_WAIT: u64 = 30;

/// The daemon, and who we are to it.
pub(in crate::cli) struct Connection {
    client: Client,
    origin: Origin,
    access_id: String,
    key: Secret,
}

/// An answer that is no error.
pub(in crate::cli) struct Answer {
    pub(in crate::cli) body: Value,
    pub(super) etag: Option<String>,
}

impl Connection {
    /// Judges the options and fetches the key; sends nothing.
    pub(super) fn open(options: &ConnectionOptions) -> Result<Self, Failure> {
        let access_id = options.access_id.clone().ok_or_else(|| {
            Failure::mistake("no access ID says who asks; set INCYDR_ACCESS_ID, or pass `--access-id`")
        })?;
        Self::new(&options.url, access_id, access_key(options)?)
    }

    /// The way to the daemon at `origin` for the holder of a key; sends nothing.
    pub(in crate::cli) fn new(origin: &Origin, access_id: String, key: Secret) -> Result<Self, Failure> {
        let client = client(origin).map_err(|error| Failure::ours(format!("preparing HTTPS: {error}")))?;
        Ok(Self { client, origin: origin.clone(), access_id, key })
    }

    pub(in crate::cli) async fn get(&self, path: &str) -> Result<Answer, Failure> {
        self.call(Method::GET, path, None, None).await
    }

    pub(in crate::cli) async fn post(&self, path: &str, body: &Value) -> Result<Answer, Failure> {
        self.call(Method::POST, path, Some(body), None).await
    }

    pub(super) async fn delete(&self, path: &str) -> Result<Answer, Failure> {
        self.call(Method::DELETE, path, None, None).await
    }

    /// Replaces what an answer with this tag has shown.
    pub(super) async fn put(&self, path: &str, body: &Value, etag: Option<&str>) -> Result<Answer, Failure> {
        self.call(Method::PUT, path, Some(body), etag).await
    }

    /// Asks for a list page by page until the last one; the items stand under `key`.
    pub(super) async fn pages(&self, path: &str, key: &str) -> Result<Value, Failure> {
        let mut items = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let query = token.map_or_else(
                || "?limit=1000".to_owned(),
                |token| format!("?limit=1000&token={}", segment(&token)),
            );
            let mut page = self.get(&format!("{path}{query}")).await?.body;
            if let Value::Array(more) = page[key].take() {
                items.extend(more);
            }
            token = page["next"].as_str().map(str::to_owned);
            if token.is_none() {
                return Ok(Value::Array(items));
            }
        }
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        etag: Option<&str>,
    ) -> Result<Answer, Failure> {
        let mut repeats = 0;
        loop {
            let response = self.send(method.clone(), path, body, etag).await?;
            let wait = wait_of(&response).filter(|_| repeats < MAX_REPEATS);
            let Some(wait) = wait else { return answer_of(response).await };
            repeats += 1;
            SystemClock.sleep(wait).await;
        }
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        etag: Option<&str>,
    ) -> Result<Response, Failure> {
        let url = format!("{}/api/v1{path}", self.origin);
        let mut request =
            self.client.request(method, url).basic_auth(&self.access_id, Some(self.key.reveal()));
        if let Some(body) = body {
            request =
                request.header(reqwest::header::CONTENT_TYPE, "application/json").body(body.to_string());
        }
        if let Some(etag) = etag {
            request = request.header(IF_MATCH, etag);
        }
        request.send().await.map_err(|error| {
            let reason = innermost(&error.without_url());
            Failure::ours(format!("reaching the daemon at {}: {reason}", self.origin))
                .with_hint("start it by `incydr-collector run`, or name its address by `--url`")
        })
    }
}

/// A part of a path or a query.
pub(super) fn segment(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn client(origin: &Origin) -> Result<Client, String> {
    let builder =
        http_client::builder(TIMEOUT).user_agent(concat!("incydr-collector/", env!("CARGO_PKG_VERSION")));
    // No proxy leads to this machine.
    let builder = if origin.is_loopback() { builder.no_proxy() } else { builder };
    builder.build().map_err(|error| error.without_url().to_string())
}

fn access_key(options: &ConnectionOptions) -> Result<Secret, Failure> {
    match &options.access_key_file {
        Some(path) => secret_source::resolve(&format!("file:{}", path.display()))
            .map_err(|error| Failure::mistake(format!("`--access-key-file` {error}"))),
        None => secret_source::resolve("env:INCYDR_ACCESS_KEY").map_err(|_| {
            Failure::mistake(
                "no access key proves who asks; set INCYDR_ACCESS_KEY, or pass `--access-key-file`",
            )
        }),
    }
}

/// How long to wait before the same request may come again, where that is all that is wrong.
fn wait_of(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    (response.status().as_u16() == 429 && seconds <= LONGEST_WAIT).then(|| Duration::from_secs(seconds))
}

async fn answer_of(response: Response) -> Result<Answer, Failure> {
    let status = response.status();
    let etag = response.headers().get(ETAG).and_then(|etag| etag.to_str().ok()).map(str::to_owned);
    let text = response
        .text()
        .await
        .map_err(|error| Failure::ours(format!("reading the daemon's answer: {}", error.without_url())))?;
    let body: Value = serde_json::from_str(&text).unwrap_or_default();
    if status.is_success() {
        return Ok(Answer { body, etag });
    }
    let message = body["message"].as_str().or_else(|| body["errors"][0]["message"].as_str());
    let sentence = message.map_or_else(|| format!("the daemon answered {status}"), str::to_owned);
    Err(if status.is_client_error() { Failure::mistake(sentence) } else { Failure::ours(sentence) })
}

fn innermost(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => innermost(cause),
        None => error.to_string(),
    }
}
