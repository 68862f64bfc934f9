//! The composition root: makes the parts that a source needs and joins them at the three seams.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use incydr_client::client::{Client, ClientOptions, Connections};
use incydr_client::rate_limit::RateBudget;
use incydr_client::source::{self, AlertsApi};
use incydr_core::clock::Clock;
use incydr_core::collection::{Collection, Pace};
use incydr_core::delivery::Outlet;
use incydr_core::destination::{DeliveryError, Destination};
use incydr_core::exchange_meter::OnExchange;
use incydr_core::ledger::Ledger;
use incydr_core::notice::Notify;
use incydr_core::secret::Secret;
use incydr_core::stop::Stop;
use incydr_core::stream::{Place, Stream};
use incydr_core::tap::Tap;
use incydr_core::timestamp::Timestamp;
use incydr_core::window::Reach;
use incydr_destinations::archive::Archive;
use incydr_destinations::encode;
use incydr_destinations::stdout::Stdout;
use incydr_destinations::sumo::{Metadata, Sumo, SumoOptions};

use crate::collect_plan::{Compression, RequestPace};
use crate::destination_address::DestinationAddress;
use crate::failure::Failure;
use crate::source_config::{self, SourceConfig};

/// Events on a page, as many as the vendor allows.
const PAGE_SIZE: u32 = 10_000;
/// Batches delivered but not committed; the bound on duplicates after a crash.
const MAX_IN_FLIGHT: usize = 4;
/// Connections to one Sumo Logic receiver, over all sources.
const MAX_CONNECTIONS: usize = 8;
/// Ranges of a long history that are walked at once: enough to use nearly the whole request budget at two seconds a
/// page. Each costs the memory of three batches.
const PARALLEL_RANGES: usize = 4;
/// How often, and how far back, the past is read again for events that became visible very late.
const SECOND_PASS: Duration = Duration::from_secs(24 * 60 * 60);

/// The name under which `stream` of a source that runs alone keeps its place. Another tenant is another place.
pub fn place_of(source: &SourceConfig, stream: Stream) -> Place {
    Place { source: format!("{} at {}", source.name, origin_of(source)), stream }
}

/// A client of the source's tenant that takes its requests out of `budget`.
pub fn client_of(
    source: &SourceConfig,
    pace: RequestPace,
    connections: &Connections,
    budget: Arc<RateBudget>,
) -> Result<Client, Failure> {
    let mut options =
        ClientOptions::new(source.base_url.clone(), source.client_id.clone(), source.secret_key.clone());
    options.request_timeout = pace.request_timeout;
    options.stall_timeout = pace.stall_timeout;
    Client::sharing(connections, options, budget).map_err(Failure::ours)
}

/// The name of the source's tenant, whose sources share one request budget.
pub fn tenant_of(source: &SourceConfig) -> String {
    format!("{} of {}", source.client_id, origin_of(source))
}

/// A budget that lives in the ledger, so that it outlives this process.
pub fn budget_in(
    ledger: &Arc<dyn Ledger>,
    clock: &Arc<dyn Clock>,
    source: &SourceConfig,
    pace: RequestPace,
) -> RateBudget {
    let (ledger, clock) = (ledger.clone(), clock.clone());
    let tenant: Arc<str> = tenant_of(source).into();
    let reserve = move |per_minute| -> incydr_client::rate_limit::Reservation {
        let (ledger, clock, tenant) = (ledger.clone(), clock.clone(), tenant.clone());
        Box::pin(async move { ledger.reserve_request(&tenant, per_minute, clock.now()).await })
    };
    RateBudget::new(pace.per_minute_of(source), Box::new(reserve))
}

/// Which endpoint answers for the alerts of `source`.
pub fn alerts_api_of(source: &SourceConfig) -> AlertsApi {
    match source.alerts_api {
        source_config::AlertsApi::Sessions => AlertsApi::Sessions,
        source_config::AlertsApi::Alerts => AlertsApi::Alerts,
    }
}

/// What Sumo Logic is told about the events of a source that runs alone.
fn metadata_of(source: &SourceConfig) -> Metadata {
    Metadata {
        source_name: Some(source.name.clone()),
        category: source.category.clone(),
        host: source.base_url.host_str().map(str::to_owned),
        fields: source.fields.pairs.clone(),
        siem_forward: source.fields.siem_forward == Some(true),
    }
}

/// The Sumo Logic destination at `url`, with the metadata of `source`.
pub fn sumo_of(source: &SourceConfig, url: &Secret, compression: Compression) -> Result<Sumo, Failure> {
    let metadata = metadata_of(source);
    Sumo::new(SumoOptions { metadata, max_in_flight: MAX_IN_FLIGHT, ..sumo_options(url, compression) })
        .map_err(Failure::mistake)
}

