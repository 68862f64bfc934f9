//! P7: what it costs that the place is on the disk before the next page counts.
//!
//! The same program keeps its place once on the disk and once in memory that looks like a disk, where a sync is free.
//! The difference is smaller than what two runs differ by for no reason, so that it takes many pairs to see it.

use std::path::Path;

use crate::bench_error::BenchError;
use crate::contestant::{Codec, Contestant};
use crate::goal::Goal;
use crate::load::Load;
use crate::report::Report;
use crate::run::Bench;
use crate::spread::ratios;

/// A file system in memory, on every Linux.
const MEMORY: &str = "/dev/shm";

/// Pairs for each of the usual repetitions.
const PAIRS: usize = 5;

/// Lets both take turns, and each begin every other pair.
pub(crate) fn measure(bench: &Bench, report: &mut Report) -> Result<(), BenchError> {
    let contestant = Contestant::Collector(Codec::Zstd);
    let mut track = bench.lay(Load::USUAL)?;
    let mut run = |place: &Path| track.run(&contestant, place);
    let (mut on_disk, mut in_memory) = (Vec::new(), Vec::new());
    for pair in 0..bench.repetitions() * PAIRS {
        if pair % 2 == 0 {
            on_disk.push(run(bench.folder())?);
            in_memory.push(run(Path::new(MEMORY))?);
        } else {
            in_memory.push(run(Path::new(MEMORY))?);
            on_disk.push(run(bench.folder())?);
        }
    }
    let throughput = ratios(&in_memory, &on_disk, |run| run.usage.wall_seconds);
    let measure = "throughput with the place on disk over in memory";
    report.add_goal(Goal::at_least("P7", measure, 0.97, "×", throughput));
    Ok(())
}
