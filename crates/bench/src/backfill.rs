//! P8: a long history from a slow vendor, as fast as its limit of requests allows, and never faster.

use crate::bench_error::BenchError;
use crate::contestant::{Codec, Contestant};
use crate::goal::Goal;
use crate::load::Load;
use crate::report::Report;
use crate::run::Bench;
use crate::spread::Spread;

const REQUESTS_PER_MINUTE: f64 = 120.0;
const LATENCY_MILLIS: u64 = 2_000;

/// Runs once: it takes a minute, and its clock is the limit.
pub(crate) fn measure(bench: &Bench, report: &mut Report) -> Result<(), BenchError> {
    let pages = if bench.is_quick { 20 } else { 100 };
    let load = Load::pages(pages, 3_100).with_latency_millis(LATENCY_MILLIS);
    let run = bench.run(&Contestant::Collector(Codec::Zstd), load)?;
    let floor_seconds = pages as f64 / REQUESTS_PER_MINUTE * 60.0;
    let single = |value: f64| Spread::of([value]);
    let over_floor = single(run.usage.wall_seconds / floor_seconds);
    let measure =
        format!("wall time of {pages} pages, 2 s each, over the limit's floor of {floor_seconds:.0} s");
    report.add_goal(Goal::at_most("P8", measure, 1.5, "×", over_floor));
    let busiest = single(run.verdict.busiest_minute as f64);
    report.add_goal(Goal::at_most("P8", "requests in the busiest minute", REQUESTS_PER_MINUTE, "", busiest));
    let throttled = single(run.verdict.throttled as f64);
    report.add_goal(Goal::at_most("P8", "requests over the limit", 0.0, "", throttled));
    let overhead = single(run.verdict.searches as f64 / pages as f64);
    report.add_goal(Goal::at_most("P12", "requests per full page", 1.15, "×", overhead));
    Ok(())
}
