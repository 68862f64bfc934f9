//! What can be written on the command line. The help texts are the tool's first documentation.
//!
//! Values that may hold a credential are taken as plain text here and judged later, because the argument parser
//! would show them in its own errors.

mod collection;
mod daemon;
mod simulation;

use clap::{Args, Parser, Subcommand};

use crate::telemetry::{LogFormat, LogLevel};

pub use self::collection::{CheckOptions, CollectOptions, DestinationOptions, PaceOptions, SourceOptions};
pub use self::daemon::{ApiOptions, RunOptions};
pub use self::simulation::{DemoOptions, SimulateOptions};

const EXAMPLES: &str = "\
Examples:
  incydr-collector demo
      See it work without an account, from a simulated Incydr to a simulated Sumo Logic.
  incydr-collector check --source code42.json
      Try the credentials and permissions of a source.
  incydr-collector collect --source code42.json --to https://… --since 90d --follow
      Deliver the last 90 days to Sumo Logic, then everything new.

Exit codes: 0 success, 1 a mistake in what you wrote, 2 a failure of the collector or its machine.";

/// Collects Code42 Incydr file events, alerts and audit logs into Sumo Logic without losing one.
#[derive(Clone, PartialEq, Debug, Parser)]
#[command(name = "incydr-collector", version, after_help = EXAMPLES)]
pub struct Options {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
    /// What to log.
    #[command(flatten)]
    pub log: LogOptions,
}

/// What the program can do.
#[derive(Clone, PartialEq, Debug, Subcommand)]
pub enum Verb {
    /// Host collectors and their sources, managed over an HTTP API.
    Run(RunOptions),
    /// Collect events and deliver them.
    Collect(CollectOptions),
    /// Try a source and its destinations without collecting anything.
    Check(CheckOptions),
    /// Run a simulated Incydr and a simulated Sumo Logic on this machine.
    Simulate(SimulateOptions),
    /// Watch a collection from a simulated Incydr to a simulated Sumo Logic.
    Demo(DemoOptions),
}

/// What to log. Logs go to standard error.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
#[command(next_help_heading = "Log")]
pub struct LogOptions {
    /// What a log line looks like; `json` also turns progress bars off.
    #[arg(long = "log-format", value_enum, default_value_t, global = true)]
    pub format: LogFormat,
    /// The least important events that are logged.
    #[arg(long = "log-level", value_enum, default_value_t, global = true)]
    pub level: LogLevel,
}
