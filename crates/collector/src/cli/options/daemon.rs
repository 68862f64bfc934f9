//! The options of `run` and `config`.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::collection::{DestinationOptions, requests_per_minute, timeout};
use crate::allowed_origin::Origin;
use crate::collect_plan::Compression;

const RUN_EXAMPLES: &str = "\
Examples:
  Start with nothing but defaults; events go to the folder `archive` beside the state:
      incydr-collector run
  Deliver to Sumo Logic, whose address is in a variable:
      incydr-collector run --to env:SUMO_URL
  Keep the sources in a folder of JSON files in step:
      incydr-collector run --config collector.toml --sync-sources sources

The access ID and key that the first start prints are shown only once. Use them as those of Sumo Logic's API:
      curl -u ACCESS_ID:ACCESS_KEY http://127.0.0.1:8642/api/v1/collectors

`incydr-collector config` prints every key of the configuration file with its meaning and default.";

/// The options of `run` and `config`. Each wins over the configuration file.
#[derive(Clone, PartialEq, Debug, Args)]
#[command(after_help = RUN_EXAMPLES)]
pub struct RunOptions {
    /// The configuration file, in TOML.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where the API listens. An address beyond this machine needs TLS. [default: 127.0.0.1:8642]
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// The folder that keeps configurations, places and the vault's key; `incydr-collector` in the user's data folder
    /// unless set.
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Where events go.
    #[command(flatten)]
    pub destinations: DestinationOptions,
    /// How batches travel to Sumo Logic. [default: gzip]
    #[arg(long, value_enum)]
    pub compression: Option<Compression>,
    /// Accept this base URL although it is not a host of Incydr (plain http on loopback only). Repeatable.
    #[arg(long, value_name = "URL", value_parser = Origin::parse_allowed)]
    pub allow_base_url: Vec<Origin>,
    /// Keep the sources of a collector in step with the JSON files in this folder.
    #[arg(long, value_name = "DIR")]
    pub sync_sources: Option<PathBuf>,
    /// The collector that has the sources of `--sync-sources`. [default: incydr]
    #[arg(long, value_name = "NAME")]
    pub sync_collector: Option<String>,
    /// Requests to Incydr in any minute, for each tenant. [default: 100]
    #[arg(long, value_name = "N", value_parser = requests_per_minute, help_heading = "Requests to Incydr")]
    pub requests_per_minute: Option<NonZeroU32>,
    /// How long an answer may take, its body included. [default: 200s]
    #[arg(long, value_name = "SPAN", value_parser = timeout, help_heading = "Requests to Incydr")]
    pub request_timeout: Option<Duration>,
    /// How long an answer that has begun may be silent. [default: 30s]
    #[arg(long, value_name = "SPAN", value_parser = timeout, help_heading = "Requests to Incydr")]
    pub stall_timeout: Option<Duration>,
    /// Requests a second that each access key may make; after a pause so many may come at once. [default: 4]
    #[arg(long, value_name = "N", help_heading = "Requests of clients")]
    pub api_requests_per_second: Option<NonZeroU32>,
    /// Requests of each access key that may be under way at once. [default: 10]
    #[arg(long, value_name = "N", help_heading = "Requests of clients")]
    pub api_requests_at_once: Option<NonZeroU32>,
}

/// The options of `rotate-vault-key`.
#[derive(Clone, PartialEq, Debug, Args)]
pub struct RotateVaultKeyOptions {
    /// Which daemon.
    #[command(flatten)]
    pub daemon: StoppedDaemonOptions,
    /// Where the next key is, as `env:NAME`, when the present one is in a variable.
    #[arg(long, value_name = "env:NAME")]
    pub next: Option<String>,
}

/// The options of `reset-access`.
#[derive(Clone, PartialEq, Debug, Args)]
pub struct ResetAccessOptions {
    /// Which daemon.
    #[command(flatten)]
    pub daemon: StoppedDaemonOptions,
    /// Revoke all other access keys.
    #[arg(long)]
    pub revoke_others: bool,
}

/// The daemon whose data are worked on while it is stopped.
#[derive(Clone, PartialEq, Debug, Args)]
pub struct StoppedDaemonOptions {
    /// Its configuration file.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Its data folder, unless the configuration file names it.
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
}
