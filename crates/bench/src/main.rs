//! Measures whole runs of the collector against the same work done by others, on simulated services.
//!
//! Every number comes from a process of its own: the servers run in one, each contestant in another, and GNU time
//! reports what the contestant and its children used. Contestants take turns, so that a busy moment of the machine
//! meets them all, and only ratios of one run are judged. A run counts only when what arrived is right.
//!
//! Not for: parts of the collector. Those have examples and tests of their own.

mod backfill;
mod bench_error;
mod contestant;
mod durability;
mod goal;
mod hosting;
mod load;
mod memory;
mod peer;
mod report;
mod run;
mod server;
mod speed;
mod spread;
mod stage;
mod usage;

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

use crate::bench_error::BenchError;
use crate::load::Load;
use crate::report::Report;
use crate::run::Bench;

/// Measures whole runs of the collector against the same work done by others.
#[derive(Debug, Parser)]
#[command(name = "incydr-bench")]
struct Options {
    #[command(subcommand)]
    internal: Option<Internal>,
    /// Once instead of five times.
    #[arg(long)]
    quick: bool,
    /// Measure the vendor's own command line as well, after installing it from its package index.
    #[arg(long)]
    peers: bool,
    /// Only these measurements. Repeatable.
    #[arg(long, value_enum)]
    only: Vec<Measurement>,
}

#[derive(Debug, Subcommand)]
enum Internal {
    /// Be the servers of one run.
    #[command(hide = true)]
    Serve(Load),
    /// Be the servers of many tenants.
    #[command(hide = true)]
    ServeTenants(hosting::Tenants),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Measurement {
    /// Wall and CPU time per byte.
    Speed,
    /// Peak memory with large pages and large events.
    Memory,
    /// What it costs to keep the place on disk.
    Durability,
    /// A backfill under the limit of requests.
    Backfill,
    /// Thousands of idle sources in one daemon.
    Hosting,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let outcome = match &options.internal {
        Some(Internal::Serve(load)) => server::serve(load),
        Some(Internal::ServeTenants(tenants)) => hosting::serve(tenants),
        None => measure(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What was measured is printed even if a later measurement could not be made.
fn measure(options: &Options) -> Result<(), BenchError> {
    let mut report = Report::default();
    let outcome = fill(&mut report, options);
    let printed = std::io::stdout().write_all(report.to_string().as_bytes());
    outcome.and(printed.map_err(BenchError::at("printing the report")))
}

fn fill(report: &mut Report, options: &Options) -> Result<(), BenchError> {
    let bench = Bench::new(options.quick)?;
    let wanted = |measurement| options.only.is_empty() || options.only.contains(&measurement);
    if wanted(Measurement::Speed) {
        speed::measure(&bench, options.peers, report)?;
    }
    if wanted(Measurement::Memory) {
        memory::measure(&bench, report)?;
    }
    if wanted(Measurement::Durability) {
        durability::measure(&bench, report)?;
    }
    if wanted(Measurement::Backfill) {
        backfill::measure(&bench, report)?;
    }
    if wanted(Measurement::Hosting) {
        hosting::measure(&bench, report)?;
    }
    Ok(())
}
