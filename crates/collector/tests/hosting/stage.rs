//! Two simulated services, a state file, and a fleet between them.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use incydr_collector::allowed_origin::Origin;
use incydr_collector::collect_plan::{Compression, RequestPace};
use incydr_collector::destination_address::DestinationAddress;
use incydr_collector::hosting::{
    CollectorLabels, FieldSchema, FirstPoll, Fleet, FleetParts, HostedSource, SourceId, SourceStatus,
};
use incydr_collector::source_config::SourceConfig;
use incydr_collector::system_clock::SystemClock;
use incydr_collector::traces::Traces;
use incydr_core::clock::Clock;
use incydr_core::health::SourceState;
use incydr_core::ledger::Ledger;
use incydr_core::secret::Secret;
use incydr_core::timestamp::Timestamp;
use incydr_simulator::{
    ApiClient, DataOptions, IncydrOptions, RateOptions, RecordKind, SimulatedIncydr, SimulatedSumo,
    SumoOptions, Visibility,
};
use incydr_store::SqliteLedger;
use tempfile::TempDir;
use tokio::time::timeout;

use crate::chronicle::{Chronicle, PATIENCE};

/// The services, the state and the fleet of one test.
pub(crate) struct Stage {
    pub(crate) incydr: SimulatedIncydr,
    pub(crate) sumo: SimulatedSumo,
    pub(crate) fleet: Fleet,
    pub(crate) chronicle: Chronicle,
    pub(crate) ledger: Arc<dyn Ledger>,
    _dir: TempDir,
}

/// A tenant with so many file events of the last day, all visible at once, and no throttle.
pub(crate) fn tenant_with(file_events: u64) -> IncydrOptions {
    let data = DataOptions {
        file_events,
        event_visibility: Visibility::immediate(),
        audit_visibility: Visibility::immediate(),
        ..DataOptions::default()
    };
    let rate = RateOptions { per_minute: None, ..RateOptions::default() };
    IncydrOptions { data, rate, ..IncydrOptions::default() }
}

impl Stage {
    pub(crate) async fn new(incydr: IncydrOptions, sumo: SumoOptions) -> Self {
        let dir = TempDir::new().expect("a folder for the test");
        let ledger = open_ledger(&dir).await;
        Self::with_ledger(incydr, sumo, dir, ledger).await
    }

    /// A tenant with so many file events, and a Sumo Logic that keeps digests.
    pub(crate) async fn with_file_events(file_events: u64) -> Self {
        Self::new(tenant_with(file_events), SumoOptions::default()).await
    }

    pub(crate) async fn with_ledger(
        incydr: IncydrOptions,
        sumo: SumoOptions,
        dir: TempDir,
        ledger: Arc<dyn Ledger>,
    ) -> Self {
        let incydr = SimulatedIncydr::start(incydr).await.expect("a free port");
        let sumo = SimulatedSumo::start(sumo).await.expect("a free port");
        let chronicle = Chronicle::new();
        let fleet = fleet(to(&sumo), ledger.clone(), Arc::new(SystemClock), &chronicle);
        Self { incydr, sumo, fleet, chronicle, ledger, _dir: dir }
    }

    /// Ends the fleet as a process would, and begins another on the same state.
    pub(crate) async fn restart_process(&mut self) {
        self.fleet.stop().await;
        self.chronicle = Chronicle::new();
        self.fleet = self.fleet_by(Arc::new(SystemClock));
    }

    /// Another fleet on the same state, which goes by `clock`.
    pub(crate) fn fleet_by(&self, clock: Arc<dyn Clock>) -> Fleet {
        fleet(to(&self.sumo), self.ledger.clone(), clock, &self.chronicle)
    }

    /// Another fleet on the same state, which delivers elsewhere.
    pub(crate) fn fleet_to(&self, destination: DestinationAddress) -> Fleet {
        fleet(destination, self.ledger.clone(), Arc::new(SystemClock), &self.chronicle)
    }

    /// A source of the stage's tenant that collects file events ten times a second.
    pub(crate) fn source(&self, id: u64) -> HostedSource {
        source_of(&self.incydr, id, &["fileEvents"])
    }

    pub(crate) fn source_with(&self, id: u64, streams: &[&str]) -> HostedSource {
        source_of(&self.incydr, id, streams)
    }

    /// Starts a source and waits until it collects.
    pub(crate) async fn collect(&self, source: HostedSource) {
        let id = source.id.0;
        self.fleet.start(source);
        self.chronicle.reach(id, 0, SourceState::Collecting).await;
    }

    pub(crate) fn status(&self, id: u64) -> SourceStatus {
        self.fleet.status(SourceId(id)).expect("it runs")
    }

