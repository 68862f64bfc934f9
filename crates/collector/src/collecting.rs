//! One run of one source: from its plan to its summary.
//!
//! Opens the memory, proves the credentials, supervises every stream until it ends, and drains what is in flight
//! when the stop is asked for.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use incydr_core::clock::Clock;
use incydr_core::health::{ErrorType, SourceState, Trouble};
use incydr_core::ledger::{Ledger, LedgerError, LedgerFault};
use incydr_core::notice::Notify;
use incydr_core::retry::Backoff;
use incydr_core::source::{SourceError, SourceFault};
use incydr_core::stop::Stop;
use incydr_core::stream::Stream;
use incydr_core::timestamp::Timestamp;
use incydr_store::SqliteLedger;

use crate::assembly::{Shared, budget_in, client_of, place_of, sumo_of};
use crate::collect_plan::CollectPlan;
use crate::destination_address::DestinationAddress;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::screen::Screen;
use crate::source_health::SourceHealth;
use crate::summary::Summary;
use crate::supervisor::{Schedule, StreamEnd, StreamSupervisor, wait_after, wait_unless_stopped};
use crate::watchdog::{self, Pulse};

/// After the stop was asked for, deliveries under way may take this long to end. Two seconds remain for the rest of
/// the ten that a supervisor of processes usually grants.
const DRAIN: Duration = Duration::from_secs(8);

/// Runs `plan` until everything wanted is delivered and committed, or until `stop` is asked for.
pub async fn collect(
    plan: &CollectPlan,
    clock: Arc<dyn Clock>,
    stop: &Stop,
    screen: &Screen,
) -> Result<Summary, Failure> {
    let started = clock.now();
    let ledger = open_ledger(&plan.state_file, plan.wait, &clock, stop).await?;
    let mut progress = Progress::new(screen, clock.clone());
    let ended = match ledger {
        Some(ledger) => run_source(plan, &clock, stop, ledger, &mut progress, started).await,
        None => Ok(()),
    };
    progress.finish();
    let now = clock.now();
    let summary = Summary::new(&plan.source.name, &progress.tallies(), now.since(started), now);
    screen.write(&summary.to_string());
    if let Some(path) = &plan.summary_json {
        summary.write_json(path).map_err(|error| {
            Failure::ours(format!("writing `--summary-json {}`: {error}", path.display()))
        })?;
    }
    ended.map(|()| summary)
}

async fn run_source(
    plan: &CollectPlan,
    clock: &Arc<dyn Clock>,
    stop: &Stop,
    ledger: Arc<dyn Ledger>,
    progress: &mut Progress,
    started: Timestamp,
) -> Result<(), Failure> {
    let health = Arc::new(SourceHealth::new(&plan.source.name));
    health.reach(SourceState::Started);
    let budget = budget_in(&ledger, clock, &plan.source, plan.pace);
    let client = Arc::new(client_of(&plan.source, plan.pace, budget)?);
    let sumo = plan.destinations.iter().filter_map(|address| match address {
        DestinationAddress::Sumo { url, .. } => Some(sumo_of(&plan.source, url, plan.compression)),
        DestinationAddress::Archive { .. } | DestinationAddress::Stdout => None,
    });
    let sumo = sumo.collect::<Result<Vec<_>, _>>()?;
    let shared = Shared { client, ledger, clock: clock.clone(), stop: stop.clone(), started, sumo };
    health.reach(SourceState::Initialized);
    if !authenticate(&shared, &health).await? {
        return Ok(());
    }
    health.reach(SourceState::Authenticated);
    supervise(plan, &shared, &health, progress).await
}

/// Proves the credentials, again and again while the service fails; false when the stop came first.
async fn authenticate(shared: &Shared, health: &SourceHealth) -> Result<bool, Failure> {
    let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60), b"authenticate");
    loop {
        let attempt = tokio::select! {
            biased;
            () = shared.stop.requested() => return Ok(false),
            attempt = shared.client.authenticate() => attempt,
        };
        let Err(error) = attempt else {
            health.close(None, ErrorType::ThirdPartyGeneric);
            health.close(None, ErrorType::FirstPartyGeneric);
            return Ok(true);
        };
        let trouble = Trouble::from(&error);
        health.open(None, trouble.clone());
        if is_mistake(&error) {
            return Err(credentials_failure(&trouble));
        }
        let wait = wait_after(&error, &mut backoff);
        if wait_unless_stopped(shared.clock.as_ref(), &shared.stop, wait).await {
            return Ok(false);
        }
    }
}

fn is_mistake(error: &SourceError) -> bool {
    matches!(error.fault, SourceFault::InvalidClient | SourceFault::Unauthorized | SourceFault::Forbidden)
}

fn credentials_failure(trouble: &Trouble) -> Failure {
    Failure::mistake(&trouble.message).with_hint(
        "make sure that `baseURL` matches the domain you sign in to, and that `clientID` and `secretKey` are right",
    )
}

