//! `simulate`: the simulated Incydr and the simulated Sumo Logic alone, for testing against them.

use std::path::Path;
use std::time::Duration;

use incydr_simulator::{
    ApiClient, DataOptions, FaultPlan, FaultScript, Growth, IncydrOptions, RateOptions, SimulatedIncydr,
    SimulatedSumo, SumoOptions, Visibility,
};

use super::options::SimulateOptions;
use crate::failure::Failure;
use crate::figures::grouped;
use crate::signals::stop_on_signals;

/// Runs both servers until it is told to stop, then says what they saw.
pub async fn run(options: SimulateOptions) -> Result<(), Failure> {
    let script = options.faults.as_deref().map(read_faults).transpose()?.unwrap_or_default();
    let stop = stop_on_signals()?;
    let incydr =
        SimulatedIncydr::start(incydr_options(&options, script.clone())).await.map_err(not_started)?;
    let sumo =
        SumoOptions { port: options.sumo_port, faults: FaultPlan::new(script), ..SumoOptions::default() };
    let sumo = SimulatedSumo::start(sumo).await.map_err(not_started)?;
    announce(&incydr, &sumo);
    stop.requested().await;
    let (received, traffic) = (sumo.received(), incydr.traffic());
    report(&received, &traffic);
    incydr.stop().await;
    sumo.stop().await;
    Ok(())
}

fn incydr_options(options: &SimulateOptions, script: FaultScript) -> IncydrOptions {
    let visibility = || match options.lateness {
        Duration::ZERO => Visibility::immediate(),
        lateness => Visibility::within(lateness.as_secs_f64()),
    };
    IncydrOptions {
        port: options.incydr_port,
        rate: RateOptions { per_minute: Some(options.rate_limit.get()), ..RateOptions::default() },
        data: DataOptions {
            seed: options.seed,
            period: options.history,
            file_events: options.file_events,
            mean_event_bytes: usize::try_from(options.event_bytes.get()).unwrap_or(usize::MAX),
            sessions: options.alerts,
            audit_rows: options.audit_logs,
            growth: Growth { file_events_per_second: options.events_per_second, ..Growth::default() },
            event_visibility: visibility(),
            audit_visibility: visibility(),
        },
        latency: options.page_latency,
        faults: FaultPlan::new(script),
        ..IncydrOptions::default()
    }
}

fn read_faults(path: &Path) -> Result<FaultScript, Failure> {
    let refuse = |why: String| Failure::mistake(format!("`--faults {}`: {why}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| refuse(error.to_string()))?;
    FaultScript::parse(&text)
        .map_err(|error| refuse(format!("{error}; see `simulate --help` for an example")))
}

fn not_started(error: std::io::Error) -> Failure {
    Failure::mistake(format!("listening on 127.0.0.1: {error}"))
        .with_hint("pass another port, or 0 for any free one")
}

/// Prints what somebody needs to point a collector at the servers.
#[expect(clippy::print_stdout, reason = "the addresses are what the verb is for")]
fn announce(incydr: &SimulatedIncydr, sumo: &SimulatedSumo) {
    let ApiClient { id, secret, .. } = ApiClient::default();
    println!("Incydr     {}", incydr.base_url());
    println!("clientID   {id}");
    println!("secretKey  {secret}");
    println!("Sumo       {}", sumo.url());
}

#[expect(clippy::print_stdout, reason = "the figures are what the verb is for")]
fn report(received: &incydr_simulator::Received, traffic: &incydr_simulator::Traffic) {
    for (endpoint, met) in &traffic.endpoints {
        let count = |(status, count): (&Option<u16>, &u64)| {
            let status = status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
            format!("{status}: {}", grouped(*count))
        };
        let statuses: Vec<_> = met.statuses.iter().map(count).collect();
        println!("{endpoint:<13} {:>8} requests ({})", grouped(met.requests), statuses.join(", "));
    }
    println!("busiest minute: {} requests", traffic.busiest_minute);
    println!(
        "Sumo received {} messages in {} requests, {} of them duplicates",
        grouped(received.messages),
        grouped(u64::try_from(received.batches.len()).unwrap_or(u64::MAX)),
        grouped(received.duplicates()),
    );
}
