//! The hosted collector as a process of its own, and its API.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::tenants::TenantAddresses;
use crate::bench_error::BenchError;
use crate::contestant::origin_of;
use crate::run::Bench;

const CONFIGURATION: &str = "[api]\nrequests_per_second = 100000\nrequests_at_once = 1000\n\
    [limits]\ncollectors = 1000\n[log]\nlevel = \"warn\"\n";

/// A running daemon; it is killed when this is dropped.
pub(super) struct Daemon {
    process: Child,
    /// Host and port.
    address: String,
    /// The header that every request carries.
    key: String,
}

impl Daemon {
    /// Starts it in an empty folder, and waits until its API answers.
    pub(super) fn start(bench: &Bench, folder: &Path, at: &TenantAddresses) -> Result<Self, BenchError> {
        Self::launch(bench, folder, at, None)
    }

    /// Starts it where it was killed; `key` is what [`Daemon::kill`] gave.
    pub(super) fn start_again(
        bench: &Bench,
        folder: &Path,
        at: &TenantAddresses,
        key: String,
    ) -> Result<Self, BenchError> {
        Self::launch(bench, folder, at, Some(key))
    }

    /// Ends it as a crash would; gives its key.
    pub(super) fn kill(mut self) -> Result<String, BenchError> {
        self.process
            .kill()
            .and_then(|()| self.process.wait())
            .map_err(BenchError::at("ending the daemon"))?;
        Ok(std::mem::take(&mut self.key))
    }

    pub(super) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Creates what `body` says, under its one key; gives the address of what was created.
    pub(super) fn create(&self, path: &str, kind: &str, body: &Value) -> Result<String, BenchError> {
        let answer = self.exchange("POST", path, &json!({kind: body}).to_string(), "201")?;
        let document = answer.split("\r\n\r\n").nth(1).unwrap_or_default();
        let id =
            serde_json::from_str::<Value>(document).ok().and_then(|created| created[kind]["id"].as_u64());
        let id = id.ok_or_else(|| unexpected(path, &answer))?;
        Ok(format!("{path}/{id}"))
    }

    /// How long the whole answer to a `GET` takes, its connection included.
    pub(super) fn time_get(&self, path: &str) -> Result<Duration, BenchError> {
        let asked = Instant::now();
        self.exchange("GET", path, "", "200")?;
        Ok(asked.elapsed())
    }

    fn launch(
        bench: &Bench,
        folder: &Path,
        at: &TenantAddresses,
        key: Option<String>,
    ) -> Result<Self, BenchError> {
        const ATTEMPT: &str = "starting the daemon";
        let configuration = folder.join("collector.toml");
        fs::write(&configuration, CONFIGURATION).map_err(BenchError::at(ATTEMPT))?;
        let said = fs::File::create(folder.join("daemon.log")).map_err(BenchError::at(ATTEMPT))?;
        let mut process = Command::new(bench.collector())
            .args(["run", "--listen", "127.0.0.1:0", "--to", &at.sumo])
            .args(["--allow-base-url", &at.incydr, "--allow-base-url", &at.ill_incydr])
            .args(["--allow-destination-url", origin_of(&at.sumo)])
            .arg("--config")
            .arg(&configuration)
            .arg("--data-dir")
            .arg(folder.join("data"))
            .stdout(Stdio::piped())
            .stderr(said)
            .spawn()
            .map_err(BenchError::at(ATTEMPT))?;
        let mut announced = BufReader::new(process.stdout.take().ok_or_else(|| unexpected(ATTEMPT, ""))?);
        let mut daemon = Self { process, address: String::new(), key: key.unwrap_or_default() };
        let (mut id, mut line) = (String::new(), String::new());
        while daemon.address.is_empty() {
            line.clear();
            if announced.read_line(&mut line).map_err(BenchError::at(ATTEMPT))? == 0 {
                return Err(unexpected(ATTEMPT, "it ended"));
            }
            let word = |start| line.strip_prefix(start).and_then(|rest| rest.split_whitespace().next());
            if let Some(word) = word("Access ID:") {
                word.clone_into(&mut id);
            } else if let Some(word) = word("Access key:") {
                daemon.key = STANDARD.encode(format!("{id}:{word}"));
            } else if let Some(word) = word("Listening on http://") {
                word.clone_into(&mut daemon.address);
            }
        }
        daemon.time_get("/readyz")?;
        Ok(daemon)
    }

    /// One request over a connection of its own; `status` must be the answer's.
    fn exchange(&self, method: &str, path: &str, body: &str, status: &str) -> Result<String, BenchError> {
        let attempt = format!("{method} {path}");
        let Self { address, key, .. } = self;
        let ask = || {
            let mut connection = TcpStream::connect(address)?;
            let length = body.len();
            let request = format!(
                "{method} {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Basic {key}\r\n\
                 content-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            );
            connection.write_all(request.as_bytes())?;
            let mut answer = String::new();
            connection.read_to_string(&mut answer).map(|_| answer)
        };
        let answer = ask().map_err(BenchError::at(&attempt))?;
        match answer.split(' ').nth(1) == Some(status) {
            true => Ok(answer),
            false => Err(unexpected(&attempt, &answer)),
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Nothing else needs to be done where it has ended already.
        if self.process.kill().is_ok() {
            self.process.wait().map(drop).unwrap_or_default();
        }
    }
}

fn unexpected(attempt: &str, answer: &str) -> BenchError {
    BenchError::Unexpected { attempt: attempt.to_owned(), answer: answer.to_owned() }
}
