//! `fuzz`: builds the fuzz targets for libFuzzer on the stable toolchain and runs each for a while.
//!
//! `cargo fuzz` works on the same folder, but wants a nightly toolchain for its address sanitizer; the collector's
//! own code is free of unsafe code, so that coverage alone finds what there is to find.

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use crate::step::{self, Failure};
use crate::workspace::{cargo, fuzz_manifest, root, target_folder};

const TARGETS: [&str; 5] = ["page_decoder", "retry_after", "rules", "source_json", "sumo_headers"];

/// What `cargo fuzz` passes too: counters at every edge, and the operands of comparisons.
const COVERAGE_FLAGS: [&str; 7] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "--cfg",
    "fuzzing",
];

/// An input is a failure when it takes longer, or memory grows further, than any real input could explain.
const LIMITS: [&str; 3] = ["-timeout=1", "-rss_limit_mb=320", "-max_len=8192"];

/// Of what was found, the fewest short inputs that reach all the code which the found ones reach together.
const KEPT: [&str; 3] = ["-set_cover_merge=1", "-use_counters=0", "-max_len=512"];

/// What to fuzz.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub(crate) struct FuzzOptions {
    /// How long each target runs.
    #[arg(long, value_name = "N", default_value_t = 60)]
    seconds: u32,
    /// Afterwards add the inputs that reach new code to `fuzz/corpus`, as few as possible.
    #[arg(long)]
    keep: bool,
    /// Only these targets.
    #[arg(value_name = "TARGET", value_parser = TARGETS)]
    targets: Vec<String>,
}

/// All targets are built at once and run one after the other, also when one fails.
pub(crate) fn run(options: &FuzzOptions) -> Result<(), Failure> {
    let targets: Vec<&str> = match options.targets.as_slice() {
        [] => TARGETS.to_vec(),
        named => named.iter().map(String::as_str).collect(),
    };
    let bench = FuzzBench::build(&targets)?;
    let failed: Vec<&str> =
        targets.into_iter().filter(|target| bench.fuzz(target, options).is_err()).collect();
    if failed.is_empty() {
        return Ok(());
    }
    let artifacts = bench.artifacts.display();
    Err(Failure::new(format!(
        "fuzzing found failures in {}; the inputs are in {artifacts}",
        failed.join(", ")
    )))
}

/// The built targets, and where their finds go.
struct FuzzBench {
    programs: PathBuf,
    found: PathBuf,
    artifacts: PathBuf,
}

impl FuzzBench {
    /// The target triple is named, because only then are build scripts and procedural macros left uninstrumented.
    fn build(targets: &[&str]) -> Result<Self, Failure> {
        let folder = target_folder().join("fuzz");
        let triple = host_triple()?;
        let mut build = cargo(["build", "--release", "--features", "libfuzzer", "--manifest-path"]);
        build.arg(fuzz_manifest()).args(["--target", &triple, "--target-dir"]).arg(&folder);
        build.args(targets.iter().flat_map(|target| ["--bin", target]));
        step::run(build.env("CARGO_ENCODED_RUSTFLAGS", COVERAGE_FLAGS.join("\u{1f}")))?;
        Ok(Self {
            programs: folder.join(&triple).join("release"),
            found: folder.join("found"),
            artifacts: folder.join("artifacts"),
        })
    }

    fn fuzz(&self, target: &str, options: &FuzzOptions) -> Result<(), Failure> {
        let kept = root().join("fuzz").join("corpus").join(target);
        let found = made(self.found.join(target))?;
        let artifacts = made(self.artifacts.join(target))?;
        let mut fuzz = self.program(target);
        fuzz.args(LIMITS)
            .arg(format!("-max_total_time={}", options.seconds))
            .arg(format!("-artifact_prefix={}/", artifacts.display()))
            .arg("-print_final_stats=1");
        let dictionary = root().join("fuzz").join("dictionaries").join(format!("{target}.dict"));
        if dictionary.is_file() {
            fuzz.arg(format!("-dict={}", dictionary.display()));
        }
        step::run(fuzz.arg(&found).arg(&kept))?;
        if options.keep {
            step::run(self.program(target).args(KEPT).arg(&kept).arg(&found))?;
        }
        Ok(())
    }

    fn program(&self, target: &str) -> Command {
        Command::new(self.programs.join(target))
    }
}

fn host_triple() -> Result<String, Failure> {
    let version = step::read(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| Failure::new("`rustc -vV` names no host"))
}

fn made(folder: PathBuf) -> Result<PathBuf, Failure> {
    let explain = |path: &Path, error| Failure::new(format!("making the folder {}: {error}", path.display()));
    std::fs::create_dir_all(&folder).map_err(|error| explain(&folder, error))?;
    Ok(folder)
}
