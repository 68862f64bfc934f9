//! The options of `collect` and `check`.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::allowed_origin::Origin;
use crate::collect_plan::Compression;
use crate::span::parse_span;

const COLLECT_EXAMPLES: &str = "\
Examples:
  Deliver to Sumo Logic and go on for ever:
      incydr-collector collect --source code42.json --follow \\
          --to https://endpoint1.collection.sumologic.com/receiver/v1/http/…
  The same, with the address in a variable instead of the process list:
      incydr-collector collect --source code42.json --follow --to env:SUMO_URL
  Fetch 90 days of history into files as well, and write the figures for a program:
      incydr-collector collect --source code42.json --since 90d --summary-json summary.json \\
          --to env:SUMO_URL --to file:archive
  Look at the events of one day:
      incydr-collector collect --source code42.json --since 2025-01-28 --until 2025-01-29 \\
          --to - --state once.db

The source is the JSON of Sumo Logic's Code42 Incydr source:
  {\"source\": {\"sourceType\": \"Universal\", \"schemaRef\": {\"type\": \"Code42Incydr\"}, \"config\": {
      \"name\": \"Code42\", \"category\": \"code42\", \"baseURL\": \"https://api.us.code42.com\",
      \"clientID\": \"key-…\", \"secretKey\": \"env:INCYDR_SECRET\",
      \"dataCollection\": [\"fileEvents\", \"alerts\", \"auditLogs\"]}}}

Secrets in it are the text itself, env:NAME or file:PATH. Further keys, all optional:
  pollingInterval  seconds from one poll to the next, 300 unless set
  lookBack         seconds each poll looks back for late events: one number, or an object with
                   fileEvents (600), alerts (86400) and auditLogs (600)
  settleTime       seconds an event must have been there before it is collected, 0 unless set
  retention        seconds that Incydr keeps events, 7776000 (90 days) unless set; a day before events
                   are lost because a destination is down, a health event says so
  alertsApi        \"sessions\", or \"alerts\" for the older endpoint

A run that was interrupted at any point, even by a crash, goes on where it was.";

/// Which source.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct SourceOptions {
    /// The file with the source's JSON, or `-` for standard input.
    #[arg(long, value_name = "FILE")]
    pub source: PathBuf,
    /// Accept this base URL although it is not a host of Incydr (plain http on loopback only). Repeatable.
    #[arg(long, value_name = "URL", value_parser = Origin::parse_allowed)]
    pub allow_base_url: Vec<Origin>,
}

/// Which destinations.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct DestinationOptions {
    /// Where events go: the `https://…` address of a Sumo Logic HTTP source, `env:NAME` for a variable that holds
    /// it, `file:DIR` for an archive folder, `-` for NDJSON on standard output. Repeatable: an event is done only
    /// when every destination has it.
    #[arg(long, value_name = "DESTINATION")]
    pub to: Vec<String>,
    /// Accept plain http to this loopback origin as a destination. Repeatable.
    #[arg(long, value_name = "URL", value_parser = Origin::parse_allowed)]
    pub allow_destination_url: Vec<Origin>,
}

impl DestinationOptions {
    /// Whether one of them is standard output.
    pub fn names_stdout(&self) -> bool {
        self.to.iter().any(|to| to == "-")
    }
}

/// How Incydr is asked.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
#[command(next_help_heading = "Requests to Incydr")]
pub struct PaceOptions {
    /// Requests to Incydr in any minute, over all streams and processes with the same state. At most 120, the
    /// vendor's limit, unless the host is one of `--allow-base-url`.
    #[arg(long, value_name = "N", default_value = "100", value_parser = requests_per_minute)]
    pub requests_per_minute: NonZeroU32,
    /// How long an answer may take, its body included. Searches that take up to three minutes are normal.
    #[arg(long, value_name = "SPAN", default_value = "200s", value_parser = timeout)]
    pub request_timeout: Duration,
    /// How long an answer that has begun may be silent.
    #[arg(long, value_name = "SPAN", default_value = "30s", value_parser = timeout)]
    pub stall_timeout: Duration,
}

/// The options of `collect`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
#[command(after_long_help = COLLECT_EXAMPLES, after_help = "See --help for examples.")]
pub struct CollectOptions {
    /// Which source.
    #[command(flatten)]
    pub source: SourceOptions,
    /// Which destinations.
    #[command(flatten)]
    pub destinations: DestinationOptions,
    /// How batches travel to Sumo Logic.
    #[arg(long, value_enum, default_value_t)]
    pub compression: Compression,
    /// Where streams begin that were never collected: RFC 3339, a date, or a span before now such as `24h` or
    /// `90d`. Streams that were collected before go on where they were. [default: 24h]
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Where collection ends, written like `--since`. [default: now]
    #[arg(long, value_name = "TIME", conflicts_with = "follow")]
    pub until: Option<String>,
    /// Go on collecting new events until stopped.
    #[arg(long)]
    pub follow: bool,
    /// Poll at this interval instead of the source's own `pollingInterval`.
    #[arg(long, value_name = "SPAN", value_parser = polling_interval)]
    pub polling_interval: Option<Duration>,
    /// The file that keeps the place: a path or `sqlite:PATH`.
    /// [default: `incydr-collector/state.db` in `$XDG_STATE_HOME` or `~/.local/state`]
    #[arg(long, value_name = "PATH")]
    pub state: Option<String>,
    /// Wait while another process holds the state, instead of ending.
    #[arg(long)]
    pub wait: bool,
    /// Write the closing figures to this file as JSON.
    #[arg(long, value_name = "PATH")]
    pub summary_json: Option<PathBuf>,
    /// How Incydr is asked.
    #[command(flatten)]
    pub pace: PaceOptions,
}

/// The options of `check`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct CheckOptions {
    /// Which source.
    #[command(flatten)]
    pub source: SourceOptions,
    /// Which destinations; none are tried without `--to`.
    #[command(flatten)]
    pub destinations: DestinationOptions,
    /// How Incydr is asked.
    #[command(flatten)]
    pub pace: PaceOptions,
}

pub(super) fn requests_per_minute(text: &str) -> Result<NonZeroU32, String> {
    text.parse().map_err(|_| "write a whole number from 1 to 120".to_owned())
}

pub(super) fn timeout(text: &str) -> Result<Duration, String> {
    span_within(text, Duration::from_secs(1), Duration::from_secs(3_600), "from 1s to 1h")
}

fn polling_interval(text: &str) -> Result<Duration, String> {
    span_within(text, Duration::from_millis(1), Duration::from_secs(86_400), "from 1ms to 1d")
}

fn span_within(text: &str, least: Duration, most: Duration, range: &str) -> Result<Duration, String> {
    let span = parse_span(text).map_err(|error| error.to_string())?;
    if (least..=most).contains(&span) { Ok(span) } else { Err(format!("write a span {range}")) }
}
