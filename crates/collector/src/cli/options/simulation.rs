//! The options of `simulate` and `demo`.

use std::num::{NonZeroU32, NonZeroU64};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::span::parse_span;

const SIMULATE_EXAMPLES: &str = r#"Examples:
  A million file events over 30 days, 50 new ones a second, indexed up to 2 minutes late:
      incydr-collector simulate --file-events 1000000 --history 30d \
          --events-per-second 50 --lateness 2m
  Every tenth delivery is kept but never answered, and 1 % of all searches get a 503:
      echo '{"rules": [
        {"where": "sumo", "when": {"every": 10},
         "faults": [{"ingest": {"share": 1}}, {"break": {"at": "before-head", "how": "reset"}}]},
        {"where": "file-events", "when": {"probability": 0.01}, "faults": [{"answer": {"status": 503}}]}
      ]}' > faults.json
      incydr-collector simulate --faults faults.json"#;

/// The options of `simulate`.
#[derive(Clone, PartialEq, Debug, Args)]
#[command(after_long_help = SIMULATE_EXAMPLES, after_help = "See --help for examples.")]
pub struct SimulateOptions {
    /// The port of the simulated Incydr on 127.0.0.1; 0 takes any free one.
    #[arg(long, value_name = "PORT", default_value_t = 8042)]
    pub incydr_port: u16,
    /// The port of the simulated Sumo Logic on 127.0.0.1; 0 takes any free one.
    #[arg(long, value_name = "PORT", default_value_t = 8043)]
    pub sumo_port: u16,
    /// File events that exist at the start.
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    pub file_events: u64,
    /// Alert sessions that exist at the start.
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub alerts: u64,
    /// Audit log rows that exist at the start.
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    pub audit_logs: u64,
    /// The stretch of time before the start over which they are spread.
    #[arg(long, value_name = "SPAN", default_value = "24h", value_parser = parse_span)]
    pub history: Duration,
    /// The mean size of a file event in bytes.
    #[arg(long, value_name = "BYTES", default_value = "3100")]
    pub event_bytes: NonZeroU32,
    /// New file events per second while it runs.
    #[arg(long, value_name = "N", default_value_t = 1.0, value_parser = events_per_second)]
    pub events_per_second: f64,
    /// How long each page takes to answer.
    #[arg(long, value_name = "SPAN", default_value = "0s", value_parser = parse_span)]
    pub page_latency: Duration,
    /// How late an event may become searchable after it was inserted.
    #[arg(long, value_name = "SPAN", default_value = "0s", value_parser = parse_span)]
    pub lateness: Duration,
    /// Requests per minute before the simulated Incydr answers 429.
    #[arg(long, value_name = "N", default_value = "120")]
    pub rate_limit: NonZeroU32,
    /// Misbehave as the fault plan in this JSON file says.
    #[arg(long, value_name = "FILE")]
    pub faults: Option<PathBuf>,
    /// The same seed gives the same events and faults.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
}

/// The options of `demo`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct DemoOptions {
    /// End after the history was collected and verified, instead of going on with new events.
    #[arg(long)]
    pub once: bool,
    /// File events in the simulated history.
    #[arg(long, value_name = "N", default_value = "20000")]
    pub events: NonZeroU64,
    /// Keep the state and the archive in this folder. [default: a temporary folder]
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

fn events_per_second(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|pace: &f64| (0.0..=100_000.0).contains(pace));
    number.ok_or_else(|| "write a number from 0 to 100000".to_owned())
}
