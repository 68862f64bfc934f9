//! The real program between a simulated Incydr and a simulated Sumo Logic.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use incydr_simulator::{
    ApiClient, DataOptions, IncydrOptions, RateOptions, RecordKind, SimulatedIncydr, SimulatedSumo,
    SumoOptions, Visibility,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::client::{Answer, Client, Request};

/// Nothing that a test waits for takes longer, however slow the machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);
/// An address is asked again after this, until it says what a test waits for.
const ASK_AGAIN: Duration = Duration::from_millis(20);

/// A running program, the services around it, and its folder.
pub(crate) struct Daemon {
    pub(crate) incydr: SimulatedIncydr,
    pub(crate) sumo: SimulatedSumo,
    /// Asks with the key that the first start printed.
    pub(crate) client: Client,
    dir: TempDir,
    options: Vec<String>,
    /// Where it shall listen when it is started the next time.
    pub(crate) listen: SocketAddr,
    child: Option<Child>,
    log: Arc<watch::Sender<Vec<String>>>,
    printed: Vec<String>,
}

/// A tenant with so many file events of the last day, all visible at once, and no throttle.
pub(crate) fn tenant_with(file_events: u64) -> IncydrOptions {
    let data = DataOptions {
        file_events,
        event_visibility: Visibility::immediate(),
        audit_visibility: Visibility::immediate(),
        ..DataOptions::default()
    };
    let rate = RateOptions { per_minute: None, ..RateOptions::default() };
    IncydrOptions { data, rate, ..IncydrOptions::default() }
}

impl Daemon {
    /// An empty tenant, and clients that may ask as often as they like.
    pub(crate) async fn start() -> Self {
        Self::with_file_events(0).await
    }

    /// The same for a tenant with so many file events.
    pub(crate) async fn with_file_events(file_events: u64) -> Self {
        let options = ["--api-requests-per-second", "100000", "--api-requests-at-once", "1000"];
        Self::with(tenant_with(file_events), SumoOptions::default(), &options).await
    }

    /// The program with these further options.
    pub(crate) async fn with(incydr: IncydrOptions, sumo: SumoOptions, options: &[&str]) -> Self {
        let mut daemon = Self {
            incydr: SimulatedIncydr::start(incydr).await.expect("a free port"),
            sumo: SimulatedSumo::start(sumo).await.expect("a free port"),
            client: Client {
                address: SocketAddr::from(([127, 0, 0, 1], 0)),
                credentials: None,
                from: IpAddr::V4(Ipv4Addr::LOCALHOST),
            },
            dir: TempDir::new().expect("a folder for the test"),
            options: options.iter().map(|&option| option.to_owned()).collect(),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            child: None,
            log: Arc::new(watch::Sender::new(Vec::new())),
            printed: Vec::new(),
        };
        daemon.begin().await;
        daemon
    }

