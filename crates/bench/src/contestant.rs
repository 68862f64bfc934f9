//! Who does the work: the collector, a loop of shell commands, or the vendor's own command line.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use incydr_simulator::ApiClient;
use serde_json::json;

use crate::bench_error::BenchError;
use crate::server::{Addresses, HISTORY_HOURS};

/// How events travel to Sumo Logic.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Codec {
    Zstd,
    Gzip,
}

impl Codec {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Zstd => "zstd",
            Self::Gzip => "gzip",
        }
    }
}

/// Who does the work.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Contestant {
    /// `incydr-collector collect`, with everything on.
    Collector(Codec),
    /// `curl | zstd -1 | curl`, or with gzip.
    ShellLoop(Codec),
    /// `incydr file-events search`, which only prints; this is its program.
    Incydr(PathBuf),
}

impl fmt::Display for Contestant {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Collector(codec) => write!(out, "incydr-collector, {}", codec.as_str()),
            Self::ShellLoop(codec) => write!(out, "`curl | {} -1 | curl`", codec.as_str()),
            Self::Incydr(_) => out.write_str("`incydr` (prints only)"),
        }
    }
}

/// Where a contestant works.
pub(crate) struct Workplace<'a> {
    pub(crate) addresses: &'a Addresses,
    /// An empty folder for its files.
    pub(crate) folder: &'a Path,
    /// Where the collector keeps its place.
    pub(crate) state: &'a Path,
    /// The released program.
    pub(crate) collector: &'a Path,
}

impl Contestant {
    /// The command that does all the work, once.
    pub(crate) fn command(&self, at: &Workplace<'_>) -> Result<Command, BenchError> {
        match self {
            Self::Collector(codec) => at.collector_command(*codec),
            Self::ShellLoop(codec) => at.shell_command(*codec),
            Self::Incydr(program) => Ok(at.incydr_command(program)),
        }
    }
}

impl Workplace<'_> {
    fn collector_command(&self, codec: Codec) -> Result<Command, BenchError> {
        let client = ApiClient::default();
        let source = json!({"api.version": "v1", "source": {
            "sourceType": "Universal",
            "schemaRef": {"type": "Code42Incydr"},
            "config": {
                "name": "bench", "category": "code42", "baseURL": self.addresses.incydr,
                "clientID": client.id, "secretKey": client.secret, "dataCollection": ["fileEvents"],
            },
        }});
        let path = self.write("source.json", &source.to_string())?;
        let mut command = Command::new(self.collector);
        command.arg("collect").arg("--source").arg(path).arg("--to").arg(&self.addresses.sumo);
        command.arg("--allow-base-url").arg(&self.addresses.incydr);
        command.arg("--allow-destination-url").arg(origin_of(&self.addresses.sumo));
        command.arg("--state").arg(self.state).arg("--summary-json").arg(self.folder.join("summary.json"));
        command.arg(format!("--since={}h", HISTORY_HOURS + 1));
        command.args(["--compression", codec.as_str(), "--requests-per-minute", "120"]);
        Ok(command)
    }

    fn shell_command(&self, codec: Codec) -> Result<Command, BenchError> {
        let client = ApiClient::default();
        let script = self.write("shell_loop.sh", include_str!("shell_loop.sh"))?;
        let mut command = Command::new("bash");
        command.arg(script).args([&self.addresses.incydr, &client.id, &client.secret, &self.addresses.sumo]);
        command.arg(codec.as_str()).arg(self.folder);
        Ok(command)
    }

    fn incydr_command(&self, program: &Path) -> Command {
        let client = ApiClient::default();
        let mut command = Command::new(program);
        // Without a risk score it leaves out most events; its page size is 100 unless told otherwise.
        command.args([
            "file-events",
            "search",
            "--start",
            "2000-01-01",
            "--risk-score",
            "0",
            "--format",
            "json-lines",
        ]);
        command.env("INCYDR_URL", &self.addresses.incydr);
        command.env("INCYDR_API_CLIENT_ID", client.id).env("INCYDR_API_CLIENT_SECRET", client.secret);
        command.env("INCYDR_PAGE_SIZE", "10000").env("INCYDR_USE_RICH", "false");
        command
    }

    fn write(&self, name: &str, text: &str) -> Result<PathBuf, BenchError> {
        let path = self.folder.join(name);
        fs::write(&path, text).map_err(BenchError::at("writing a contestant's files"))?;
        Ok(path)
    }
}

/// Scheme, host and port of an address.
pub(crate) fn origin_of(address: &str) -> &str {
    let end = address.match_indices('/').nth(2).map_or(address.len(), |(at, _)| at);
    &address[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_ends_before_the_path() {
        assert_eq!(origin_of("http://127.0.0.1:40124/receiver/v1/http/x"), "http://127.0.0.1:40124");
        assert_eq!(origin_of("http://127.0.0.1:40124"), "http://127.0.0.1:40124");
    }
}
