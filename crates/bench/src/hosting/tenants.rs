//! The process of the servers for many tenants, and the judge of how they are polled.
//!
//! It prints one line of JSON when it is ready ([`TenantAddresses`]) and one for each line that it is sent
//! ([`Polls`]): those since the last question, or with `all polls` those since the question before it as well. It
//! ends with its standard input.

use std::collections::BTreeMap;
use std::io::{self, BufRead};

use clap::Args;
use incydr_simulator::{
    ApiClient, BreakPoint, DataOptions, Fault, FaultPlan, FaultRule, IncydrOptions, Keep, Moment,
    RateOptions, SimulatedIncydr, SimulatedSumo, SumoOptions, Target,
};
use serde::{Deserialize, Serialize};

use super::patience::quantile_of;
use crate::bench_error::BenchError;
use crate::server::say;

/// The secret of every tenant.
pub(super) const SECRET: &str = "simulated-secret";
/// One tenant of so many has a vendor who is ill.
const ONE_ILL_IN: u64 = 100;
/// Requests of one poll of a stream lie closer together.
const ONE_POLL_SECONDS: f64 = 2.0;

/// Tenants without events.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Args)]
pub(crate) struct Tenants {
    /// How many.
    #[arg(long)]
    pub(crate) tenants: u64,
}

/// Where the servers are.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct TenantAddresses {
    pub(super) incydr: String,
    /// Where searches for file events hang, and those for sessions fail.
    pub(super) ill_incydr: String,
    pub(super) sumo: String,
}

/// How the healthy tenants were polled for file events. What there was nothing for is `None`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(super) struct Polls {
    /// How many tenants there are.
    pub(super) tenants: u64,
    /// How many of them were polled.
    pub(super) polled: u64,
    /// First polls of tenants in the busiest second, over the mean from the first to the last of them.
    pub(super) busiest_second_over_mean: Option<f64>,
    /// Between two polls of the same tenant.
    pub(super) seconds_between_polls_p99: Option<f64>,
}

impl Tenants {
    /// As arguments of the servers' process.
    pub(super) fn to_arguments(self) -> [String; 2] {
        ["serve-tenants".to_owned(), format!("--tenants={}", self.tenants)]
    }

    /// Whether the tenant of this number has the vendor who is ill.
    pub(super) fn is_ill(self, number: u64) -> bool {
        number % ONE_ILL_IN == ONE_ILL_IN / 2
    }

    fn clients(self, ill: bool) -> Vec<ApiClient> {
        (0..self.tenants)
            .filter(|&number| self.is_ill(number) == ill)
            .map(|number| ApiClient {
                id: client_id(number),
                secret: SECRET.to_owned(),
                tenant: format!("tenant-{number}"),
            })
            .collect()
    }
}

/// The client of a tenant.
pub(super) fn client_id(number: u64) -> String {
    format!("key-{number}")
}

/// Serves until standard input ends.
pub(crate) fn serve(tenants: &Tenants) -> Result<(), BenchError> {
    let runtime = tokio::runtime::Runtime::new().map_err(BenchError::at("starting the servers' runtime"))?;
    let servers = runtime
        .block_on(Servers::start(*tenants))
        .map_err(BenchError::at("starting the simulated services"))?;
    say(&servers.addresses())?;
    let mut asked = [0, 0];
    for question in io::stdin().lock().lines() {
        let is_about_all = question.is_ok_and(|question| question == "all polls");
        let since = if is_about_all { asked[0] } else { asked[1] };
        asked = [asked[1], servers.requests()];
        say(&servers.polls(since))?;
    }
    Ok(())
}

struct Servers {
    healthy: u64,
    incydr: SimulatedIncydr,
    ill_incydr: SimulatedIncydr,
    sumo: SimulatedSumo,
}

impl Servers {
    async fn start(tenants: Tenants) -> io::Result<Self> {
        let clients = tenants.clients(false);
        let healthy = clients.len() as u64;
        let incydr = SimulatedIncydr::start(options(clients)).await?;
        let faults = FaultPlan::default();
        faults.add(FaultRule::always(Target::FileEvents, Fault::Hang { at: BreakPoint::BeforeHead }));
        faults.add(FaultRule::always(Target::Sessions, Fault::status(500)));
        let ill_incydr =
            SimulatedIncydr::start(IncydrOptions { faults, ..options(tenants.clients(true)) }).await?;
        let sumo = SimulatedSumo::start(SumoOptions { keep: Keep::Counts, ..SumoOptions::default() }).await?;
        Ok(Self { healthy, incydr, ill_incydr, sumo })
    }

    fn addresses(&self) -> TenantAddresses {
        let Self { incydr, ill_incydr, sumo, .. } = self;
        TenantAddresses { incydr: incydr.base_url(), ill_incydr: ill_incydr.base_url(), sumo: sumo.url() }
    }

    fn requests(&self) -> u64 {
        self.incydr.requests().len() as u64
    }

    /// Without the first `since` requests.
    fn polls(&self, since: u64) -> Polls {
        let mut by_tenant: BTreeMap<String, Vec<Moment>> = BTreeMap::new();
        for record in self.incydr.requests() {
            if let (true, "file-events", Some(tenant)) =
                (record.number > since, record.endpoint, record.tenant)
            {
                by_tenant.entry(tenant).or_default().push(record.at);
            }
        }
        let firsts = by_tenant.values().filter_map(|times| times.first().copied()).collect();
        Polls {
            tenants: self.healthy,
            polled: by_tenant.len() as u64,
            busiest_second_over_mean: busiest_over_mean(firsts),
            seconds_between_polls_p99: quantile_of(
                by_tenant.values().flat_map(|times| gaps(times)).collect(),
                0.99,
            ),
        }
    }
}

fn options(clients: Vec<ApiClient>) -> IncydrOptions {
    let data = DataOptions { file_events: 0, sessions: 0, audit_rows: 0, ..DataOptions::default() };
    let rate = RateOptions { per_minute: None, ..RateOptions::default() };
    IncydrOptions { clients, data, rate, ..IncydrOptions::default() }
}

/// How many moments lie in the busiest second, over the mean from the first to the last.
fn busiest_over_mean(mut moments: Vec<Moment>) -> Option<f64> {
    moments.sort();
    let (first, last) = (*moments.first()?, *moments.last()?);
    let mut by_second: BTreeMap<u64, u64> = BTreeMap::new();
    for moment in &moments {
        *by_second.entry(moment.since(first).as_secs()).or_default() += 1;
    }
    let mean = moments.len() as f64 / last.since(first).as_secs_f64().max(1.0);
    by_second.into_values().max().map(|busiest| busiest as f64 / mean)
}

/// Seconds between two polls.
fn gaps(times: &[Moment]) -> Vec<f64> {
    let gaps = times.windows(2).map(|pair| pair[1].since(pair[0]).as_secs_f64());
    gaps.filter(|&gap| gap > ONE_POLL_SECONDS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_busiest_second_is_compared_with_the_mean() {
        let at = |millis: &[i64]| millis.iter().map(|&millis| Moment::from_millis(millis)).collect();
        assert_eq!(busiest_over_mean(at(&[0, 500, 1_000, 1_500, 2_000])), Some(0.8));
        assert_eq!(busiest_over_mean(at(&[0, 100, 200, 4_000])), Some(3.0));
        assert_eq!(busiest_over_mean(Vec::new()), None);
    }

    #[test]
    fn requests_of_one_poll_are_no_gap() {
        let times = [0, 20, 60_000, 60_030, 121_000].map(Moment::from_millis);
        assert_eq!(gaps(&times), [59.98, 60.97]);
    }
}
