//! What a process and its children used, as GNU time reports it.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::bench_error::BenchError;

/// From Debian's package `time`.
const GNU_TIME: &str = "/usr/bin/time";
/// Elapsed, user and system seconds, and the largest resident set among the processes, in KiB.
const FORMAT: &str = "--format=%e %U %S %M";

/// What a contestant used.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Usage {
    pub(crate) wall_seconds: f64,
    /// User and system time of the contestant and all its children.
    pub(crate) cpu_seconds: f64,
    /// The peak of the largest process.
    pub(crate) peak_mib: f64,
}

/// Runs `command` to its end; its files go into `folder`, which must be empty.
pub(crate) fn measure(name: &str, command: &Command, folder: &Path) -> Result<Usage, BenchError> {
    let attempt = format!("measuring {name} with {GNU_TIME} (Debian's package `time`)");
    let (said_path, report_path) = (folder.join("stderr"), folder.join("usage"));
    let said = File::create(&said_path).map_err(BenchError::at(&attempt))?;
    let printed = File::create(folder.join("stdout")).map_err(BenchError::at(&attempt))?;
    let mut timed = Command::new(GNU_TIME);
    timed.arg(FORMAT).arg("--output").arg(&report_path).arg(command.get_program()).args(command.get_args());
    timed.envs(command.get_envs().filter_map(|(name, value)| value.map(|value| (name, value))));
    let status =
        timed.stdin(Stdio::null()).stdout(printed).stderr(said).status().map_err(BenchError::at(&attempt))?;
    if !status.success() {
        let said = fs::read(&said_path).map_err(BenchError::at(&attempt))?;
        let said = String::from_utf8_lossy(&said).trim().to_owned();
        return Err(BenchError::Failed { contestant: name.to_owned(), status: status.to_string(), said });
    }
    let report = fs::read_to_string(&report_path).map_err(BenchError::at(&attempt))?;
    Usage::parse(&report).ok_or(BenchError::Unexpected { attempt, answer: report })
}

impl Usage {
    /// Reads the last line, the one in our format.
    fn parse(report: &str) -> Option<Self> {
        let numbers =
            report.lines().last()?.split(' ').map(str::parse).collect::<Result<Vec<f64>, _>>().ok()?;
        let [wall_seconds, user, system, peak_kib] = numbers.try_into().ok()?;
        Some(Self { wall_seconds, cpu_seconds: user + system, peak_mib: peak_kib / 1_024.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_of_gnu_time_is_read() {
        let usage = Usage { wall_seconds: 4.2, cpu_seconds: 2.25, peak_mib: 11.5 };
        assert_eq!(Usage::parse("4.20 1.75 0.50 11776\n"), Some(usage));
        assert_eq!(
            Usage::parse("Command exited with non-zero status 1\n4.20 1.75 0.50 11776\n"),
            Some(usage)
        );
        assert_eq!(Usage::parse(""), None);
    }
}