    /// Requests to an endpoint so far.
    pub(crate) fn requests_to(&self, endpoint: &str) -> usize {
        self.incydr.requests().iter().filter(|request| request.endpoint == endpoint).count()
    }

    /// Waits until all file events have been taken in.
    pub(crate) async fn receive_all(&self) {
        let all = self.incydr.truth().of_kind(RecordKind::FileEvent).count();
        self.receive(u64::try_from(all).expect("a small number")).await;
    }

    /// How many audit rows there are by now.
    pub(crate) fn audit_rows(&self) -> u64 {
        u64::try_from(self.incydr.truth().of_kind(RecordKind::AuditRow).count()).expect("a small number")
    }

    pub(crate) async fn receive(&self, messages: u64) {
        let receiving = self.sumo.wait_for_messages(messages);
        let received = || self.sumo.message_count();
        timeout(PATIENCE, receiving).await.unwrap_or_else(|_| panic!("{} of {messages}", received()));
    }

    /// Waits until so many file events of a source are acknowledged, and that is committed.
    pub(crate) async fn acknowledge(&self, id: u64, events: u64) {
        while self.status(id).streams[0].totals.counts.acknowledged < events {
            self.pass_requests(1).await;
        }
    }

    /// Waits until `count` more requests have been answered than now.
    pub(crate) async fn pass_requests(&self, count: usize) {
        let answers = u64::try_from(self.incydr.requests().len() + count).expect("a small number");
        timeout(PATIENCE, self.incydr.wait_for_answers(answers)).await.expect("they are asked");
    }

    /// Every file event arrived unchanged, and no more than `duplicates` arrived twice.
    pub(crate) fn assert_complete(&self, duplicates: u64) {
        let verdict = self.incydr.truth().compare(&self.sumo.received(), &[RecordKind::FileEvent]);
        assert!(
            verdict.is_complete(),
            "{} missing, {} altered",
            verdict.missing.len(),
            verdict.altered.len()
        );
        assert!(verdict.duplicates <= duplicates, "{} duplicates, {duplicates} may be", verdict.duplicates);
    }
}

pub(crate) async fn open_ledger(dir: &TempDir) -> Arc<dyn Ledger> {
    Arc::new(SqliteLedger::open(&dir.path().join("state.db"), "a test").await.expect("a new state"))
}

fn to(sumo: &SimulatedSumo) -> DestinationAddress {
    DestinationAddress::parse(&sumo.url(), &[origin(&sumo.url())]).expect("an address")
}

fn fleet(
    destination: DestinationAddress,
    ledger: Arc<dyn Ledger>,
    clock: Arc<dyn Clock>,
    chronicle: &Chronicle,
) -> Fleet {
    let parts = FleetParts {
        ledger,
        clock,
        journal: chronicle.journal(),
        destinations: vec![destination],
        compression: Compression::Gzip,
        pace: RequestPace {
            per_minute: NonZeroU32::new(60_000).expect("a number"),
            request_timeout: Duration::from_secs(60),
            stall_timeout: Duration::from_secs(30),
        },
        fields: FieldSchema::everything(),
        traces: Traces::off(),
        keeps_tails: true,
    };
    Fleet::new(parts).expect("a fleet")
}

/// A source that collects the last 25 hours, and polls ten times a second.
pub(crate) fn source_of(incydr: &SimulatedIncydr, id: u64, streams: &[&str]) -> HostedSource {
    let ApiClient { id: client_id, secret, .. } = ApiClient::default();
    let source = serde_json::json!({
        "config": {
            "name": format!("Code42 {id}"), "category": "code42", "baseURL": incydr.base_url(),
            "clientID": client_id, "secretKey": secret, "dataCollection": streams,
        },
        "schemaRef": { "type": "Code42Incydr" }, "sourceType": "Universal",
    });
    let allowed = [origin(&incydr.base_url())];
    let config = SourceConfig::parse(source.to_string().as_bytes(), &allowed).expect("a source");
    let (polling_interval, settle_time) = (Duration::from_millis(100), Duration::ZERO);
    HostedSource {
        id: SourceId(id),
        collector: CollectorLabels::default(),
        config: SourceConfig { polling_interval, settle_time, ..config },
        since: now().minus(Duration::from_secs(25 * 3_600)),
        first_poll: FirstPoll::default(),
        backfills: Vec::new(),
        open_events: Vec::new(),
    }
}

/// The same source with a secret that the vendor refuses.
pub(crate) fn with_wrong_secret(mut source: HostedSource) -> HostedSource {
    source.config.secret_key = Secret::new("not the secret");
    source
}

pub(crate) fn now() -> Timestamp {
    SystemClock.now()
}

fn origin(url: &str) -> Origin {
    let origin: Vec<_> = url.split('/').take(3).collect();
    Origin::parse(&origin.join("/")).expect("an origin")
}
