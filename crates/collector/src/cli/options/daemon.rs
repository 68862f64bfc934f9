//! The options of `run`.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::Args;

use super::collection::{DestinationOptions, PaceOptions};
use crate::allowed_origin::Origin;
use crate::collect_plan::Compression;
use crate::settings::Settings;

const RUN_EXAMPLES: &str = "\
Examples:
  Start with nothing but defaults; events go to the folder `archive` beside the state:
      incydr-collector run
  Deliver to Sumo Logic, whose address is in a variable:
      incydr-collector run --to env:SUMO_URL

The access ID and key that the first start prints are shown only once. Use them as those of Sumo Logic's API:
      curl -u ACCESS_ID:ACCESS_KEY http://127.0.0.1:8642/api/v1/collectors";

/// The options of `run`.
#[derive(Clone, PartialEq, Debug, Args)]
#[command(after_help = RUN_EXAMPLES)]
pub struct RunOptions {
    /// Where the API listens. An address beyond this machine needs TLS.
    #[arg(long, value_name = "ADDRESS", default_value_t = Settings::DEFAULT_LISTEN)]
    pub listen: SocketAddr,
    /// The folder that keeps configurations, places and the vault's key; `incydr-collector` in the user's data folder
    /// unless set.
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Where events go.
    #[command(flatten)]
    pub destinations: DestinationOptions,
    /// How batches travel to Sumo Logic.
    #[arg(long, value_enum, default_value_t)]
    pub compression: Compression,
    /// Accept this base URL although it is not a host of Incydr (plain http on loopback only). Repeatable.
    #[arg(long, value_name = "URL", value_parser = Origin::parse_allowed)]
    pub allow_base_url: Vec<Origin>,
    /// How Incydr is asked.
    #[command(flatten)]
    pub pace: PaceOptions,
    /// How often clients may ask.
    #[command(flatten)]
    pub api: ApiOptions,
}

/// What the clients of the API may do.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Args)]
#[command(next_help_heading = "Requests of clients")]
pub struct ApiOptions {
    /// Requests a second that each access key may make; after a pause so many may come at once.
    #[arg(long, value_name = "N", default_value = "4")]
    pub api_requests_per_second: NonZeroU32,
    /// Requests of each access key that may be under way at once.
    #[arg(long, value_name = "N", default_value = "10")]
    pub api_requests_at_once: NonZeroU32,
}
