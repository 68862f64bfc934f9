//! A running daemon, its folder, and the command line that manages it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, ChildStdout};
use tokio::runtime::Runtime;

/// Nothing that a test waits for takes longer, however slow the machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program with nothing of this machine's environment that would configure it.
pub(crate) fn program(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_incydr-collector"));
    command.env("HOME", home).env_remove("XDG_DATA_HOME").env_remove("XDG_STATE_HOME");
    for name in ["INCYDR_COLLECTOR_URL", "INCYDR_ACCESS_ID", "INCYDR_ACCESS_KEY"] {
        command.env_remove(name);
    }
    command
}

/// What a command wrote to standard output; it must have succeeded.
pub(crate) fn told(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).expect("text")
}

/// What a command that failed with this exit code said.
pub(crate) fn refusal(output: &Output, code: i32) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{said}");
    said
}

/// An access ID and its key as a start prints them.
#[derive(Clone)]
pub(crate) struct Pair {
    pub(crate) id: String,
    pub(crate) key: String,
}

impl Pair {
    /// Reads the two lines that show a new key.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let after = |start: &str| text.lines().find_map(|line| line.strip_prefix(start));
        let key = after("Access key: ")?.split_whitespace().next()?;
        Some(Self { id: after("Access ID:  ")?.to_owned(), key: key.to_owned() })
    }
}

/// A daemon that listens on a free port, and what it has logged so far.
pub(crate) struct Daemon {
    runtime: Runtime,
    child: Child,
    lines: Lines<BufReader<ChildStderr>>,
    heard: String,
    url: String,
    pub(crate) pair: Pair,
    folder: PathBuf,
}

impl Daemon {
    /// Starts it in `folder` for the first time.
    pub(crate) fn start(folder: &TempDir, arguments: &[&str]) -> Self {
        Self::start_again(folder, arguments, None)
    }

    /// Starts it in `folder`, where `pair` is a key that it knows.
    pub(crate) fn start_again(folder: &TempDir, arguments: &[&str], pair: Option<Pair>) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let mut command = program(folder.path());
        command
            .args(["run", "--listen", "127.0.0.1:0", "--data-dir", "data"])
            .args(arguments)
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let (child, text, lines) = runtime.block_on(async {
            let mut child =
                tokio::process::Command::from(command).kill_on_drop(true).spawn().expect("it starts");
            let text = within(until_listening(child.stdout.take().expect("stdout"))).await;
            let lines = BufReader::new(child.stderr.take().expect("stderr")).lines();
            (child, text, lines)
        });
        let url =
            text.lines().find_map(|line| line.strip_prefix("Listening on ")).expect("an address").to_owned();
        let pair = pair.or_else(|| Pair::of(&text)).expect("a first key");
        let folder = folder.path().to_owned();
        Self { runtime, child, lines, heard: String::new(), url, pair, folder }
    }

    /// Runs a verb of the command line against it.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the program starts")
    }

    /// A verb of the command line with everything that it needs.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program(&self.folder);
        command
            .args(arguments)
            .current_dir(&self.folder)
            .env("INCYDR_COLLECTOR_URL", &self.url)
            .env("INCYDR_ACCESS_ID", &self.pair.id)
            .env("INCYDR_ACCESS_KEY", &self.pair.key);
        command
    }

    /// Runs a verb and reads the JSON that it gives to programs.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[arguments, &["--output", "json"]].concat());
        serde_json::from_str(&told(&output)).expect("json")
    }

    /// Waits until it logs a line with all these words, after what was waited for before.
    pub(crate) fn hear(&mut self, words: &[&str]) {
        loop {
            let line = self.runtime.block_on(within(self.lines.next_line())).expect("text");
            let line = line.unwrap_or_else(|| panic!("it ended without {words:?}:\n{}", self.heard));
            self.heard += &format!("{line}\n");
            if words.iter().all(|word| line.contains(word)) {
                return;
            }
        }
    }

    /// Kills it, and returns everything that it logged.
    pub(crate) fn end(mut self) -> String {
        self.runtime.block_on(async {
            self.child.kill().await.expect("it runs until now");
            while let Some(line) = within(self.lines.next_line()).await.expect("text") {
                self.heard += &format!("{line}\n");
            }
        });
        self.heard
    }
}

/// What it prints until it listens, or until it ends.
async fn until_listening(stdout: ChildStdout) -> String {
    let mut lines = BufReader::new(stdout).lines();
    let mut text = String::new();
    while let Some(line) = lines.next_line().await.expect("text") {
        text += &format!("{line}\n");
        if line.starts_with("Listening on ") {
            break;
        }
    }
    text
}

async fn within<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, work).await.expect("in time")
}

/// The JSON of a source; its vendor is a port of this machine where nobody answers.
pub(crate) fn source_json(name: &str, secret: &str) -> String {
    serde_json::json!({
        "sourceType": "Universal", "schemaRef": { "type": "Code42Incydr" },
        "config": {
            "name": name, "category": "code42", "baseURL": "http://127.0.0.1:9", "clientID": "key-1",
            "secretKey": secret, "dataCollection": ["fileEvents"],
        },
    })
    .to_string()
}

/// Lets sources have the vendor of [`source_json`].
pub(crate) const ALLOW: [&str; 2] = ["--allow-base-url", "http://127.0.0.1:9"];
