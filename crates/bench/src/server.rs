//! The process of the servers: a simulated Incydr and a simulated Sumo Logic, and the judge of what arrived.
//!
//! It prints one line of JSON when it is ready ([`Addresses`]) and one for each question: where the next run finds the
//! services ([`NEXT_RUN`], [`Addresses`]), and what came of it (anything else, [`Verdict`]). It ends with its standard
//! input.

use std::io::{self, BufRead, Write};
use std::time::Duration;

use incydr_simulator::{
    DataOptions, GivenEvent, IncydrBehavior, IncydrOptions, Keep, RateOptions, RecordKind, SimulatedIncydr,
    SimulatedSumo, SumoOptions, Visibility,
};
use serde::{Deserialize, Serialize};

use crate::bench_error::BenchError;
use crate::load::Load;

/// The events are spread over so many hours before the start.
pub(crate) const HISTORY_HOURS: u64 = 24;

/// Asks for a Sumo Logic that has received nothing yet.
pub(crate) const NEXT_RUN: &str = "next run";

/// Where the servers are.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Addresses {
    pub(crate) incydr: String,
    pub(crate) sumo: String,
}

/// What was there, and what arrived.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Verdict {
    /// Events that were there.
    pub(crate) events: u64,
    /// Their bytes.
    pub(crate) event_bytes: u64,
    /// Bytes that arrived, after decoding.
    pub(crate) arrived_bytes: u64,
    pub(crate) missing: usize,
    pub(crate) invented: usize,
    pub(crate) altered: usize,
    pub(crate) duplicates: u64,
    /// Searches for file events.
    pub(crate) searches: u64,
    /// Requests in the busiest 60 seconds.
    pub(crate) busiest_minute: usize,
    /// Requests that were refused for being too many.
    pub(crate) throttled: u64,
}

impl Verdict {
    /// Whether each event arrived, once, as it was.
    pub(crate) fn is_perfect(&self) -> bool {
        self.missing == 0 && self.invented == 0 && self.altered == 0 && self.duplicates == 0
    }
}

/// Serves until standard input ends.
pub(crate) fn serve(load: &Load) -> Result<(), BenchError> {
    let runtime = tokio::runtime::Runtime::new().map_err(BenchError::at("starting the servers' runtime"))?;
    let mut servers =
        runtime.block_on(Servers::start(load)).map_err(BenchError::at("starting the simulated services"))?;
    say(&servers.addresses())?;
    for question in io::stdin().lock().lines().map_while(Result::ok) {
        if question == NEXT_RUN {
            let renewed = runtime.block_on(servers.renew_sumo());
            renewed.map_err(BenchError::at("starting another simulated Sumo Logic"))?;
            say(&servers.addresses())?;
        } else {
            say(&servers.verdict())?;
        }
    }
    Ok(())
}

struct Servers {
    incydr: SimulatedIncydr,
    sumo: SimulatedSumo,
}

impl Servers {
    async fn start(load: &Load) -> io::Result<Self> {
        let data = DataOptions {
            period: Duration::from_secs(HISTORY_HOURS * 3_600),
            file_events: load.events,
            mean_event_bytes: load.event_bytes,
            event_visibility: Visibility::immediate(),
            ..DataOptions::default()
        };
        // A shell can read the token of the next page only where it stands before the events.
        let behavior = IncydrBehavior { events_come_last: true, ..IncydrBehavior::default() };
        let latency = load.latency();
        let rate = RateOptions { per_minute: load.requests_per_minute, ..RateOptions::default() };
        let options = IncydrOptions { data, behavior, latency, rate, ..IncydrOptions::default() };
        let incydr = SimulatedIncydr::start(options).await?;
        if load.giant_bytes > 0 {
            let inserted = incydr.clock().now().minus(Duration::from_secs(3_600));
            incydr.add_events([GivenEvent::sized("giant", inserted, load.giant_bytes)], inserted);
        }
        Ok(Self { incydr, sumo: Self::start_sumo().await? })
    }

    /// What arrived is judged after the run, so that judging takes no time from it.
    async fn start_sumo() -> io::Result<SimulatedSumo> {
        SimulatedSumo::start(SumoOptions { keep: Keep::Later, ..SumoOptions::default() }).await
    }

    async fn renew_sumo(&mut self) -> io::Result<()> {
        let before = std::mem::replace(&mut self.sumo, Self::start_sumo().await?);
        before.stop().await;
        Ok(())
    }

    fn addresses(&self) -> Addresses {
        Addresses { incydr: self.incydr.base_url(), sumo: self.sumo.url() }
    }

    fn verdict(&self) -> Verdict {
        let truth = self.incydr.truth();
        let received = self.sumo.received();
        let compared = truth.compare(&received, &[RecordKind::FileEvent]);
        let traffic = self.incydr.traffic();
        let throttled = traffic.endpoints.values().filter_map(|endpoint| endpoint.statuses.get(&Some(429)));
        Verdict {
            events: truth.entries.len() as u64,
            event_bytes: truth.entries.iter().map(|entry| entry.len).sum(),
            arrived_bytes: received.decoded_bytes,
            missing: compared.missing.len(),
            invented: compared.invented.len(),
            altered: compared.altered.len(),
            duplicates: compared.duplicates,
            searches: traffic.endpoints.get("file-events").map_or(0, |endpoint| endpoint.requests),
            busiest_minute: traffic.busiest_minute,
            throttled: throttled.sum(),
        }
    }
}

/// Answers with one line.
pub(crate) fn say(answer: &impl Serialize) -> Result<(), BenchError> {
    let mut line = serde_json::to_vec(answer).map_err(BenchError::at("writing an answer of the servers"))?;
    line.push(b'\n');
    let mut out = io::stdout().lock();
    out.write_all(&line).and_then(|()| out.flush()).map_err(BenchError::at("answering for the servers"))
}
