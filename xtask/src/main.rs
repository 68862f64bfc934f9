//! Every chore of the workspace, as `cargo xtask VERB`.
//!
//! A verb prints each step before it takes it, passes the step's own output through, and stops at the first step
//! that fails.

mod bench;
mod check;
mod demo_shots;
mod dependencies;
mod e2e;
mod fuzz;
mod step;
mod test;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Every chore of the workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Options {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Check formatting, lints, documentation and dependencies.
    Check,
    /// Check, then run all tests and the fuzz corpora: everything that CI runs.
    Test,
    /// Let libFuzzer invent inputs for the parts that read what others wrote.
    Fuzz(fuzz::FuzzOptions),
    /// Drive the API with clients that others wrote: an SDK, curl and a fuzzer. Needs Python and its package index.
    E2e(e2e::EndToEndOptions),
    /// Take pictures of every page into `target/demo-shots`, to be looked at. Needs Chromium and its driver.
    DemoShots(demo_shots::DemoShotsOptions),
    /// Measure speed and memory against the same work done by a shell loop, and print the table of the README.
    Bench(bench::BenchOptions),
}

fn main() -> ExitCode {
    let outcome = match Options::parse().verb {
        Verb::Check => check::run(),
        Verb::Test => test::run(),
        Verb::Fuzz(options) => fuzz::run(&options),
        Verb::E2e(options) => e2e::run(&options),
        Verb::DemoShots(options) => demo_shots::run(&options),
        Verb::Bench(options) => bench::run(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nerror: {failure}");
            ExitCode::FAILURE
        }
    }
}
