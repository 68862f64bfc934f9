//! `e2e`: the real program between the simulated services, driven by clients that others wrote: Sumo Logic's Python
//! SDK, curl as Sumo Logic's documentation uses it, and an API fuzzer over the served description.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use clap::Args;

use crate::step::{self, Failure};
use crate::workspace::{RELEASED_PACKAGE, cargo, root, target_folder};

/// The fuzzer ends after so many seconds, whatever it has not tried yet.
const FUZZING_SECONDS: &str = "150";

/// What the fuzzer holds every answer against.
const CHECKS: &str =
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";

/// How to run them.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub(crate) struct EndToEndOptions {
    /// Drive what is released instead of a debug build.
    #[arg(long)]
    release: bool,
}

/// Builds the program, installs the clients, and lets one after the other do its work.
pub(crate) fn run(options: &EndToEndOptions) -> Result<(), Failure> {
    step::run(cargo(["build", "-p", RELEASED_PACKAGE]).args(options.release.then_some("--release")))?;
    let profile = if options.release { "release" } else { "debug" };
    let program = target_folder().join(profile).join(RELEASED_PACKAGE);
    let folder = target_folder().join("e2e");
    let clients = install_clients(&folder)?;
    let services = Running::start(
        Command::new(&program).args(["simulate", "--incydr-port=0", "--sumo-port=0", "--rate-limit=100000"]),
        "Sumo",
    )?;
    let daemon = start_daemon(&program, &folder, &services)?;
    let setting = [
        ("API_URL", daemon.said("Listening on")?),
        ("ACCESS_ID", daemon.said("Access ID:")?),
        ("ACCESS_KEY", daemon.said("Access key:")?),
        ("INCYDR_URL", services.said("Incydr")?),
        ("CLIENT_ID", services.said("clientID")?),
        ("SECRET_KEY", services.said("secretKey")?),
    ];
    let scripts = root().join("e2e");
    step::run(Command::new(clients.join("python")).arg(scripts.join("sdk.py")).envs(setting))?;
    step::run(Command::new(scripts.join("documented_calls.sh")).envs(setting))?;
    fuzz(&clients, &folder, &setting.into())
}

/// A virtual environment with the clients; what is there already is used again.
fn install_clients(folder: &Path) -> Result<PathBuf, Failure> {
    let environment = folder.join("venv");
    let programs = environment.join("bin");
    if !programs.join("pip").exists() {
        step::run(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
    }
    let requirements = root().join("e2e").join("requirements.txt");
    step::run(
        Command::new(programs.join("pip")).args(["install", "--quiet", "--requirement"]).arg(requirements),
    )?;
    Ok(programs)
}

/// Starts the program on an empty data folder.
fn start_daemon(program: &Path, folder: &Path, services: &Running) -> Result<Running, Failure> {
    let data = folder.join("data");
    match fs::remove_dir_all(&data) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(Failure::new(format!("`{}` could not be emptied: {error}", data.display())));
        }
        Ok(()) | Err(_) => {}
    }
    let mut command = Command::new(program);
    command.args(["--log-level", "warn", "run", "--listen", "127.0.0.1:0", "--data-dir"]).arg(data);
    command.args(["--to", services.said("Sumo")?, "--allow-destination-url", origin(services.said("Sumo")?)]);
    command.args(["--allow-base-url", services.said("Incydr")?, "--requests-per-minute", "60000"]);
    command.args(["--api-requests-per-second", "100000", "--api-requests-at-once", "1000"]);
    Running::start(&mut command, "Listening on")
}

/// Tries what the description allows and what it does not; a failure of ours or an answer that is not as described
/// ends it with an error.
fn fuzz(clients: &Path, folder: &Path, setting: &BTreeMap<&str, &str>) -> Result<(), Failure> {
    let description = format!("{}/api/v1/openapi.json", setting["API_URL"]);
    let credentials = format!("{}:{}", setting["ACCESS_ID"], setting["ACCESS_KEY"]);
    let mut fuzzer = Command::new(clients.join("schemathesis"));
    fuzzer.current_dir(folder);
    fuzzer.args(["run", &description, "--auth", &credentials, "--header", "If-Match: *"]);
    fuzzer.args(["--checks", CHECKS]);
    fuzzer.args(["--max-examples", "40", "--max-time", FUZZING_SECONDS, "--seed", "42", "--no-shrink"]);
    fuzzer.args(["--generation-database", "none", "--request-timeout", "20", "--warnings", "off"]);
    step::run(fuzzer.arg("--no-color"))
}

/// A program that runs until this is dropped.
struct Running {
    child: Child,
    /// What it has printed until it was ready.
    printed: Vec<String>,
}

impl Running {
    /// Starts `command` and reads what it prints, up to the line that begins with `ready`.
    fn start(command: &mut Command, ready: &str) -> Result<Self, Failure> {
        let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let child =
            spawned.map_err(|error| Failure::new(format!("the program could not be started: {error}")))?;
        let mut running = Self { child, printed: Vec::new() };
        let Some(out) = running.child.stdout.take() else {
            return Err(Failure::new("what the program prints cannot be read"));
        };
        for line in BufReader::new(out).lines() {
            let line = line.map_err(|error| Failure::new(format!("what the program prints: {error}")))?;
            let is_ready = line.starts_with(ready);
            running.printed.push(line);
            if is_ready {
                return Ok(running);
            }
        }
        Err(Failure::new(format!("the program ended before it said `{ready}`")))
    }

    /// The word after `label` in what it printed.
    fn said(&self, label: &str) -> Result<&str, Failure> {
        let word = self.printed.iter().find_map(|line| line.strip_prefix(label)?.split_whitespace().next());
        word.ok_or_else(|| Failure::new(format!("the program did not say `{label}`")))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.child.kill().and_then(|()| self.child.wait()).map(drop).unwrap_or_default();
    }
}

/// Scheme, host and port of a URL.
fn origin(url: &str) -> &str {
    url.match_indices('/').nth(2).map_or(url, |(end, _)| &url[..end])
}