    /// Where everything is kept.
    pub(crate) fn data_dir(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// Starts the program on what is kept, and waits until it listens.
    pub(crate) async fn begin(&mut self) {
        let sumo = self.sumo.url();
        let mut command = Command::new(env!("CARGO_BIN_EXE_incydr-collector"));
        command.args(["run", "--listen", &self.listen.to_string(), "--requests-per-minute", "60000"]);
        command.arg("--data-dir").arg(self.data_dir()).args([
            "--to",
            &sumo,
            "--allow-destination-url",
            origin(&sumo),
        ]);
        command.args(["--allow-base-url", &self.incydr.base_url()]).args(&self.options);
        // Nothing leaves this machine, whichever host a test names: there is no such proxy.
        command.env("HTTPS_PROXY", "http://127.0.0.1:9").env_remove("NO_PROXY");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().expect("the binary starts");
        let mut log = BufReader::new(child.stderr.take().expect("piped")).lines();
        let heard = Arc::clone(&self.log);
        tokio::spawn(async move {
            while let Ok(Some(line)) = log.next_line().await {
                heard.send_modify(|lines| lines.push(line));
            }
        });
        let mut out = BufReader::new(child.stdout.take().expect("piped")).lines();
        let listening = async {
            while let Some(line) = out.next_line().await.expect("text") {
                self.printed.push(line.clone());
                if let Some(address) = line.strip_prefix("Listening on http://") {
                    return address.parse().expect("an address");
                }
            }
            panic!("it ended: {:?}", self.log.borrow())
        };
        self.client.address = timeout(PATIENCE, listening).await.expect("it starts");
        self.child = Some(child);
        if self.client.credentials.is_none() {
            self.client.credentials =
                Some((self.printed_after("Access ID:"), self.printed_after("Access key:")));
        }
    }

    /// Asks the process to end, waits for that, and starts it again.
    pub(crate) async fn restart(&mut self) {
        self.stop().await;
        self.begin().await;
    }

    /// Asks the process to end, and waits for that.
    pub(crate) async fn stop(&mut self) {
        let mut child = self.child.take().expect("it runs");
        let pid = child.id().expect("it runs").to_string();
        let status = Command::new("kill").args(["-s", "TERM", &pid]).status().await.expect("`kill` is there");
        assert!(status.success());
        let status = timeout(PATIENCE, child.wait()).await.expect("it ends").expect("it can be waited for");
        assert!(status.success(), "{status}: {:?}", self.log.borrow());
    }

    /// Ends the process as a crash would.
    pub(crate) async fn kill(&mut self) {
        self.child.take().expect("it runs").kill().await.expect("it can be killed");
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.as_ref().and_then(Child::id).expect("it runs")
    }

    /// What it has logged so far, and what it has printed.
    pub(crate) fn log(&self) -> String {
        self.log.borrow().join("\n")
    }

    pub(crate) fn printed(&self) -> &[String] {
        &self.printed
    }

    /// Waits until a line of the log holds all of `texts`.
    pub(crate) async fn hear(&self, texts: &[&str]) {
        let mut log = self.log.subscribe();
        let holds = |line: &String| texts.iter().all(|text| line.contains(text));
        let hearing = log.wait_for(|lines| lines.iter().any(holds));
        timeout(PATIENCE, hearing)
            .await
            .unwrap_or_else(|_| panic!("never heard {texts:?}"))
            .expect("it is there");
    }

    pub(crate) async fn get(&self, target: &str) -> Answer {
        self.client.get(target).await
    }

    pub(crate) async fn post(&self, target: &str, body: &Value) -> Answer {
        self.client.post(target, body).await
    }

    pub(crate) async fn put(&self, target: &str, etag: &str, body: &Value) -> Answer {
        self.client.put(target, etag, body).await
    }

    /// Puts with this `If-Match`, or without any.
    pub(crate) async fn send_put(&self, target: &str, if_match: Option<&str>, body: &Value) -> Answer {
        let request = Request::new("PUT", target).json(body);
        self.client.send(if_match.into_iter().fold(request, |put, tag| put.header("If-Match", tag))).await
    }

    pub(crate) async fn delete(&self, target: &str) -> Answer {
        self.client.delete(target).await
    }

    /// Asks until the answer is as wanted.
    pub(crate) async fn until(&self, target: &str, is_wanted: impl Fn(&Answer) -> bool) -> Answer {
        let mut last = String::new();
        let asking = async {
            let mut pace = tokio::time::interval(ASK_AGAIN);
            loop {
                pace.tick().await;
                let answer = self.get(target).await;
                if is_wanted(&answer) {
                    return answer;
                }
                last = answer.text();
            }
        };
        let asked = timeout(PATIENCE, asking).await;
        asked.unwrap_or_else(|_| panic!("it stayed {last}; log: {}", self.log()))
    }

    /// Creates a collector and gives its address.
    pub(crate) async fn collector(&self, name: &str) -> String {
        let body = json!({ "collector": { "collectorType": "Hosted", "name": name } });
        let created = self.post("/api/v1/collectors", &body).await.expect(201);
        format!("/api/v1/collectors/{}", created["collector"]["id"])
    }

    /// The JSON of a source of the simulated tenant; members of `more` are added to its configuration, or replace it.
    pub(crate) fn source_json(&self, name: &str, more: Value) -> Value {
        let ApiClient { id, secret, .. } = ApiClient::default();
        let mut config = json!({
            "name": name, "category": "code42", "baseURL": self.incydr.base_url(), "clientID": id,
            "secretKey": secret, "dataCollection": ["fileEvents"],
        });
        let Value::Object(more) = more else { panic!("an object") };
        config.as_object_mut().expect("an object").extend(more);
        json!({ "source": { "sourceType": "Universal", "schemaRef": { "type": "Code42 Incydr" }, "config": config } })
    }

    /// Creates a source on a collector and gives its address.
    pub(crate) async fn source(&self, collector: &str, name: &str, more: Value) -> String {
        let created =
            self.post(&format!("{collector}/sources"), &self.source_json(name, more)).await.expect(201);
        format!("{collector}/sources/{}", created["source"]["id"])
    }

    /// Waits until a source is in this state, and gives the source.
    pub(crate) async fn reach(&self, source: &str, state: &str) -> Value {
        let is_there =
            |answer: &Answer| answer.status == 200 && answer.json()["source"]["state"]["state"] == state;
        self.until(source, is_there).await.json()["source"].clone()
    }

    /// Waits until all file events have been taken in by Sumo Logic.
    pub(crate) async fn receive_all(&self) {
        let all = u64::try_from(self.incydr.truth().of_kind(RecordKind::FileEvent).count()).expect("small");
        let receiving = timeout(PATIENCE, self.sumo.wait_for_messages(all)).await;
        receiving.unwrap_or_else(|_| panic!("{} of {all}; log: {}", self.sumo.message_count(), self.log()));
    }

    /// Every file event arrived unchanged, and no more than `duplicates` arrived twice.
    pub(crate) fn assert_complete(&self, duplicates: u64) {
        let verdict = self.incydr.truth().compare(&self.sumo.received(), &[RecordKind::FileEvent]);
        assert!(
            verdict.is_complete(),
            "{} missing, {} altered",
            verdict.missing.len(),
            verdict.altered.len()
        );
        assert!(verdict.duplicates <= duplicates, "{} duplicates, {duplicates} may be", verdict.duplicates);
    }

    /// Requests that met an endpoint of Incydr so far.
    pub(crate) fn requests_to(&self, endpoint: &str) -> usize {
        self.incydr.requests().iter().filter(|request| request.endpoint == endpoint).count()
    }

    fn printed_after(&self, label: &str) -> String {
        let value = self.printed.iter().find_map(|line| line.strip_prefix(label)?.split_whitespace().next());
        value.unwrap_or_else(|| panic!("no {label} in {:?}", self.printed)).to_owned()
    }
}

/// All files in `dir` and its folders.
pub(crate) fn files_below(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        match entry.path() {
            path if path.is_dir() => files.extend(files_below(&path)),
            path => files.push(path),
        }
    }
    files
}

fn origin(url: &str) -> &str {
    url.match_indices('/').nth(2).map_or(url, |(end, _)| &url[..end])
}
