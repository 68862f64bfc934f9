//! P14 to P19: thousands of mostly idle sources in one daemon.
//!
//! The daemon is started twice: once to create the sources over the API, and then, after it was killed, to be
//! measured. During the first interval the API is asked questions while all sources poll for the first time; the
//! second one is left alone, so that what the sources cost is not mixed with what the questions cost.

mod daemon;
mod patience;
mod tenants;
mod vitals;

use std::thread::sleep;
use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use self::daemon::Daemon;
use self::patience::Patience;
use self::tenants::{Polls, TenantAddresses};
use self::vitals::Vitals;
use crate::bench_error::BenchError;
use crate::goal::Goal;
use crate::report::Report;
use crate::run::Bench;
use crate::spread::Spread;
use crate::stage::Stage;

pub(crate) use self::tenants::{Tenants, serve};

const COLLECTORS: &str = "/api/v1/collectors";
const SOURCES_PER_COLLECTOR: u64 = 1_000;
/// What the process may hold besides its sources.
const BASE_MIB: f64 = 256.0;
/// What each source may hold.
const SOURCE_KIB: f64 = 24.0;
/// From the start until the API answers.
const READY_SECONDS: f64 = 5.0;
/// Between two questions to the API.
const THINKING: Duration = Duration::from_millis(100);
/// The last source of an interval polls at its end, and its request has yet to arrive.
const TRAVEL: Duration = Duration::from_secs(1);
/// So much of an interval's end is for counting syncs, which slows the process down.
const SHARE_FOR_SYNCS: u32 = 5;

/// How many sources there are, and how often each polls.
#[derive(Clone, Copy)]
struct Fleet {
    sources: u64,
    interval: Duration,
}

/// Runs once, because the interval is its clock: eleven minutes and the time to create the sources.
pub(crate) fn measure(bench: &Bench, report: &mut Report) -> Result<(), BenchError> {
    // Quick or not, so many polls a second.
    let fleet = match bench.is_quick {
        true => Fleet { sources: 2_000, interval: Duration::from_secs(60) },
        false => Fleet { sources: 10_000, interval: Duration::from_secs(300) },
    };
    let folder = bench.temporary_folder(bench.folder())?;
    let mut stage: Stage<TenantAddresses> = Stage::set(&fleet.tenants().to_arguments())?;
    let first_life = Daemon::start(bench, folder.path(), &stage.addresses)?;
    let [sources, source] = fleet.create(&first_life, &stage.addresses)?;
    let key = first_life.kill()?;

    let _before: Polls = stage.ask("polls")?;
    let started = Instant::now();
    let daemon = Daemon::start_again(bench, folder.path(), &stage.addresses, key)?;
    report.add_goal(at_most(
        "P17",
        "from the start until the API answers",
        READY_SECONDS,
        "s",
        Some(started.elapsed().as_secs_f64()),
    ));
    let first_interval = Instant::now() + fleet.interval + TRAVEL;
    let patience = ask_until(first_interval, &daemon, [&sources, &source])?;
    let first_polls: Polls = stage.ask("polls")?;
    fleet.judge_start(&first_polls, report);
    fleet.judge_api(patience, report);

    let span = fleet.interval - fleet.interval / SHARE_FOR_SYNCS;
    let before = Vitals::of(daemon.pid())?;
    sleep(span);
    let after = Vitals::of(daemon.pid())?;
    let syncs = vitals::syncs_per_second(daemon.pid(), fleet.interval / SHARE_FOR_SYNCS, folder.path())?;
    let all_polls: Polls = stage.ask("all polls")?;
    let cores = (after.cpu_seconds - before.cpu_seconds) / span.as_secs_f64();
    fleet.judge_idleness(&after, cores, syncs, report);
    fleet.judge_fairness(&all_polls, report);
    daemon.kill().map(drop)
}

