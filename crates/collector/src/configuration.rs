//! What the operator of the daemon wrote: `collector.toml`, under the options of the command line.
//!
//! Every key has a default, so that an empty file is a configuration. What is written is read strictly and shown again
//! by `config`; only [`Configuration::settings`] fetches secrets and decides what follows.
//!
//! Not for: sources. Those are JSON, and come over the API or from the folder of `sync_sources`.

mod judging;
mod reading;
mod shown;
#[cfg(test)]
mod tests;
mod toml_tree;

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use crate::allowed_origin::Origin;
use crate::api::Terms;
use crate::collect_plan::{Compression, RequestPace};
use crate::settings::{Settings, SyncFolder, TlsFiles};
use crate::telemetry::{LogFormat, LogLevel};
use crate::web::rate_limit::RequestLimits;

/// The configuration of the daemon, complete but not judged.
#[derive(Clone, PartialEq, Debug)]
pub struct Configuration {
    /// Where the API listens.
    pub listen: SocketAddr,
    /// Where everything is kept; the user's own folder for data unless set.
    pub data_dir: Option<PathBuf>,
    /// What secures the connections.
    pub tls: Option<TlsFiles>,
    /// Where events go; the folder `archive` beside the state unless set.
    pub destinations: Vec<DestinationEntry>,
    /// Loopback origins to which destinations may use plain http.
    pub allowed_destination_urls: Vec<Origin>,
    /// How batches travel to Sumo Logic.
    pub compression: Compression,
    /// Origins besides Incydr's own that a source may have.
    pub allowed_base_urls: Vec<Origin>,
    /// How requests to Incydr are paced, for each tenant.
    pub pace: RequestPace,
    /// How often a client of the API may ask.
    pub request_limits: RequestLimits,
    /// Collectors at most.
    pub max_collectors: u64,
    /// Sources of one collector at most.
    pub max_sources: u64,
    /// Custom fields at most.
    pub max_fields: u64,
    /// What is logged.
    pub log: LogSettings,
    /// Where the key of the vault is, as `env:NAME` or `file:PATH`; a file in the data folder unless set.
    pub vault_key: Option<String>,
    /// The folder of source files that is kept in step.
    pub sync: Option<SyncFolder>,
    /// The receiver of traces, over OTLP; no traces unless set.
    pub traces: Option<Origin>,
    /// Whether health events go to the destinations.
    pub deliver_health_events: bool,
    /// The Sumo Logic account whose schema of fields is used.
    pub sumo_account: Option<SumoAccountEntry>,
    /// Whether the metrics are for everybody; unless set, when only this machine reaches the listener.
    pub public_metrics: Option<bool>,
    /// Whether the last delivered events of each source can be watched on a page.
    pub keeps_tails: bool,
}

/// A Sumo Logic account as it was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SumoAccountEntry {
    /// The address of its API, as in `https://api.sumologic.com/api`.
    pub api: String,
    /// An access ID of the account.
    pub access_id: String,
    /// Where its key is, as `env:NAME` or `file:PATH`.
    pub access_key: String,
}

/// One destination as it was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DestinationEntry {
    /// `env:NAME`, `file:DIR`, `-`, or an address, which is a secret.
    pub to: String,
    /// Whether its address may be plain http to this machine.
    pub allow_plain_http: bool,
}

/// What is logged, and how.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LogSettings {
    /// What a line looks like.
    pub format: LogFormat,
    /// The least important events that are logged.
    pub level: LogLevel,
}

impl Default for Configuration {
    fn default() -> Self {
        let terms = Terms::default();
        Self {
            listen: Settings::DEFAULT_LISTEN,
            data_dir: None,
            tls: None,
            destinations: Vec::new(),
            allowed_destination_urls: Vec::new(),
            compression: Compression::default(),
            allowed_base_urls: Vec::new(),
            pace: RequestPace {
                per_minute: NonZeroU32::MIN.saturating_add(99),
                request_timeout: Duration::from_secs(200),
                stall_timeout: Duration::from_secs(30),
            },
            request_limits: RequestLimits::default(),
            max_collectors: terms.max_collectors,
            max_sources: terms.max_sources,
            max_fields: terms.max_fields,
            log: LogSettings::default(),
            vault_key: None,
            sync: None,
            traces: None,
            deliver_health_events: false,
            sumo_account: None,
            public_metrics: None,
            keeps_tails: false,
        }
    }
}
