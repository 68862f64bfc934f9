//! `bench`: builds what is released and lets `crates/bench` measure it.

use clap::Args;

use crate::step::{self, Failure};
use crate::workspace::{RELEASED_PACKAGE, cargo};

/// What to measure.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub(crate) struct BenchOptions {
    /// Once instead of five times.
    #[arg(long)]
    quick: bool,
    /// Measure the vendor's own command line as well, after installing it from its package index.
    #[arg(long)]
    peers: bool,
    /// Only these measurements: speed, memory, durability, backfill, hosting. Repeatable.
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
}

/// One build for both programs, so that they lie side by side.
pub(crate) fn run(options: &BenchOptions) -> Result<(), Failure> {
    step::run(&mut cargo(["build", "--release", "-p", RELEASED_PACKAGE, "-p", "incydr-bench"]))?;
    let mut bench = cargo(["run", "--release", "--quiet", "-p", "incydr-bench", "--"]);
    bench.args(options.quick.then_some("--quick")).args(options.peers.then_some("--peers"));
    bench.args(options.only.iter().map(|name| format!("--only={name}")));
    step::run(&mut bench)
}