/// One kind of question after the other, until it is `end`. A list of sources and one of them have these addresses.
fn ask_until(end: Instant, daemon: &Daemon, [sources, source]: [&str; 2]) -> Result<Patience, BenchError> {
    let mut patience = Patience::default();
    while Instant::now() < end {
        patience.list.push(daemon.time_get(sources)?);
        for question in [source, COLLECTORS, "/api/v1/healthEvents?limit=100"] {
            patience.other.push(daemon.time_get(question)?);
        }
        sleep(THINKING);
    }
    Ok(patience)
}

impl Fleet {
    fn tenants(self) -> Tenants {
        Tenants { tenants: self.sources }
    }

    /// Creates all sources, a thousand on each collector. One in a hundred has a vendor who is ill. Gives the addresses
    /// of a whole collector's sources and of one of them.
    fn create(self, daemon: &Daemon, at: &TenantAddresses) -> Result<[String; 2], BenchError> {
        let mut created = [String::new(), String::new()];
        for number in 0..self.sources {
            if number % SOURCES_PER_COLLECTOR == 0 {
                let wanted = json!({"collectorType": "Hosted", "name": format!("Collector {number}")});
                created[0] = daemon.create(COLLECTORS, "collector", &wanted)? + "/sources";
            }
            let vendor = if self.tenants().is_ill(number) { &at.ill_incydr } else { &at.incydr };
            let source = json!({
                "schemaRef": {"type": "Code42Incydr"},
                "sourceType": "Universal",
                "config": {
                    "name": format!("Code42 {number}"), "category": "sec/code42", "fields": {"env": "prod"},
                    "baseURL": vendor, "clientID": tenants::client_id(number), "secretKey": tenants::SECRET,
                    "pollingInterval": self.interval.as_secs(),
                },
            });
            created[1] = daemon.create(&created[0], "source", &source)?;
        }
        Ok(created)
    }

    fn judge_start(self, polls: &Polls, report: &mut Report) {
        let share = polls.polled as f64 / polls.tenants as f64;
        let Self { sources, interval } = self;
        let measure = format!("share of {sources} sources polled within {} s", interval.as_secs());
        report.add_goal(Goal::at_least("P17", measure, 1.0, "", Spread::of([share])));
        report.add_goal(at_most(
            "P17",
            "first polls in the busiest second over the mean",
            1.5,
            "×",
            polls.busiest_second_over_mean,
        ));
    }

    fn judge_api(self, patience: Patience, report: &mut Report) {
        let [median_list, list, other] = [
            patience.list.clone().quantile(0.5),
            patience.list.quantile(0.99),
            patience.other.quantile(0.99),
        ];
        let listed = self.sources.min(SOURCES_PER_COLLECTOR);
        let measure = format!("listing {listed} sources, median");
        report.add_goal(at_most("P18", measure, 50.0, "ms", median_list));
        report.add_goal(at_most("P18", format!("listing {listed} sources, p99"), 150.0, "ms", list));
        report.add_goal(at_most("P18", "every other question, p99", 150.0, "ms", other));
    }

    fn judge_idleness(self, vitals: &Vitals, cores: f64, syncs: f64, report: &mut Report) {
        let sources = self.sources;
        let room = BASE_MIB + sources as f64 * SOURCE_KIB / 1_024.0;
        let measure = format!("peak memory with {sources} sources");
        report.add_goal(at_most("P14", measure, room, "MiB", Some(vitals.peak_mib)));
        report.add_goal(at_most("P15", "cores of an idle fleet", 0.30, "", Some(cores)));
        report.add_goal(at_most("P16", "syncs a second of an idle fleet", 50.0, "", Some(syncs)));
    }

    fn judge_fairness(self, polls: &Polls, report: &mut Report) {
        let stretched = polls.seconds_between_polls_p99.map(|seconds| seconds / self.interval.as_secs_f64());
        let measure = "p99 between two polls of a healthy tenant over the interval";
        report.add_goal(at_most("P19", measure, 1.5, "×", stretched));
    }
}

/// A goal that was measured once; missed where there was nothing to measure.
fn at_most(
    id: &'static str,
    measure: impl Into<String>,
    bound: f64,
    unit: &'static str,
    value: Option<f64>,
) -> Goal {
    Goal::at_most(id, measure, bound, unit, Spread::of([value.unwrap_or(f64::NAN)]))
}
