//! The options of the verbs that talk to a running daemon over its API.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::allowed_origin::Origin;

/// How the daemon is reached, and how its answers are shown. The access key comes from the variable
/// `INCYDR_ACCESS_KEY` or from a file, so that it never stands in the list of processes.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
#[command(next_help_heading = "Connection")]
pub struct ConnectionOptions {
    /// Where the daemon listens: https, or plain http on this machine.
    #[arg(
        long,
        value_name = "URL",
        env = "INCYDR_COLLECTOR_URL",
        default_value = "http://127.0.0.1:8642",
        value_parser = Origin::parse_allowed,
        global = true
    )]
    pub url: Origin,
    /// The access ID.
    #[arg(long, value_name = "ID", env = "INCYDR_ACCESS_ID", global = true)]
    pub access_id: Option<String>,
    /// A file that holds the access key, instead of the variable `INCYDR_ACCESS_KEY`.
    #[arg(long, value_name = "FILE", global = true)]
    pub access_key_file: Option<PathBuf>,
    /// How answers are shown.
    #[arg(long, value_enum, default_value_t, global = true)]
    pub output: OutputFormat,
}

/// How answers are shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum OutputFormat {
    /// A table for people.
    #[default]
    Table,
    /// The JSON of the API for programs.
    Json,
}

/// A verb that talks to the daemon.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct ClientOptions<V: Subcommand> {
    /// How the daemon is reached.
    #[command(flatten)]
    pub connection: ConnectionOptions,
    /// What to do.
    #[command(subcommand)]
    pub verb: V,
}

/// What can be done with collectors. A collector is named by its number or its name.
#[derive(Clone, PartialEq, Eq, Debug, Subcommand)]
pub enum CollectorsVerb {
    /// List all collectors.
    List,
    /// Show one collector.
    Show {
        /// Number or name.
        collector: String,
    },
    /// Create a collector.
    Create {
        /// Its name.
        name: String,
        /// Its settings.
        #[command(flatten)]
        settings: CollectorSettings,
    },
    /// Change settings of a collector; the others stay as they are.
    Update {
        /// Number or name.
        collector: String,
        /// Give it this name.
        #[arg(long)]
        name: Option<String>,
        /// Its settings.
        #[command(flatten)]
        settings: CollectorSettings,
    },
    /// Delete a collector with all its sources.
    Delete {
        /// Number or name.
        collector: String,
    },
}

/// Settings of a collector, which its sources inherit.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct CollectorSettings {
    /// What it is for.
    #[arg(long)]
    pub description: Option<String>,
    /// The source category of sources without one of their own.
    #[arg(long)]
    pub category: Option<String>,
    /// A field of all events, as in `team=ir`. Repeatable; replaces the fields that there were.
    #[arg(long = "field", value_name = "NAME=VALUE", value_parser = field)]
    pub fields: Vec<(String, String)>,
}

/// Which source of which collector, each by number or name.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct SourceAddress {
    /// Number or name of the collector.
    pub collector: String,
    /// Number or name of the source.
    pub source: String,
}

/// What can be done with sources.
#[derive(Clone, PartialEq, Eq, Debug, Subcommand)]
pub enum SourcesVerb {
    /// List the sources of a collector.
    List {
        /// Number or name of the collector.
        collector: String,
    },
    /// Show one source.
    Show(SourceAddress),
    /// Create a source from a JSON file. Secrets in it may be `env:NAME` or `file:PATH`.
    Create {
        /// Number or name of the collector.
        collector: String,
        /// The file with the JSON, or `-` for standard input.
        #[arg(long)]
        file: PathBuf,
    },
    /// Replace the configuration of a source by that of a JSON file.
    Update {
        /// Which source.
        #[command(flatten)]
        address: SourceAddress,
        /// The file with the JSON, or `-` for standard input. A masked secret keeps the stored one.
        #[arg(long)]
        file: PathBuf,
    },
    /// Delete a source, after its deliveries have ended.
    Delete(SourceAddress),
    /// Begin the life of a source anew, at the same place.
    Restart(SourceAddress),
    /// Poll all streams of a source now.
    Poll(SourceAddress),
    /// Show how far the streams of a source have come.
    Streams(SourceAddress),
}

