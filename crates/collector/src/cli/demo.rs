//! `demo`: a collection from a simulated Incydr to a simulated Sumo Logic, for watching.
//!
//! Between the two servers works the same `collect` as in production: the demonstration writes a source JSON and hands
//! it to the same options that a person would type.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use incydr_core::clock::Clock;
use incydr_simulator::{
    ApiClient, DataOptions, Growth, IncydrOptions, RecordKind, SimulatedIncydr, SimulatedSumo, SumoOptions,
    Verdict, Visibility,
};

use super::options::{CollectOptions, DemoOptions, DestinationOptions, PaceOptions, SourceOptions};
use crate::allowed_origin::Origin;
use crate::collect_plan::Compression;
use crate::collecting;
use crate::failure::Failure;
use crate::figures::grouped;
use crate::screen::Screen;
use crate::signals::stop_on_signals;
use crate::system_clock::SystemClock;

const HISTORY: Duration = Duration::from_secs(3 * 24 * 60 * 60);
const POLLING_INTERVAL: Duration = Duration::from_secs(5);
/// As many of the other records as a tenant with so many file events may have.
const FILE_EVENTS_PER_SESSION: u64 = 100;
const FILE_EVENTS_PER_AUDIT_ROW: u64 = 20;

/// Runs the demonstration.
pub async fn run(options: DemoOptions, screen: &Screen) -> Result<(), Failure> {
    let stop = stop_on_signals()?;
    let dir = options.dir.clone().unwrap_or_else(own_folder);
    std::fs::create_dir_all(&dir)
        .map_err(|error| Failure::mistake(format!("creating `{}`: {error}", dir.display())))?;
    let incydr = SimulatedIncydr::start(tenant(&options)).await.map_err(Failure::ours)?;
    let sumo = SimulatedSumo::start(SumoOptions::default()).await.map_err(Failure::ours)?;
    screen.write(&format!(
        "A simulated Incydr with {} file events of the last 3 days, and a simulated Sumo Logic, both on loopback.\n",
        grouped(options.events.get()),
    ));
    let plan = typed(&dir, &incydr, &sumo, options.once)?.plan(SystemClock.now())?;
    let collected = collecting::collect(&plan, Arc::new(SystemClock), &stop, screen).await;
    let received = sumo.received();
    screen.write(&format!(
        "The simulated Sumo Logic received {} messages in {} requests.\nThe delivered NDJSON lies in {}\n",
        grouped(received.messages),
        grouped(u64::try_from(received.batches.len()).unwrap_or(u64::MAX)),
        dir.join("archive").display(),
    ));
    let verdict = incydr.truth().compare(&received, &[RecordKind::FileEvent, RecordKind::AuditRow]);
    incydr.stop().await;
    sumo.stop().await;
    collected?;
    if options.once && !stop.is_requested() { prove(&verdict, screen) } else { Ok(()) }
}

/// Everything that was there has arrived; a demonstration that cannot say so has failed.
fn prove(verdict: &Verdict, screen: &Screen) -> Result<(), Failure> {
    let Verdict { missing, invented, altered, duplicates } = verdict;
    if !verdict.is_complete() {
        return Err(Failure::ours(format!(
            "comparing what was there with what arrived: {} missing, {} altered, {} invented",
            missing.len(),
            altered.len(),
            invented.len()
        )));
    }
    screen.write(&format!(
        "Compared with the file events and audit rows that were there: nothing missing, nothing altered, {} duplicates.\n",
        grouped(*duplicates)
    ));
    Ok(())
}

fn own_folder() -> PathBuf {
    std::env::temp_dir().join(format!("incydr-collector-demo-{}", std::process::id()))
}

fn tenant(options: &DemoOptions) -> IncydrOptions {
    let file_events = options.events.get();
    let (growth, visibility) = match options.once {
        true => (Growth::default(), Visibility::immediate()),
        false => (
            Growth { file_events_per_second: 5.0, sessions_per_hour: 120.0, audit_rows_per_minute: 12.0 },
            Visibility::usual(),
        ),
    };
    let data = DataOptions {
        period: HISTORY,
        file_events,
        sessions: file_events / FILE_EVENTS_PER_SESSION,
        audit_rows: file_events / FILE_EVENTS_PER_AUDIT_ROW,
        growth,
        event_visibility: visibility.clone(),
        audit_visibility: visibility,
        ..DataOptions::default()
    };
    IncydrOptions { data, ..IncydrOptions::default() }
}

/// What a person would type to collect from these servers.
fn typed(
    dir: &Path,
    incydr: &SimulatedIncydr,
    sumo: &SimulatedSumo,
    once: bool,
) -> Result<CollectOptions, Failure> {
    let source = dir.join("code42.json");
    std::fs::write(&source, source_json(&incydr.base_url()))
        .map_err(|error| Failure::mistake(format!("writing `{}`: {error}", source.display())))?;
    let origin = |url: &str| {
        let url = url.parse().map_err(Failure::ours)?;
        Origin::of(&url).ok_or_else(|| Failure::ours(format!("reading `{url}`: it has no origin")))
    };
    Ok(CollectOptions {
        source: SourceOptions { source, allow_base_url: vec![origin(&incydr.base_url())?] },
        destinations: DestinationOptions {
            to: vec![sumo.url(), format!("file:{}", dir.join("archive").display())],
            allow_destination_url: vec![origin(&sumo.url())?],
        },
        since: Some("3d".to_owned()),
        until: None,
        follow: !once,
        polling_interval: Some(POLLING_INTERVAL),
        state: Some(dir.join("state.db").display().to_string()),
        wait: false,
        compression: Compression::Gzip,
        summary_json: Some(dir.join("summary.json")),
        pace: PaceOptions {
            requests_per_minute: NonZeroU32::new(100).unwrap_or(NonZeroU32::MIN),
            request_timeout: Duration::from_secs(200),
            stall_timeout: Duration::from_secs(30),
        },
    })
}

fn source_json(base_url: &str) -> String {
    let ApiClient { id, secret, .. } = ApiClient::default();
    let source = serde_json::json!({
        "api.version": "v1",
        "source": {
            "config": {
                "name": "Code42",
                "description": "The demonstration's source",
                "category": "code42",
                "baseURL": base_url,
                "clientID": id,
                "secretKey": secret,
                "dataCollection": ["auditLogs", "alerts", "fileEvents"],
            },
            "schemaRef": { "type": "Code42Incydr" },
            "sourceType": "Universal",
        },
    });
    format!("{source:#}\n")
}
