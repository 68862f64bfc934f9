//! What can be written on the command line. The help texts are the tool's first documentation.
//!
//! Values that may hold a credential are taken as plain text here and judged later, because the argument parser
//! would show them in its own errors.

mod client;
mod collection;
mod daemon;
mod simulation;

use clap::{Args, Parser, Subcommand};

use crate::configuration::LogSettings;
use crate::telemetry::{LogFormat, LogLevel};

pub use self::client::{
    BackfillsVerb, ClientOptions, CollectorSettings, CollectorsVerb, ConnectionOptions, DeadLettersVerb,
    FieldsVerb, HealthVerb, KeysVerb, LetterAddress, OutputFormat, RoleWord, SourceAddress, SourcesVerb,
    StatusOptions,
};
pub use self::collection::{CheckOptions, CollectOptions, DestinationOptions, PaceOptions, SourceOptions};
pub use self::daemon::{ResetAccessOptions, RotateVaultKeyOptions, RunOptions, StoppedDaemonOptions};
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
    Run(Box<RunOptions>),
    /// Print the configuration that `run` would work by, every key with its meaning.
    Config(Box<RunOptions>),
    /// Show what runs and what is wrong.
    Status(StatusOptions),
    /// Manage collectors of a running daemon.
    Collectors(ClientOptions<CollectorsVerb>),
    /// Manage sources of a running daemon.
    Sources(ClientOptions<SourcesVerb>),
    /// Show health events of a running daemon.
    Health(ClientOptions<HealthVerb>),
    /// Manage the schema of fields of a running daemon.
    Fields(ClientOptions<FieldsVerb>),
    /// Manage access keys of a running daemon.
    Keys(ClientOptions<KeysVerb>),
    /// Collect ranges of the past.
    Backfills(ClientOptions<BackfillsVerb>),
    /// Look after events that could not be delivered.
    DeadLetters(ClientOptions<DeadLettersVerb>),
    /// Give the vault of a stopped daemon another key.
    RotateVaultKey(RotateVaultKeyOptions),
    /// Make an access key for a stopped daemon, for those who have lost theirs.
    ResetAccess(ResetAccessOptions),
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
#[derive(Clone, Copy, PartialEq, Eq, Debug, Args)]
#[command(next_help_heading = "Log")]
pub struct LogOptions {
    /// What a log line looks like; `json` also turns progress bars off.
    /// [default: text]
    #[arg(long = "log-format", value_enum, global = true)]
    pub format: Option<LogFormat>,
    /// The least important events that are logged. [default: info]
    #[arg(long = "log-level", value_enum, global = true)]
    pub level: Option<LogLevel>,
}

impl LogOptions {
    /// These options where they are given, else what `settings` say.
    pub fn over(self, settings: LogSettings) -> LogSettings {
        LogSettings {
            format: self.format.unwrap_or(settings.format),
            level: self.level.unwrap_or(settings.level),
        }
    }
}
