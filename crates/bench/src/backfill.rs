//! P8: a long history from a slow vendor, as fast as its limit of requests allows, and never faster.

use crate::bench_error::BenchError;
use crate::contestant::{Codec, Contestant};
use crate::goal::Goal;
use crate::load::Load;
use crate::memory::PEAK_MIB;
use crate::report::Report;
use crate::run::Bench;
use crate::spread::Spread;

const REQUESTS_PER_MINUTE: u32 = 120;
const LATENCY_MILLIS: u64 = 2_000;
/// Enough for a window that is split and walked in parallel; it takes a minute.
const PAGES: u64 = 100;

/// Runs once, because the limit is its clock.
pub(crate) fn measure(bench: &Bench, report: &mut Report) -> Result<(), BenchError> {
    let load = Load::pages(PAGES, 3_100)
        .with_latency_millis(LATENCY_MILLIS)
        .with_requests_per_minute(REQUESTS_PER_MINUTE);
    let run = bench.run(&Contestant::Collector(Codec::Zstd), load)?;
    let limit = f64::from(REQUESTS_PER_MINUTE);
    let floor_seconds = PAGES as f64 / limit * 60.0;
    let single = |value: f64| Spread::of([value]);
    let over_floor = single(run.usage.wall_seconds / floor_seconds);
    let measure =
        format!("wall time of {PAGES} pages, 2 s each, over the limit's floor of {floor_seconds:.0} s");
    report.add_goal(Goal::at_most("P8", measure, 1.5, "×", over_floor));
    let busiest = single(run.verdict.busiest_minute as f64);
    report.add_goal(Goal::at_most("P8", "requests in the busiest minute", limit, "", busiest));
    let throttled = single(run.verdict.throttled as f64);
    report.add_goal(Goal::at_most("P8", "requests over the limit", 0.0, "", throttled));
    let overhead = single(run.verdict.searches as f64 / PAGES as f64);
    report.add_goal(Goal::at_most("P12", "requests per full page", 1.15, "×", overhead));
    let measure = format!("peak memory, backfill of {PAGES} pages");
    report.add_goal(Goal::at_most("P4", measure, PEAK_MIB, "MiB", single(run.usage.peak_mib)));
    Ok(())
}
