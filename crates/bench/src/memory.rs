//! P4 and P5: peak memory does not grow with pages, and only with events that are large themselves.

use crate::bench_error::BenchError;
use crate::contestant::{Codec, Contestant};
use crate::goal::Goal;
use crate::load::Load;
use crate::report::Report;
use crate::run::Bench;
use crate::spread::Spread;

/// All that one source may ever hold.
pub(crate) const PEAK_MIB: f64 = 64.0;
/// What an event of [`GIANT_BYTES`] may add.
const GIANT_MIB: f64 = 20.0;
const GIANT_BYTES: usize = 10_000_000;

/// Collects large pages, and then one giant event among usual ones.
pub(crate) fn measure(bench: &Bench, report: &mut Report) -> Result<(), BenchError> {
    let peak = |codec, load| -> Result<Spread, BenchError> {
        let [runs] = bench.compete([&Contestant::Collector(codec)], load)?;
        Ok(Spread::of(runs.iter().map(|run| run.usage.peak_mib)))
    };
    for codec in [Codec::Zstd, Codec::Gzip] {
        for kilobytes in [3, 8] {
            let measured = peak(codec, Load::pages(10, kilobytes * 1_000))?;
            let measure = format!("peak memory, {}, pages of 10,000 × {kilobytes} KB", codec.as_str());
            report.add_goal(Goal::at_most("P4", measure, PEAK_MIB, "MiB", measured));
        }
    }
    let giant_event = peak(Codec::Zstd, Load::pages(5, 3_100).with_giant(GIANT_BYTES))?;
    report.add_goal(Goal::at_most(
        "P5",
        "peak memory, an event of 10 MB",
        PEAK_MIB + GIANT_MIB,
        "MiB",
        giant_event,
    ));
    Ok(())
}
