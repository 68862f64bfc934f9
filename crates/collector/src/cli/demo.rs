//! `demo`: the hosted collector between a simulated Incydr and a simulated Sumo Logic, for watching.
//!
//! The daemon is the one of `run`, and the demonstration is a client of its API like any other: it creates a collector
//! with one source and backfills, and looks at their figures.

mod guest;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use incydr_core::clock::Clock;
use incydr_core::stop::{Stop, stop_switch};
use incydr_core::timestamp::Timestamp;
use incydr_simulator::{
    DataOptions, Growth, IncydrOptions, RecordKind, SimulatedIncydr, SimulatedSumo, SumoOptions, Verdict,
    Visibility,
};

use self::guest::{Guest, Sight};
use super::client::Connection;
use super::options::DemoOptions;
use crate::allowed_origin::Origin;
use crate::configuration::{Configuration, DestinationEntry};
use crate::daemon::Daemon;
use crate::failure::Failure;
use crate::figures::grouped;
use crate::screen::Screen;
use crate::signals::stop_on_signals;
use crate::summary::Summary;
use crate::supervision::stream_supervisor::wait_unless_stopped;
use crate::system_clock::SystemClock;

const HISTORY: Duration = Duration::from_secs(3 * 24 * 60 * 60);
/// How often the figures are looked at, and how often they are shown.
const LOOK_EVERY: Duration = Duration::from_secs(1);
const LOOKS_TO_SHOW: u32 = 5;
/// As many of the other records as a tenant with so many file events may have.
const FILE_EVENTS_PER_SESSION: u64 = 100;
const FILE_EVENTS_PER_AUDIT_ROW: u64 = 20;

/// Runs the demonstration.
pub async fn run(options: DemoOptions, screen: &Screen) -> Result<(), Failure> {
    let stop = stop_on_signals()?;
    let dir = options.dir.clone().unwrap_or_else(own_folder);
    prepare(&dir)?;
    let began = SystemClock.now();
    let incydr = SimulatedIncydr::start(tenant(&options)).await.map_err(Failure::ours)?;
    let sumo = SimulatedSumo::start(SumoOptions::default()).await.map_err(Failure::ours)?;
    screen.write(&format!(
        "A simulated Incydr with {} file events of the last 3 days, and a simulated Sumo Logic, both on loopback.\n",
        grouped(options.events.get()),
    ));
    let settings = configuration(&dir, &incydr, &sumo)?.settings()?;
    let daemon = Daemon::start(&settings, Arc::new(SystemClock)).await?;
    let connection = introduce(&daemon, screen)?;
    let (switch, end) = stop_switch();
    let serving = tokio::spawn(daemon.run(end));
    let watched = watch(connection, &incydr.base_url(), began, options.once, &stop, screen).await;
    switch.request();
    serving.await.map_err(|error| Failure::ours(format!("ending the daemon: {error}")))?;
    let now = SystemClock.now();
    if let Ok(Some(sight)) = &watched {
        screen.write(&Summary::new("Code42", &sight.tallies, now.since(began), now).to_string());
    }
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
    watched?;
    if options.once && !stop.is_requested() { prove(&verdict, screen) } else { Ok(()) }
}

/// Lets a client set everything up and watches it, until the stop, or until everything that was there is collected.
async fn watch(
    connection: Connection,
    base_url: &str,
    began: Timestamp,
    once: bool,
    stop: &Stop,
    screen: &Screen,
) -> Result<Option<Sight>, Failure> {
    let guest = Guest::settle(connection, base_url, began.minus(HISTORY + LOOK_EVERY)).await?;
    let mut looks = 0;
    loop {
        let ends = wait_unless_stopped(&SystemClock, stop, LOOK_EVERY).await;
        let sight = guest.look().await?;
        if ends || (once && sight.is_complete) {
            return Ok(Some(sight));
        }
        looks += 1;
        if looks % LOOKS_TO_SHOW == 0 {
            screen.write(&line_of(&sight));
        }
    }
}

/// The figures of a moment in one line.
fn line_of(sight: &Sight) -> String {
    let streams = sight
        .tallies
        .iter()
        .map(|(stream, tally)| format!("{} {} delivered", stream.as_str(), grouped(tally.acknowledged)));
    format!("{}: {}\n", sight.state, streams.collect::<Vec<_>>().join(", "))
}

/// Says how to reach the daemon, and becomes its client.
fn introduce(daemon: &Daemon, screen: &Screen) -> Result<Connection, Failure> {
    let url = daemon.url()?;
    let first = daemon.first_key().ok_or_else(|| Failure::ours("the daemon has made no access key"))?;
    let (access_id, access_key) = (&first.access_id, first.key.reveal());
    screen.write(&format!(
        "The hosted collector is at {url}. Open it in a browser and sign in:\n  \
         Access ID:  {access_id}\n  \
         Access key: {access_key}\n\
         Or look around from another terminal; the API is at {url}/api/v1:\n  \
         export INCYDR_COLLECTOR_URL={url} INCYDR_ACCESS_ID={access_id} INCYDR_ACCESS_KEY={access_key}\n  \
         incydr-collector status --watch\n",
    ));
    Connection::new(&origin_of(&url)?, first.access_id.clone(), first.key.clone())
}

/// A folder of its own: an earlier demonstration's source would ask for servers that are gone.
fn prepare(dir: &Path) -> Result<(), Failure> {
    if dir.join("state.db").exists() {
        let sentence =
            format!("`--dir {}` holds an earlier demonstration; name another folder", dir.display());
        return Err(Failure::mistake(sentence));
    }
    std::fs::create_dir_all(dir)
        .map_err(|error| Failure::mistake(format!("creating `{}`: {error}", dir.display())))
}

/// What an operator would configure to collect from one of these servers into the other.
fn configuration(
    dir: &Path,
    incydr: &SimulatedIncydr,
    sumo: &SimulatedSumo,
) -> Result<Configuration, Failure> {
    let entry = |to: String| DestinationEntry { to, allow_plain_http: true };
    Ok(Configuration {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        data_dir: Some(dir.to_owned()),
        destinations: vec![entry(sumo.url()), entry(format!("file:{}", dir.join("archive").display()))],
        allowed_base_urls: vec![origin_of(&incydr.base_url())?],
        keeps_tails: true,
        ..Configuration::default()
    })
}

fn origin_of(url: &str) -> Result<Origin, Failure> {
    let parsed = url.parse().map_err(Failure::ours)?;
    Origin::of(&parsed).ok_or_else(|| Failure::ours(format!("reading `{url}`: it has no origin")))
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
