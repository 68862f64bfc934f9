//! `check`: everything that can be judged without running the collector.

use crate::dependencies;
use crate::step::{self, Failure};
use crate::workspace::{cargo, cargo_of_fuzz, fuzz_manifest};

/// Formatting first, because it is the quickest to fail.
pub(crate) fn run() -> Result<(), Failure> {
    step::run(&mut cargo(["fmt", "--all", "--check"]))?;
    step::run(cargo(["fmt", "--check", "--manifest-path"]).arg(fuzz_manifest()))?;
    dependencies::run()?;
    step::run(&mut cargo(["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]))?;
    step::run(cargo_of_fuzz("clippy").args(["--all-targets", "--", "--deny", "warnings"]))?;
    step::run(
        cargo(["doc", "--workspace", "--no-deps", "--document-private-items"])
            .env("RUSTDOCFLAGS", "--deny warnings"),
    )
}