/// The Sumo Logic destination at `url` for any number of sources, each of which labels it for itself.
pub fn shared_sumo(url: &Secret, compression: Compression) -> Result<Sumo, Failure> {
    Sumo::new(SumoOptions { max_in_flight: MAX_CONNECTIONS, ..sumo_options(url, compression) })
        .map_err(Failure::mistake)
}

fn sumo_options(url: &Secret, compression: Compression) -> SumoOptions {
    let compression = match compression {
        Compression::Gzip => encode::Compression::Gzip,
        Compression::Zstd => encode::Compression::Zstd,
        Compression::None => encode::Compression::None,
    };
    SumoOptions { compression, ..SumoOptions::new(url.clone()) }
}

/// A destination that all streams of a source share.
#[derive(Clone, Debug)]
pub enum Door {
    /// A receiver of Sumo Logic; its connections are shared.
    Sumo(Sumo),
    /// An archive folder, in which each place has a share of its own.
    Archive(PathBuf),
    /// Standard output.
    Stdout,
}

impl Door {
    /// The door to each of `addresses`; `sumo` opens those to Sumo Logic.
    pub fn open_all(
        addresses: &[DestinationAddress],
        sumo: impl Fn(&Secret) -> Result<Sumo, Failure>,
    ) -> Result<Vec<Self>, Failure> {
        let open = |address: &DestinationAddress| match address {
            DestinationAddress::Sumo { url, .. } => sumo(url).map(Self::Sumo),
            DestinationAddress::Archive { dir } => Ok(Self::Archive(dir.clone())),
            DestinationAddress::Stdout => Ok(Self::Stdout),
        };
        addresses.iter().map(open).collect()
    }

    /// Whether it leads anywhere; delivers nothing.
    pub async fn probe(&self) -> Result<(), DeliveryError> {
        match self {
            Self::Sumo(sumo) => sumo.probe().await,
            Self::Archive(dir) => Archive::new(dir, "check").probe().await,
            Self::Stdout => Stdout::new().probe().await,
        }
    }

    /// A short name of where it leads, without a secret.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Sumo(_) => "sumo",
            Self::Archive(_) => "archive",
            Self::Stdout => "stdout",
        }
    }

    /// What the events of `place` pass through.
    pub fn outlet(&self, place: &Place) -> Outlet {
        let destination: Box<dyn Destination> = match self {
            Self::Sumo(sumo) => Box::new(sumo.clone()),
            Self::Archive(dir) => Box::new(Archive::new(dir, &archive_scope(place))),
            Self::Stdout => Box::new(Stdout::new()),
        };
        Outlet::new(destination)
    }
}

/// What all streams of a source share.
#[derive(Clone)]
pub struct Shared {
    /// The client of the tenant.
    pub client: Arc<Client>,
    /// The memory.
    pub ledger: Arc<dyn Ledger>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The end.
    pub stop: Stop,
    /// The destinations.
    pub doors: Arc<[Door]>,
    /// Who looks on.
    pub tap: Option<Tap>,
}

impl Shared {
    /// Everything that the stream of `place` works with. Who listens hears the engine's notices and the requests.
    pub fn collection(
        &self,
        source: &SourceConfig,
        place: &Place,
        reach: Reach,
        (notify, on_exchange): (Notify, OnExchange),
    ) -> Collection {
        let client = Arc::new(self.client.heard_by(on_exchange));
        Collection {
            source: source::source(client, place.stream, alerts_api_of(source)),
            rules: source.rules.clone(),
            outlets: self.doors.iter().map(|door| door.outlet(place)).collect(),
            ledger: self.ledger.clone(),
            clock: self.clock.clone(),
            notify,
            tap: self.tap.clone(),
            stop: self.stop.clone(),
            reach,
            pace: Pace::new(PAGE_SIZE, MAX_IN_FLIGHT, PARALLEL_RANGES),
        }
    }
}

/// How far the windows of `stream` reach, from `start` on.
pub fn reach_of(source: &SourceConfig, stream: Stream, start: Timestamp) -> Reach {
    let second_pass = if stream == Stream::Alerts { Duration::ZERO } else { SECOND_PASS };
    Reach { start, earliest: None, look_back: source.look_backs.of(stream), second_pass }
}

/// Who we are, for people who find the state in use.
pub fn holder() -> String {
    format!("incydr-collector, process {}", std::process::id())
}

/// Two places never share what they stage.
fn archive_scope(place: &Place) -> String {
    blake3::hash(place.to_string().as_bytes()).to_hex()[..16].to_owned()
}

fn origin_of(source: &SourceConfig) -> String {
    source.base_url.origin().ascii_serialization()
}
