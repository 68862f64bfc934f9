//! The real program, hosting one source between two simulated services.

use std::process::Stdio;
use std::time::Duration;

use incydr_simulator::{
    ApiClient, DataOptions, IncydrOptions, RateOptions, RecordKind, SimulatedIncydr, SimulatedSumo,
    SumoOptions, Verdict, Visibility,
};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// Nothing that a test waits for takes longer, however slow the machine.
const PATIENCE: Duration = Duration::from_secs(180);
/// A test may ask as often as it likes.
const CONFIGURATION: &str = "[api]\nrequests_per_second = 100000\n";

/// The program, the services, and a source that has been created.
pub(crate) struct Daemon {
    pub(crate) incydr: SimulatedIncydr,
    pub(crate) sumo: SimulatedSumo,
    pub(crate) url: String,
    key: (String, String),
    http: reqwest::Client,
    /// The address of the source.
    source: String,
    _child: Child,
    _dir: TempDir,
}

impl Daemon {
    /// With a tenant of so many file events of the last day; `prepare` sees the services before anything is collected.
    pub(crate) async fn with_file_events(
        file_events: u64,
        prepare: impl FnOnce(&SimulatedIncydr, &SimulatedSumo),
    ) -> Self {
        let data = DataOptions {
            file_events,
            event_visibility: Visibility::immediate(),
            audit_visibility: Visibility::immediate(),
            ..DataOptions::default()
        };
        let rate = RateOptions { per_minute: None, ..RateOptions::default() };
        let options = IncydrOptions { data, rate, ..IncydrOptions::default() };
        let incydr = SimulatedIncydr::start(options).await.expect("a free port");
        let sumo = SimulatedSumo::start(SumoOptions::default()).await.expect("a free port");
        prepare(&incydr, &sumo);
        let dir = TempDir::new().expect("a folder for the test");
        let sumo_origin = sumo.url().split('/').take(3).collect::<Vec<_>>().join("/");
        let configuration = dir.path().join("collector.toml");
        std::fs::write(&configuration, CONFIGURATION).expect("the folder is writable");
        let mut child = Command::new(env!("CARGO_BIN_EXE_incydr-collector"))
            .args(["run", "--listen", "127.0.0.1:0", "--to", &sumo.url()])
            .args(["--allow-base-url", &incydr.base_url(), "--allow-destination-url", &sumo_origin])
            .arg("--config")
            .arg(configuration)
            .arg("--data-dir")
            .arg(dir.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("the binary starts");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let mut told = Vec::new();
        for name in ["Access ID:", "Access key:", "Listening on"] {
            let line = timeout(PATIENCE, lines.next_line()).await.expect("it starts").expect("text");
            let line = line.expect("it tells where it listens");
            let rest = line.strip_prefix(name).expect(name).trim();
            told.push(rest.split(' ').next().expect("a word").to_owned());
        }
        let [access_id, key, url] = told.try_into().expect("three lines");
        let http = reqwest::Client::builder().tls_certs_only([]).no_proxy().build().expect("a client");
        let source = String::new();
        let mut daemon =
            Self { incydr, sumo, url, key: (access_id, key), http, source, _child: child, _dir: dir };
        daemon.create_source().await;
        daemon
    }

    async fn create_source(&mut self) {
        let collector = json!({ "collector": { "collectorType": "Hosted", "name": "Staging" } });
        let created = self.ask(Method::POST, "/api/v1/collectors", Some(collector)).await;
        let collector = created.1["collector"]["id"].clone();
        let ApiClient { id, secret, .. } = ApiClient::default();
        let source = json!({ "source": {
            "schemaRef": { "type": "Code42 Incydr" }, "sourceType": "Universal",
            "config": {
                "name": "Code42", "baseURL": self.incydr.base_url(), "clientID": id, "secretKey": secret,
                "dataCollection": ["fileEvents", "auditLogs"],
            },
        }});
        let sources = format!("/api/v1/collectors/{collector}/sources");
        let (status, created) = self.ask(Method::POST, &sources, Some(source)).await;
        assert_eq!(status, StatusCode::CREATED, "{created}");
        self.source = format!("{sources}/{}", created["source"]["id"]);
    }

    /// Status and JSON (or null) of a request to `below` the source.
    pub(crate) async fn source(
        &self,
        method: Method,
        below: &str,
        body: Option<Value>,
    ) -> (StatusCode, Value) {
        self.ask(method, &format!("{}{below}", self.source), body).await
    }

    /// The same of a `GET` that must succeed.
    pub(crate) async fn see(&self, below: &str) -> Value {
        let (status, seen) = self.source(Method::GET, below, None).await;
        assert_eq!(status, StatusCode::OK, "{seen}");
        seen
    }

    /// Looks at `below` the source until it is as it should be.
    pub(crate) async fn see_when(&self, below: &str, is_right: impl Fn(&Value) -> bool) -> Value {
        let looking = async {
            loop {
                let seen = self.see(below).await;
                if is_right(&seen) {
                    return seen;
                }
            }
        };
        timeout(PATIENCE, looking).await.expect("it becomes right")
    }

    /// The figures of the file events, once at least so many were fetched and no poll is under way.
    pub(crate) async fn settled(&self, fetched: u64) -> Value {
        let file_events = |seen: &Value| seen["streams"][0].clone();
        let seen = self
            .see_when("/streams", |seen| {
                let stream = file_events(seen);
                stream["fetched"].as_u64() >= Some(fetched)
                    && stream["polling"] == false
                    && !stream["watermark"].is_null()
            })
            .await;
        file_events(&seen)
    }

    /// Status and JSON (or null) of a request.
    pub(crate) async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let answer = self.send(method, path, body, None).await;
        let status = answer.status();
        let text = answer.text().await.expect("a whole answer");
        (status, serde_json::from_str(&text).unwrap_or_default())
    }

    /// The answer to a request about the source under its newest tag, or under `tag`.
    pub(crate) async fn change(&self, below: &str, tag: Option<&str>, body: Value) -> (StatusCode, Value) {
        let newest = self.send(Method::GET, &self.source, None, None).await;
        let newest = newest.headers()["etag"].to_str().expect("text").to_owned();
        let path = format!("{}{below}", self.source);
        let answer = self.send(Method::POST, &path, Some(body), Some(tag.unwrap_or(&newest))).await;
        let status = answer.status();
        let text = answer.text().await.expect("a whole answer");
        (status, serde_json::from_str(&text).expect("JSON"))
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        if_match: Option<&str>,
    ) -> Response {
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        request = request.basic_auth(&self.key.0, Some(&self.key.1));
        if let Some(body) = body {
            request = request.body(body.to_string());
        }
        if let Some(tag) = if_match {
            request = request.header("if-match", tag);
        }
        timeout(PATIENCE, request.send()).await.expect("in time").expect("an answer")
    }

    /// Status and text of a request without a key.
    pub(crate) async fn ask_as_nobody(&self, path: &str) -> (StatusCode, String) {
        let answer = self.http.get(format!("{}{path}", self.url)).send().await.expect("an answer");
        (answer.status(), answer.text().await.expect("text"))
    }

    /// How what Sumo Logic received compares with the file events that were there.
    pub(crate) fn verdict(&self) -> Verdict {
        self.incydr.truth().compare(&self.sumo.received(), &[RecordKind::FileEvent])
    }
}