/// Runs all streams side by side. A stream that cannot go on does not end the others; wrong credentials do.
async fn supervise(
    plan: &CollectPlan,
    shared: &Shared,
    health: &Arc<SourceHealth>,
    progress: &mut Progress,
) -> Result<(), Failure> {
    let pulses: Vec<_> =
        plan.source.streams.iter().map(|stream| Arc::new(Pulse::new(*stream, shared.clock.now()))).collect();
    let mut running = FuturesUnordered::new();
    for (stream, pulse) in plan.source.streams.iter().copied().zip(&pulses) {
        let notify = notify_all(progress.add(stream), health, pulse, shared, stream);
        let supervisor = StreamSupervisor {
            place: place_of(&plan.source, stream),
            holder: holder(),
            collection: shared.collection(plan, stream, notify),
            schedule: schedule(plan, shared.started),
            health: health.clone(),
        };
        let pulse = pulse.clone();
        running.push(async move {
            let end = supervisor.run().await;
            pulse.end();
            end
        });
    }
    let interval = plan.polling_interval;
    let watching = watchdog::watch(&pulses, health, shared.clock.as_ref(), &shared.stop, interval);
    let deadline = drain_deadline(shared, health);
    let streams = async {
        let mut failed = None;
        while let Some(end) = running.next().await {
            match end {
                StreamEnd::Complete | StreamEnd::Stopped => {}
                StreamEnd::StreamFailed(trouble) => failed = Some(stream_failure(&trouble)),
                StreamEnd::SourceFailed(trouble) => return Err(credentials_failure(&trouble)),
            }
        }
        failed.map_or(Ok(()), Err)
    };
    tokio::select! {
        ended = streams => ended,
        () = deadline => Ok(()),
        () = async { watching.await; std::future::pending::<()>().await } => Ok(()),
    }
}

fn schedule(plan: &CollectPlan, started: Timestamp) -> Schedule {
    Schedule {
        until: (!plan.follow).then(|| plan.time_range.until.unwrap_or(started)),
        polling_interval: plan.polling_interval,
        settle_time: plan.source.settle_time,
    }
}

fn stream_failure(trouble: &Trouble) -> Failure {
    match trouble.error_type {
        ErrorType::ThirdPartyConfig => Failure::mistake(&trouble.message).with_hint(
            "give the API client the permission to read this stream, or leave it out of `dataCollection`",
        ),
        ErrorType::ThirdPartyGeneric | ErrorType::FirstPartyGeneric => Failure::ours(&trouble.message),
    }
}

/// Ends when the deliveries under way have had their time after the stop.
async fn drain_deadline(shared: &Shared, health: &SourceHealth) {
    shared.stop.requested().await;
    health.reach(SourceState::Stopping);
    shared.clock.sleep(DRAIN).await;
    tracing::warn!("deliveries under way did not end in time; they will be made again, and may arrive twice");
}

/// One notice, told to everybody who cares.
fn notify_all(
    progress: Notify,
    health: &Arc<SourceHealth>,
    pulse: &Arc<Pulse>,
    shared: &Shared,
    stream: Stream,
) -> Notify {
    let (health, pulse, clock) = (health.clone(), pulse.clone(), shared.clock.clone());
    Arc::new(move |notice| {
        health.hear(stream, &notice);
        pulse.hear(&notice, clock.now());
        progress(notice);
    })
}

/// Opens the state; `None` when the stop came while waiting for it.
async fn open_ledger(
    path: &Path,
    wait: bool,
    clock: &Arc<dyn Clock>,
    stop: &Stop,
) -> Result<Option<Arc<dyn Ledger>>, Failure> {
    let holder = format!("{}, since {}", holder(), clock.now());
    let opening = async {
        match wait {
            true => SqliteLedger::open_waiting(path, &holder).await,
            false => SqliteLedger::open(path, &holder).await,
        }
    };
    tokio::select! {
        biased;
        () = stop.requested() => Ok(None),
        opened = opening => match opened {
            Ok(ledger) => Ok(Some(Arc::new(ledger))),
            Err(error) => Err(state_failure(&error)),
        },
    }
}

fn state_failure(error: &LedgerError) -> Failure {
    match &error.fault {
        LedgerFault::HeldBy(_) => Failure::mistake(error)
            .with_hint("stop the other collector, pass `--wait`, or keep another place with `--state`"),
        LedgerFault::ReadOnly => {
            Failure::mistake(error).with_hint("name a file in a folder that you may write, with `--state`")
        }
        LedgerFault::Newer => Failure::mistake(error)
            .with_hint("run the release that wrote it, or a newer one; the file is untouched"),
        LedgerFault::Corrupt => Failure::ours(error)
            .with_hint("restore the file from a copy; an empty state would forget what was delivered"),
        LedgerFault::Fenced
        | LedgerFault::Full
        | LedgerFault::Io
        | LedgerFault::Busy
        | LedgerFault::Unreachable => Failure::ours(error),
    }
}

/// Who we are, for people who find the state in use.
fn holder() -> String {
    format!("incydr-collector, process {}", std::process::id())
}
