//! P1 to P3 and the first half of P4: time and memory for twenty pages of events, against the shell loop.

use crate::bench_error::BenchError;
use crate::contestant::{Codec, Contestant};
use crate::goal::Goal;
use crate::load::Load;
use crate::memory::PEAK_MIB;
use crate::peer;
use crate::report::Report;
use crate::run::{Bench, Run};
use crate::spread::{Spread, ratios};

/// Lets all contestants do the same work in turns.
pub(crate) fn measure(bench: &Bench, with_peers: bool, report: &mut Report) -> Result<(), BenchError> {
    let [zstd, gzip] = [Codec::Zstd, Codec::Gzip].map(Contestant::Collector);
    let [zstd_loop, gzip_loop] = [Codec::Zstd, Codec::Gzip].map(Contestant::ShellLoop);
    let contestants = [&zstd, &zstd_loop, &gzip, &gzip_loop];
    let runs = bench.compete(contestants, Load::USUAL)?;
    contestants.iter().zip(&runs).for_each(|(contestant, runs)| report.add_runs(contestant, runs));
    let [zstd, zstd_loop, gzip, gzip_loop] = &runs;
    compare(report, Codec::Zstd, [zstd, zstd_loop], 1.5);
    compare(report, Codec::Gzip, [gzip, gzip_loop], 1.0);
    let events = Spread::of(zstd.iter().map(Run::events_per_cpu_second));
    report.add_goal(Goal::at_least("P3", "events per CPU-second, zstd", 55_000.0, "", events));
    for (codec, runs) in [(Codec::Zstd, zstd), (Codec::Gzip, gzip)] {
        let peak = Spread::of(runs.iter().map(|run| run.usage.peak_mib));
        let measure = format!("peak memory, pages of 10,000 × 3 KB, {}", codec.as_str());
        report.add_goal(Goal::at_most("P4", measure, PEAK_MIB, "MiB", peak));
    }
    if with_peers { measure_peer(bench, zstd, report) } else { Ok(()) }
}

fn compare(report: &mut Report, codec: Codec, [ours, shell]: [&[Run]; 2], cpu_bound: f64) {
    let codec = codec.as_str();
    let cpu = ratios(ours, shell, |run| run.usage.cpu_seconds);
    let wall = ratios(ours, shell, |run| run.usage.wall_seconds);
    report.add_goal(Goal::at_most(
        "P1",
        format!("CPU time over the shell loop's, {codec}"),
        cpu_bound,
        "×",
        cpu,
    ));
    report.add_goal(Goal::at_most("P1", format!("wall time over the shell loop's, {codec}"), 1.0, "×", wall));
}

/// The vendor's command line takes so long that it runs once, after the others.
fn measure_peer(bench: &Bench, ours: &[Run], report: &mut Report) -> Result<(), BenchError> {
    let incydr = Contestant::Incydr(peer::install(&bench.cache())?);
    let runs = [bench.run(&incydr, Load::USUAL)?];
    report.add_runs(&incydr, &runs);
    let over_ours =
        |measure: fn(&Run) -> f64| Spread::of(ours.iter().map(|run| measure(&runs[0]) / measure(run)));
    let (wall, cpu) = (over_ours(|run| run.usage.wall_seconds), over_ours(|run| run.usage.cpu_seconds));
    report.add_goal(Goal::at_least("P2", "wall time of `incydr` over ours", 10.0, "×", wall));
    report.add_goal(Goal::at_least("P2", "CPU time of `incydr` over ours", 12.0, "×", cpu));
    Ok(())
}
