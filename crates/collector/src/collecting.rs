//! One run of one source: from its plan to its summary.
//!
//! Opens the memory, proves the credentials, supervises every stream until it ends, and drains what is in flight
//! when the stop is asked for.

use std::path::Path;
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use incydr_client::client::Connections;
use incydr_core::clock::Clock;
use incydr_core::health::{ErrorType, SourceState, Trouble};
use incydr_core::ledger::{Ledger, LedgerError, LedgerFault};
use incydr_core::stop::Stop;
use incydr_core::timestamp::Timestamp;
use incydr_store::SqliteLedger;

use crate::assembly::{Door, Shared, budget_in, client_of, holder, place_of, reach_of, sumo_of};
use crate::collect_plan::CollectPlan;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::screen::Screen;
use crate::summary::Summary;
use crate::supervision::authenticating::{Authentication, authenticate};
use crate::supervision::nudge::Nudge;
use crate::supervision::source_health::{Part, SourceHealth};
use crate::supervision::stream_meter::StreamMeter;
use crate::supervision::stream_supervisor::{DRAIN, Observers, Schedule, StreamEnd, StreamSupervisor};
use crate::supervision::watchdog::{self, Pulse};

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
    let health = Arc::new(SourceHealth::new(&plan.source.name, clock.clone()));
    health.reach(SourceState::Started);
    let budget = Arc::new(budget_in(&ledger, clock, &plan.source, plan.pace));
    let client = Arc::new(client_of(&plan.source, plan.pace, &Connections::default(), budget)?);
    let doors = Door::open_all(&plan.destinations, |url| sumo_of(&plan.source, url, plan.compression))?;
    let (clock_of_all, doors) = (clock.clone(), doors.into());
    let shared = Shared { client, ledger, clock: clock_of_all, stop: stop.clone(), doors, tap: None };
    health.reach(SourceState::Initialized);
    match authenticate(&shared.client, &health, clock.as_ref(), stop).await {
        Authentication::Accepted => health.reach(SourceState::Authenticated),
        Authentication::Refused(trouble) => return Err(credentials_failure(&trouble)),
        Authentication::Stopped => return Ok(()),
    }
    supervise(plan, &shared, &health, progress, started).await
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
    started: Timestamp,
) -> Result<(), Failure> {
    let mut running = FuturesUnordered::new();
    let mut pulses = Vec::new();
    for stream in plan.source.streams.iter().copied() {
        let part = Part::Stream(stream);
        let observers = Observers {
            part,
            health: health.clone(),
            meter: Arc::new(StreamMeter::new(stream)),
            pulse: Arc::new(Pulse::new(part, plan.source.retention, shared.clock.now())),
        };
        pulses.push(observers.pulse.clone());
        let progress = progress.add(stream);
        let place = place_of(&plan.source, stream);
        let reach = reach_of(&plan.source, stream, plan.time_range.since_or_default(started));
        let notify = observers.notify(&shared.clock, move |notice| progress(notice));
        let heard = (notify, observers.on_exchange(&shared.clock));
        let supervisor = StreamSupervisor {
            collection: shared.collection(&plan.source, &place, reach, heard),
            place,
            holder: holder(),
            schedule: schedule(plan, started),
            nudge: Nudge::never(),
            observers,
        };
        running.push(supervisor.run());
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

/// How the program ends when its state cannot be opened.
pub fn state_failure(error: &LedgerError) -> Failure {
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
