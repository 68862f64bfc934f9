//! The vendor's own command line, from Python's package index.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::bench_error::BenchError;

/// Pinned, so that tables of different days can be compared.
const PACKAGE: &str = "incydr[cli]==2.12.5";

/// Installs it into a virtual environment in `cache`, unless it is there; gives its program.
pub(crate) fn install(cache: &Path) -> Result<PathBuf, BenchError> {
    let environment = cache.join("incydr");
    let program = environment.join("bin").join("incydr");
    if !program.is_file() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
        run(Command::new(environment.join("bin").join("pip")).args(["install", "--quiet", PACKAGE]))?;
    }
    Ok(program)
}

fn run(command: &mut Command) -> Result<(), BenchError> {
    let attempt = format!("installing {PACKAGE}");
    let status = command.status().map_err(BenchError::at(&attempt))?;
    if status.success() {
        return Ok(());
    }
    Err(BenchError::Unexpected { attempt, answer: status.to_string() })
}
