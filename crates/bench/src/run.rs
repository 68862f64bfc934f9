//! One run: one contestant, what it used, and whether what arrived is right.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::bench_error::BenchError;
use crate::contestant::{Contestant, Workplace};
use crate::load::Load;
use crate::server::{Addresses, NEXT_RUN, Verdict};
use crate::stage::Stage;
use crate::usage::{self, Usage};

/// How all runs are made.
pub(crate) struct Bench {
    pub(crate) is_quick: bool,
    /// The folder of our own program and of the released one, on a real disk.
    folder: PathBuf,
}

/// What one run showed.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Run {
    pub(crate) usage: Usage,
    pub(crate) verdict: Verdict,
}

impl Run {
    pub(crate) fn cpu_seconds_per_gb(&self) -> f64 {
        self.usage.cpu_seconds / (self.verdict.event_bytes as f64 / 1e9)
    }

    pub(crate) fn events_per_cpu_second(&self) -> f64 {
        self.verdict.events as f64 / self.usage.cpu_seconds
    }
}

impl Bench {
    pub(crate) fn new(is_quick: bool) -> Result<Self, BenchError> {
        const ATTEMPT: &str = "finding the built programs";
        let program = std::env::current_exe().map_err(BenchError::at(ATTEMPT))?;
        let folder = program.parent().map(Path::to_owned).unwrap_or_default();
        Ok(Self { is_quick, folder })
    }

    /// How often each contestant is measured.
    pub(crate) fn repetitions(&self) -> usize {
        if self.is_quick { 1 } else { 5 }
    }

    /// Where folders for runs lie, on a real disk.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The released program.
    pub(crate) fn collector(&self) -> PathBuf {
        self.folder.join("incydr-collector")
    }

    /// Where things may stay from one bench to the next.
    pub(crate) fn cache(&self) -> PathBuf {
        self.folder.join("bench-cache")
    }

    /// Lets the contestants take turns: one list of runs for each.
    pub(crate) fn compete<const N: usize>(
        &self,
        contestants: [&Contestant; N],
        load: Load,
    ) -> Result<[Vec<Run>; N], BenchError> {
        let mut track = self.lay(load)?;
        let mut runs = [const { Vec::new() }; N];
        for _ in 0..self.repetitions() {
            for (contestant, runs) in contestants.iter().zip(&mut runs) {
                runs.push(track.run(contestant, &self.folder)?);
            }
        }
        Ok(runs)
    }

    /// A single run, with its place on the disk.
    pub(crate) fn run(&self, contestant: &Contestant, load: Load) -> Result<Run, BenchError> {
        self.lay(load)?.run(contestant, &self.folder)
    }

    /// Starts the servers for runs of one load.
    pub(crate) fn lay(&self, load: Load) -> Result<Track<'_>, BenchError> {
        Ok(Track { bench: self, stage: Stage::set(&load.to_arguments())? })
    }

    pub(crate) fn temporary_folder(&self, parent: &Path) -> Result<TempDir, BenchError> {
        tempfile::Builder::new()
            .prefix("bench-")
            .tempdir_in(parent)
            .map_err(BenchError::at("making a folder for a run"))
    }
}

/// Servers for one run after the other.
pub(crate) struct Track<'a> {
    bench: &'a Bench,
    stage: Stage<Addresses>,
}

impl Track<'_> {
    /// Lets one contestant run, which keeps its place in a new folder inside `state_parent`.
    pub(crate) fn run(&mut self, contestant: &Contestant, state_parent: &Path) -> Result<Run, BenchError> {
        let folder = self.bench.temporary_folder(self.bench.folder())?;
        let state = self.bench.temporary_folder(state_parent)?;
        let workplace = Workplace {
            addresses: &self.stage.ask(NEXT_RUN)?,
            folder: folder.path(),
            state: &state.path().join("state.db"),
            collector: &self.bench.collector(),
        };
        let name = contestant.to_string();
        let usage = usage::measure(&name, &contestant.command(&workplace)?, folder.path())?;
        let verdict: Verdict = self.stage.ask("verdict")?;
        judge(contestant, &verdict, folder.path())?;
        let seconds = usage.wall_seconds;
        eprintln!("{name}: {seconds:.2} s, {:.2} CPU-s, {:.1} MiB", usage.cpu_seconds, usage.peak_mib);
        Ok(Run { usage, verdict })
    }
}

/// A run counts only when its output is right.
fn judge(contestant: &Contestant, verdict: &Verdict, folder: &Path) -> Result<(), BenchError> {
    let problem = match contestant {
        Contestant::Collector(_) if verdict.is_perfect() => return Ok(()),
        Contestant::Collector(_) => {
            let Verdict { missing, invented, altered, duplicates, .. } = verdict;
            format!(
                "{missing} events are missing, {invented} invented, {altered} altered, {duplicates} duplicate"
            )
        }
        Contestant::ShellLoop(_) if verdict.arrived_bytes >= verdict.event_bytes => return Ok(()),
        Contestant::ShellLoop(_) => {
            format!("{} bytes of {} arrived", verdict.arrived_bytes, verdict.event_bytes)
        }
        Contestant::Incydr(_) => {
            let lines = lines_of(&folder.join("stdout"))?;
            if lines == verdict.events {
                return Ok(());
            }
            format!("it printed {lines} events of {}", verdict.events)
        }
    };
    Err(BenchError::WrongOutput { contestant: contestant.to_string(), problem })
}

fn lines_of(path: &Path) -> Result<u64, BenchError> {
    let count = || File::open(path).map(|file| BufReader::new(file).split(b'\n').count() as u64);
    count().map_err(BenchError::at("reading what a contestant printed"))
}
