//! `chromedriver` with one Chromium: the `WebDriver` protocol, and what Chromium adds to it.

use std::process::Stdio;

use reqwest::{Client, Method, RequestBuilder};
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use crate::daemon::PATIENCE;

/// So many browsers run at once, however many tests do.
static BROWSERS: Semaphore = Semaphore::const_new(3);

/// The tests run as root in CI, where Chromium's sandbox is not to be had. Nothing but this machine can be reached.
const CHROMIUM_OPTIONS: [&str; 8] = [
    "--headless=new",
    "--no-sandbox",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.*",
];

/// One Chromium with a fresh profile, and the driver that steers it. Both end when this is dropped.
pub(crate) struct Chromedriver {
    process: Child,
    client: Client,
    /// The address below which all commands of the session are.
    session: String,
    _profile: TempDir,
    _place: SemaphorePermit<'static>,
}

/// Why a command was refused.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// The protocol's name of it, as in `no such element`.
    pub(crate) code: String,
    pub(crate) message: String,
}

impl Chromedriver {
    /// Starts both.
    pub(crate) async fn start() -> Self {
        let place = BROWSERS.acquire().await.expect("it is never closed");
        let profile = TempDir::new().expect("a folder for the profile");
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").env("TMPDIR", profile.path()).process_group(0);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process =
            command.spawn().expect("chromedriver is installed: Debian's package chromium-driver");
        let mut out = BufReader::new(process.stdout.take().expect("piped")).lines();
        let starting = async {
            while let Some(line) = out.next_line().await.expect("text") {
                if let Some((_, port)) = line.split_once("started successfully on port ") {
                    return port.trim_end_matches('.').to_owned();
                }
            }
            panic!("chromedriver ended")
        };
        let port = timeout(PATIENCE, starting).await.expect("it starts");
        let session = format!("http://127.0.0.1:{port}/session");
        let mut driver = Self { process, client: client(), session, _profile: profile, _place: place };
        driver.open_session().await;
        driver
    }

    async fn open_session(&mut self) {
        let wanted = json!({
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
            "goog:chromeOptions": { "args": CHROMIUM_OPTIONS },
        });
        let body = json!({ "capabilities": { "alwaysMatch": wanted } });
        let opened = self.post("", &body).await.expect("Chromium starts");
        self.session += &format!("/{}", opened["sessionId"].as_str().expect("an id"));
    }

    /// Asks for the value of something.
    pub(crate) async fn get(&self, what: &str) -> Result<Value, Refusal> {
        value_of(self.command(Method::GET, what)).await
    }

    /// Has something done.
    pub(crate) async fn post(&self, what: &str, parameters: &Value) -> Result<Value, Refusal> {
        value_of(self.command(Method::POST, what).body(parameters.to_string())).await
    }

    /// Has something done by Chromium's own protocol, which can more than `WebDriver`.
    pub(crate) async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let body = json!({ "cmd": command, "params": parameters });
        self.post("/goog/cdp/execute", &body).await.unwrap_or_else(|refusal| panic!("{command}: {refusal:?}"))
    }

    /// What one of Chromium's logs holds that was not read yet.
    pub(crate) async fn read_log(&self, log: &str) -> Vec<Value> {
        let read = self.post("/se/log", &json!({ "type": log })).await.expect("the log is kept");
        read.as_array().expect("a list").clone()
    }

    fn command(&self, method: Method, what: &str) -> RequestBuilder {
        self.client
            .request(method, format!("{}{what}", self.session))
            .header("Content-Type", "application/json")
    }
}

async fn value_of(request: RequestBuilder) -> Result<Value, Refusal> {
    let answer = request.send().await.expect("chromedriver answers");
    let is_done = answer.status().is_success();
    let body = answer.bytes().await.expect("a whole answer");
    let value = serde_json::from_slice::<Value>(&body).expect("JSON")["value"].take();
    let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    if is_done { Ok(value) } else { Err(Refusal { code: text("error"), message: text("message") }) }
}

fn client() -> Client {
    // An error says that another test has installed it already.
    rustls::crypto::ring::default_provider().install_default().ok();
    Client::builder().no_proxy().timeout(PATIENCE).build().expect("a client")
}

impl Drop for Chromedriver {
    fn drop(&mut self) {
        // Chromium is in the group of the driver that has started it, and would outlive it.
        let group = self.process.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        if let Some(group) = group {
            kill_process_group(group, Signal::KILL).ok();
        }
    }
}
