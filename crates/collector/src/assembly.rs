//! The composition root: makes the parts that a plan asks for and joins them at the three seams.

use std::sync::Arc;
use std::time::Duration;

use incydr_client::client::{Client, ClientOptions};
use incydr_client::rate_limit::RateBudget;
use incydr_client::source::{self, AlertsApi};
use incydr_core::clock::Clock;
use incydr_core::collection::{Collection, Pace};
use incydr_core::delivery::Outlet;
use incydr_core::destination::Destination;
use incydr_core::ledger::Ledger;
use incydr_core::notice::Notify;
use incydr_core::stop::Stop;
use incydr_core::stream::{Place, Stream};
use incydr_core::timestamp::Timestamp;
use incydr_core::window::Reach;
use incydr_destinations::archive::Archive;
use incydr_destinations::encode;
use incydr_destinations::stdout::Stdout;
use incydr_destinations::sumo::{Metadata, Sumo, SumoOptions};

use crate::collect_plan::{CollectPlan, Compression, RequestPace};
use crate::destination_address::DestinationAddress;
use crate::failure::Failure;
use crate::source_config::{self, SourceConfig};

/// Events on a page, as many as the vendor allows.
const PAGE_SIZE: u32 = 10_000;
/// Batches delivered but not committed; the bound on duplicates after a crash.
const MAX_IN_FLIGHT: usize = 4;
/// Ranges of a long history that are walked at once: enough to use nearly the whole request budget at two seconds a
/// page. Each costs the memory of three batches.
const PARALLEL_RANGES: usize = 4;
/// How often, and how far back, the past is read again for events that became visible very late.
const SECOND_PASS: Duration = Duration::from_secs(24 * 60 * 60);

/// The name under which `stream` keeps its place. Another tenant is another place.
pub fn place_of(source: &SourceConfig, stream: Stream) -> Place {
    Place { source: format!("{} at {}", source.name, origin_of(source)), stream }
}

/// A client of the source's tenant that takes its requests out of `budget`.
pub fn client_of(source: &SourceConfig, pace: RequestPace, budget: RateBudget) -> Result<Client, Failure> {
    let mut options =
        ClientOptions::new(source.base_url.clone(), source.client_id.clone(), source.secret_key.clone());
    options.request_timeout = pace.request_timeout;
    options.stall_timeout = pace.stall_timeout;
    Client::new(options, Arc::new(budget)).map_err(Failure::ours)
}

/// A budget that lives in the ledger, so that it outlives this process.
pub fn budget_in(
    ledger: &Arc<dyn Ledger>,
    clock: &Arc<dyn Clock>,
    source: &SourceConfig,
    pace: RequestPace,
) -> RateBudget {
    let (ledger, clock) = (ledger.clone(), clock.clone());
    let tenant: Arc<str> = format!("{} of {}", source.client_id, origin_of(source)).into();
    let reserve = move |per_minute| -> incydr_client::rate_limit::Reservation {
        let (ledger, clock, tenant) = (ledger.clone(), clock.clone(), tenant.clone());
        Box::pin(async move { ledger.reserve_request(&tenant, per_minute, clock.now()).await })
    };
    RateBudget::new(pace.per_minute.get(), Box::new(reserve))
}

/// Which endpoint answers for the alerts of `source`.
pub fn alerts_api_of(source: &SourceConfig) -> AlertsApi {
    match source.alerts_api {
        source_config::AlertsApi::Sessions => AlertsApi::Sessions,
        source_config::AlertsApi::Alerts => AlertsApi::Alerts,
    }
}

/// The Sumo Logic destination at `url`, with the metadata of `source`.
pub fn sumo_of(
    source: &SourceConfig,
    url: &incydr_core::secret::Secret,
    compression: Compression,
) -> Result<Sumo, Failure> {
    let mut options = SumoOptions::new(url.clone());
    options.compression = match compression {
        Compression::Gzip => encode::Compression::Gzip,
        Compression::Zstd => encode::Compression::Zstd,
        Compression::None => encode::Compression::None,
    };
    options.metadata = Metadata {
        source_name: Some(source.name.clone()),
        category: source.category.clone(),
        host: source.base_url.host_str().map(str::to_owned),
        fields: source.fields.pairs.clone(),
        siem_forward: source.fields.siem_forward == Some(true),
    };
    options.max_in_flight = MAX_IN_FLIGHT;
    Sumo::new(options).map_err(Failure::mistake)
}

/// What all streams of a run share.
pub struct Shared {
    /// The client of the tenant.
    pub client: Arc<Client>,
    /// The memory.
    pub ledger: Arc<dyn Ledger>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The end.
    pub stop: Stop,
    /// When the run began.
    pub started: Timestamp,
    /// The Sumo Logic destinations, in the order of the plan. Their connections are shared by all streams.
    pub sumo: Vec<Sumo>,
}

impl Shared {
    /// Everything that `stream` works with.
    pub fn collection(&self, plan: &CollectPlan, stream: Stream, notify: Notify) -> Collection {
        let source = &plan.source;
        let second_pass = if stream == Stream::Alerts { Duration::ZERO } else { SECOND_PASS };
        Collection {
            source: source::source(self.client.clone(), stream, alerts_api_of(source)),
            rules: source.rules.clone(),
            outlets: self.outlets(plan, stream),
            ledger: self.ledger.clone(),
            clock: self.clock.clone(),
            notify,
            stop: self.stop.clone(),
            reach: Reach {
                start: plan.time_range.since_or_default(self.started),
                look_back: source.look_backs.of(stream),
                second_pass,
            },
            pace: Pace::new(PAGE_SIZE, MAX_IN_FLIGHT, PARALLEL_RANGES),
        }
    }

    fn outlets(&self, plan: &CollectPlan, stream: Stream) -> Vec<Outlet> {
        let mut sumo = self.sumo.iter();
        let destination = |address: &DestinationAddress| -> Option<Box<dyn Destination>> {
            match address {
                DestinationAddress::Sumo { .. } => sumo.next().map(|sumo| Box::new(sumo.clone()) as _),
                DestinationAddress::Archive { dir } => {
                    Some(Box::new(Archive::new(dir, &archive_scope(&place_of(&plan.source, stream)))))
                }
                DestinationAddress::Stdout => Some(Box::new(Stdout::new())),
            }
        };
        plan.destinations.iter().filter_map(destination).map(Outlet::new).collect()
    }
}

/// Two places never share what they stage.
fn archive_scope(place: &Place) -> String {
    blake3::hash(place.to_string().as_bytes()).to_hex()[..16].to_owned()
}

fn origin_of(source: &SourceConfig) -> String {
    source.base_url.origin().ascii_serialization()
}
