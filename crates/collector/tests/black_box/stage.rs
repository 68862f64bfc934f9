//! Two simulated servers, a folder, and the real binary between them.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output, Stdio};
use std::time::Duration;

use incydr_simulator::{
    ApiClient, DataOptions, IncydrOptions, RateOptions, RecordKind, SimulatedIncydr, SimulatedSumo,
    SumoOptions, Verdict, Visibility,
};
use incydr_store::{Inspection, PlaceStatus};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};
use tokio::time::timeout;

/// Nothing that a test waits for takes longer, however slow the machine.
const PATIENCE: Duration = Duration::from_secs(180);

/// The servers and the folder of one test.
pub(crate) struct Stage {
    pub(crate) incydr: SimulatedIncydr,
    pub(crate) sumo: SimulatedSumo,
    dir: TempDir,
}

/// A tenant with so many file events, all visible at once, and no throttle.
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

impl Stage {
    pub(crate) async fn new(incydr: IncydrOptions, sumo: SumoOptions) -> Self {
        let stage = Self {
            incydr: SimulatedIncydr::start(incydr).await.expect("a free port"),
            sumo: SimulatedSumo::start(sumo).await.expect("a free port"),
            dir: TempDir::new().expect("a folder for the test"),
        };
        stage.write_source(&["fileEvents"], serde_json::json!({}));
        stage
    }

    /// A tenant with so many file events, and a Sumo Logic that keeps digests.
    pub(crate) async fn with_file_events(file_events: u64) -> Self {
        Self::new(tenant_with(file_events), SumoOptions::default()).await
    }

    /// Writes the source JSON with these streams; members of `more` are added to its configuration, or replace it.
    pub(crate) fn write_source(&self, streams: &[&str], more: serde_json::Value) {
        let ApiClient { id, secret, .. } = ApiClient::default();
        let mut config = serde_json::json!({
            "name": "Code42",
            "category": "code42",
            "baseURL": self.incydr.base_url(),
            "clientID": id,
            "secretKey": secret,
            "dataCollection": streams,
        });
        let more = more.as_object().expect("an object").clone();
        config.as_object_mut().expect("an object").extend(more);
        let source = serde_json::json!({
            "config": config, "schemaRef": { "type": "Code42Incydr" }, "sourceType": "Universal",
        });
        std::fs::write(self.path("code42.json"), source.to_string()).expect("the folder is writable");
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A run of `collect` of the last day, without a destination yet.
    pub(crate) fn collect(&self) -> Collect {
        self.collect_with_state(&self.path("state.db"))
    }

    /// The same with its state in another place.
    pub(crate) fn collect_with_state(&self, state: &Path) -> Collect {
        let mut command = Command::new(env!("CARGO_BIN_EXE_incydr-collector"));
        command.args(["--log-format", "json", "collect"]);
        command.arg("--source").arg(self.path("code42.json"));
        command.arg("--state").arg(state);
        command.arg("--summary-json").arg(self.path("summary.json"));
        command.args(["--allow-base-url", &self.incydr.base_url()]);
        command.args(["--allow-destination-url", &origin(&self.sumo.url())]);
        connect(&mut command);
        Collect {
            command,
            since: "25h".to_owned(),
            requests_per_minute: 60_000,
            sumo_url: self.sumo.url(),
            archive: self.path("archive"),
        }
    }

    /// A run of `check` to its end; its table is the standard output.
    pub(crate) async fn check(&self, destination: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_incydr-collector"));
        command.args(["check", "--to", destination, "--source"]).arg(self.path("code42.json"));
        command.args(["--allow-base-url", &self.incydr.base_url()]);
        command.args(["--allow-destination-url", &origin(&self.sumo.url())]);
        command.stdin(Stdio::null()).kill_on_drop(true);
        timeout(PATIENCE, command.output()).await.expect("it ends").expect("the binary starts")
    }

    /// The only place in the state file, as last committed.
    pub(crate) async fn place(&self) -> PlaceStatus {
        let places = Inspection::of(&self.path("state.db")).places().await.expect("a state file");
        assert_eq!(places.len(), 1, "one stream, one place");
        places.into_iter().next().expect("counted")
    }

    /// How what Sumo Logic received compares with the file events that were there.
    pub(crate) fn verdict(&self) -> Verdict {
        self.incydr.truth().compare(&self.sumo.received(), &[RecordKind::FileEvent])
    }

    /// Every file event arrived unchanged, and no more than `duplicates` arrived twice.
    pub(crate) fn assert_complete(&self, duplicates: u64) {
        let verdict = self.verdict();
        assert!(
            verdict.is_complete(),
            "{} missing, {} altered, {} invented",
            verdict.missing.len(),
            verdict.altered.len(),
            verdict.invented.len()
        );
        assert!(verdict.duplicates <= duplicates, "{} duplicates, {duplicates} may be", verdict.duplicates);
    }

    pub(crate) fn summary(&self) -> serde_json::Value {
        let text = std::fs::read_to_string(self.path("summary.json")).expect("a summary was written");
        serde_json::from_str(&text).expect("the summary is JSON")
    }

    /// The lines of all published files of the archive.
    pub(crate) fn archived_lines(&self) -> Vec<Vec<u8>> {
        let mut lines = Vec::new();
        for file in files_below(&self.path("archive")) {
            if file.extension().is_some_and(|extension| extension == "zst")
                && !file.components().any(|part| part.as_os_str() == ".staging")
            {
                let bytes = zstd::decode_all(std::fs::File::open(&file).expect("readable")).expect("zstd");
                lines.extend(
                    bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(<[u8]>::to_vec),
                );
            }
        }
        lines
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

/// The log is read, nothing else is there.
fn connect(command: &mut Command) {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
}

fn origin(url: &str) -> String {
    url.split('/').take(3).collect::<Vec<_>>().join("/")
}

/// A run that is being put together.
pub(crate) struct Collect {
    command: Command,
    since: String,
    requests_per_minute: u32,
    sumo_url: String,
    archive: PathBuf,
}

impl Collect {
    pub(crate) fn to_sumo(self) -> Self {
        let url = self.sumo_url.clone();
        self.args(["--to", &url])
    }

    pub(crate) fn to_archive(self) -> Self {
        let to = format!("file:{}", self.archive.display());
        self.args(["--to", &to])
    }

    /// Begins elsewhere than 25 hours ago.
    pub(crate) fn since(mut self, since: &str) -> Self {
        since.clone_into(&mut self.since);
        self
    }

    /// Writes NDJSON to its standard output, which is this file.
    pub(crate) fn to_stdout(mut self, file: &Path) -> Self {
        self.command.stdout(std::fs::File::create(file).expect("the folder is writable"));
        self.args(["--to", "-"])
    }

    /// Asks Incydr no more often than this, instead of as often as it likes.
    pub(crate) fn requests_per_minute(mut self, requests: u32) -> Self {
        self.requests_per_minute = requests;
        self
    }

    /// A write past [`Running::limit_file_bytes`] fails, where it would otherwise end the process. Comes first.
    pub(crate) fn surviving_full_files(mut self) -> Self {
        let direct = self.command.as_std();
        let mut shell = Command::new("sh");
        shell
            .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
            .arg(direct.get_program())
            .args(direct.get_args());
        connect(&mut shell);
        self.command = shell;
        self
    }

    /// Polls for ever, five times a second.
    pub(crate) fn following(self) -> Self {
        self.args(["--follow", "--polling-interval", "200ms"])
    }

    pub(crate) fn args<'a>(mut self, args: impl IntoIterator<Item = &'a str>) -> Self {
        self.command.args(args);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn start(mut self) -> Running {
        self.command.args(["--since", &self.since]);
        self.command.args(["--requests-per-minute", &self.requests_per_minute.to_string()]);
        let mut child = self.command.spawn().expect("the binary starts");
        let log = BufReader::new(child.stderr.take().expect("piped")).lines();
        Running { child, log, heard: Vec::new() }
    }

    /// Runs to the end and asserts success.
    pub(crate) async fn succeed(self) -> Vec<String> {
        let ended = self.start().end().await;
        assert!(ended.status.success(), "{}: {}", ended.status, ended.log.join("\n"));
        ended.log
    }
}

/// A run under way.
pub(crate) struct Running {
    child: Child,
    log: Lines<BufReader<ChildStderr>>,
    heard: Vec<String>,
}

/// A run that has ended.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) log: Vec<String>,
}

impl Running {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id().expect("still running")
    }

    /// Kills the process as a crash would.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.expect("it can be killed");
    }

