//! What a running process uses, as Linux and strace say it.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::bench_error::BenchError;

/// Of these one second has a hundred, on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// How `timeout` ends when it ended the command.
const TIME_IS_UP: i32 = 124;

/// What a process has used so far.
pub(super) struct Vitals {
    /// The most that it ever held.
    pub(super) peak_mib: f64,
    /// User and system time.
    pub(super) cpu_seconds: f64,
}

impl Vitals {
    /// Of a process that runs.
    pub(super) fn of(pid: u32) -> Result<Self, BenchError> {
        const ATTEMPT: &str = "reading what the daemon uses";
        let read =
            |name: &str| fs::read_to_string(format!("/proc/{pid}/{name}")).map_err(BenchError::at(ATTEMPT));
        let (status, stat) = (read("status")?, read("stat")?);
        let vitals = peak_kib(&status).zip(ticks(&stat));
        vitals
            .map(|(kib, ticks)| Self { peak_mib: kib / 1_024.0, cpu_seconds: ticks / TICKS_PER_SECOND })
            .ok_or_else(|| BenchError::Unexpected { attempt: ATTEMPT.to_owned(), answer: stat })
    }
}

fn peak_kib(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// The fields after the program's name, which may contain anything.
fn ticks(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let times = fields.split_whitespace().skip(11).take(2);
    times.map(|ticks| ticks.parse::<f64>().ok()).sum()
}

/// How often a process makes a file durable, watched for `span`.
pub(super) fn syncs_per_second(pid: u32, span: Duration, folder: &Path) -> Result<f64, BenchError> {
    const ATTEMPT: &str = "counting syncs with strace (Debian's package `strace`)";
    let counts = folder.join("syncs");
    let status = Command::new("timeout")
        .args(["--signal=INT", &span.as_secs().to_string(), "strace", "--follow-forks", "--summary-only"])
        .args(["--trace=fsync,fdatasync", "--attach", &pid.to_string(), "--output"])
        .arg(&counts)
        .stderr(Stdio::null())
        .status()
        .map_err(BenchError::at(ATTEMPT))?;
    // Without the right to look, strace ends at once and has counted nothing.
    if status.code() != Some(TIME_IS_UP) {
        return Err(BenchError::Unexpected { attempt: ATTEMPT.to_owned(), answer: status.to_string() });
    }
    let table = fs::read_to_string(&counts).map_err(BenchError::at(ATTEMPT))?;
    Ok(calls(&table) / span.as_secs_f64())
}

/// Sums the column of calls; a table without the calls has no such line.
fn calls(table: &str) -> f64 {
    let lines = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let syncs = lines.filter(|words| matches!(words.last(), Some(&"fsync" | &"fdatasync")));
    syncs.filter_map(|words| words.get(3)?.parse::<f64>().ok()).fold(0.0, |sum, calls| sum + calls)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_of_linux_and_strace_are_read() {
        assert_eq!(peak_kib("VmPeak:\t  9 kB\nVmHWM:\t   2048 kB\n"), Some(2_048.0));
        assert_eq!(ticks("7 (a ) b) S 1 7 7 0 -1 4194560 1 0 0 0 250 50 0 0 20 0"), Some(300.0));
        let table = "% time     seconds  usecs/call     calls    errors syscall\n\
            ------ ----------- ----------- --------- --------- ----------------\n\
             75.00    0.009988         181        55           fsync\n\
             25.00    0.003329         181         5         1 fdatasync\n\
            100.00    0.013317         181        60         1 total\n";
        assert_eq!(calls(table), 60.0);
        assert_eq!(calls(""), 0.0);
    }
}
