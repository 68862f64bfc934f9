//! What the operator of the daemon decides, judged and ready.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use crate::allowed_origin::Origin;
use crate::api::Terms;
use crate::collect_plan::{Compression, RequestPace};
use crate::destination_address::DestinationAddress;
use crate::resources::fields::SumoAccount;
use crate::web::rate_limit::RequestLimits;

/// How the daemon works.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the API listens. Beyond this machine only with TLS.
    pub listen: SocketAddr,
    /// What secures the connections.
    pub tls: Option<TlsFiles>,
    /// Where everything is kept.
    pub data_dir: PathBuf,
    /// Where events go; an event is done when all of these have it.
    pub destinations: Vec<DestinationAddress>,
    /// How batches travel to Sumo Logic.
    pub compression: Compression,
    /// How requests to Incydr are paced, for each tenant.
    pub pace: RequestPace,
    /// The Sumo Logic account whose schema of fields is used instead of our own.
    pub sumo_account: Option<SumoAccount>,
    /// The receiver of traces, if traces are wanted.
    pub traces: Option<Origin>,
    /// What clients of the API may do.
    pub terms: Terms,
    /// How often they may ask.
    pub request_limits: RequestLimits,
    /// Where the key is kept that seals secrets.
    pub vault_key: VaultKeyPlace,
    /// The folder whose files are the sources of a collector.
    pub sync: Option<SyncFolder>,
    /// Whether health events go to the destinations as well.
    pub deliver_health_events: bool,
    /// Whether the last delivered events of each source can be watched.
    pub keeps_tails: bool,
}

/// Where the key of the vault is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum VaultKeyPlace {
    /// In this file, which is made on the first start.
    File(PathBuf),
    /// In this environment variable, which somebody else sets.
    Variable(String),
}

/// A folder of files with the JSON of sources, and the collector that has exactly these sources.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SyncFolder {
    /// The folder.
    pub dir: PathBuf,
    /// The name of the collector, which is created where there is none.
    pub collector: String,
}

impl SyncFolder {
    /// The collector unless configured otherwise.
    pub const DEFAULT_COLLECTOR: &str = "incydr";
}

/// A certificate chain and its key, both PEM.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TlsFiles {
    /// The chain, the server's own certificate first.
    pub certificates: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

impl Settings {
    /// The port unless configured otherwise.
    pub const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8642);

    /// The file that keeps every place and every configuration.
    pub fn state_file(&self) -> PathBuf {
        self.data_dir.join("state.db")
    }

    /// The file in the data folder with the key that seals secrets, unless configured otherwise.
    pub fn default_vault_key(data_dir: &Path) -> VaultKeyPlace {
        VaultKeyPlace::File(data_dir.join("vault.key"))
    }
}