/// What can be done with health events.
#[derive(Clone, PartialEq, Eq, Debug, Subcommand)]
pub enum HealthVerb {
    /// List the open health events.
    List,
    /// List health events, also those that are over, newest first.
    History,
}

/// What can be done with fields. A field is named by its ID or its name.
#[derive(Clone, PartialEq, Eq, Debug, Subcommand)]
pub enum FieldsVerb {
    /// List the fields of the schema.
    List,
    /// Add a field to the schema.
    Create {
        /// Its name.
        name: String,
    },
    /// Remove a field from the schema.
    Delete {
        /// ID or name.
        field: String,
    },
    /// Let a field leave with the events again.
    Enable {
        /// ID or name.
        field: String,
    },
    /// Keep a field back from now on.
    Disable {
        /// ID or name.
        field: String,
    },
    /// List the fields that were kept back because the schema does not have them.
    Dropped,
}

/// What can be done with access keys.
#[derive(Clone, PartialEq, Eq, Debug, Subcommand)]
pub enum KeysVerb {
    /// List the access keys.
    List,
    /// Create an access key; the key is shown only now.
    Create {
        /// What it is for.
        label: String,
        /// What its holder may do.
        #[arg(long, value_enum, default_value_t)]
        role: RoleWord,
        /// Number or name of the one collector that it may see.
        #[arg(long)]
        collector: Option<String>,
        /// From when on it is worth nothing, in RFC 3339.
        #[arg(long, value_name = "TIME")]
        expires: Option<String>,
    },
    /// Make an access key worthless.
    Revoke {
        /// The access ID of the key.
        revoked: String,
    },
}

/// What the holder of a key may do.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum RoleWord {
    /// See and change everything.
    Manage,
    /// See everything.
    #[default]
    View,
}

/// What can be done with backfills.
#[derive(Clone, PartialEq, Eq, Debug, Subcommand)]
pub enum BackfillsVerb {
    /// List the backfills of a source, newest first.
    List(SourceAddress),
    /// Collect a range of the past beside the live streams.
    Create {
        /// Which source.
        #[command(flatten)]
        address: SourceAddress,
        /// `fileEvents`, `alerts` or `auditLogs`.
        #[arg(long)]
        stream: String,
        /// Where it begins: RFC 3339, a date, or a span before now such as `90d`.
        #[arg(long, value_name = "TIME")]
        since: String,
        /// Where it ends, written like `--since`. [default: now]
        #[arg(long, value_name = "TIME")]
        until: Option<String>,
        /// Only say what it would collect.
        #[arg(long)]
        dry_run: bool,
    },
    /// End a backfill; what it has delivered stays delivered.
    Cancel {
        /// Which source.
        #[command(flatten)]
        address: SourceAddress,
        /// The number of the backfill.
        backfill: u64,
    },
}

/// What can be done with dead letters.
#[derive(Clone, PartialEq, Eq, Debug, Subcommand)]
pub enum DeadLettersVerb {
    /// List the dead letters of a source, oldest first.
    List(SourceAddress),
    /// Show a dead letter with its payload.
    Show(LetterAddress),
    /// Deliver a dead letter once more.
    Redeliver(LetterAddress),
    /// Give a dead letter up for good.
    Discard(LetterAddress),
}

/// Which dead letter.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct LetterAddress {
    /// Which source.
    #[command(flatten)]
    pub source: SourceAddress,
    /// The number of the letter.
    pub letter: u64,
}

/// The options of `status`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct StatusOptions {
    /// How the daemon is reached.
    #[command(flatten)]
    pub connection: ConnectionOptions,
    /// Show it again every five seconds until stopped.
    #[arg(long)]
    pub watch: bool,
}

fn field(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(name, _)| !name.is_empty());
    pair.map(|(name, value)| (name.to_owned(), value.to_owned()))
        .ok_or_else(|| "write a name, `=` and a value, as in `team=ir`".to_owned())
}