    /// Asks for an orderly end.
    pub(crate) async fn signal(&self, name: &str) {
        let pid = self.pid().to_string();
        let status = Command::new("kill").args(["-s", name, &pid]).status().await.expect("`kill` is there");
        assert!(status.success());
    }

    /// From now on no file may become larger; `None` lifts the limit.
    pub(crate) async fn limit_file_bytes(&self, limit: Option<u64>) {
        let limit = limit.map_or("unlimited".to_owned(), |bytes| bytes.to_string());
        let (pid, limit) = (self.pid().to_string(), format!("--fsize={limit}:"));
        let status = Command::new("prlimit").args(["--pid", &pid, &limit]).status().await;
        assert!(status.expect("`prlimit` is there").success());
    }

    /// Reads the log until a line contains `text`, and returns that line.
    pub(crate) async fn hear(&mut self, text: &str) -> String {
        let hearing = async {
            loop {
                let line = self.log.next_line().await.expect("the log is text");
                let Some(line) = line else {
                    panic!("it ended without {text:?}:\n{}", self.heard.join("\n"))
                };
                self.heard.push(line.clone());
                if line.contains(text) {
                    return line;
                }
            }
        };
        timeout(PATIENCE, hearing).await.unwrap_or_else(|_| panic!("never heard {text:?}"))
    }

    /// Waits for the end.
    pub(crate) async fn end(mut self) -> Ended {
        let ending = async {
            while let Some(line) = self.log.next_line().await.expect("the log is text") {
                self.heard.push(line);
            }
            self.child.wait().await.expect("it can be waited for")
        };
        let status = timeout(PATIENCE, ending).await.expect("it ends");
        Ended { status, log: self.heard }
    }
}
