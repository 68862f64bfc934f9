//! P7: what it costs that the place is on the disk before the next page counts.
//!
//! The same program keeps its place once on the disk and once in memory that looks like a disk, where a sync is free.

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

/// Lets both take turns.
pub(crate) fn measure(bench: &Bench, report: &mut Report) -> Result<(), BenchError> {
    let contestant = Contestant::Collector(Codec::Zstd);
    let (mut on_disk, mut in_memory) = (Vec::new(), Vec::new());
    for _ in 0..bench.repetitions() {
        on_disk.push(bench.run(&contestant, Load::USUAL)?);
        let state = bench.temporary_folder(Path::new(MEMORY))?;
        in_memory.push(bench.run_with_state(&contestant, Load::USUAL, state.path())?);
    }
    let throughput = ratios(&in_memory, &on_disk, |run| run.usage.wall_seconds);
    let measure = "throughput with the place on disk over in memory";
    report.add_goal(Goal::at_least("P7", measure, 0.97, "×", throughput));
    Ok(())
}
