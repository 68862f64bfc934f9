//! `test`: everything that CI runs.

use crate::check;
use crate::step::{self, Failure};
use crate::workspace::{cargo, cargo_of_fuzz};

/// The checks, the tests of all crates with those in documentation, and the inputs that fuzzing left behind.
pub(crate) fn run() -> Result<(), Failure> {
    check::run()?;
    step::run(&mut cargo(["test", "--workspace"]))?;
    step::run(cargo_of_fuzz("test").args(["--test", "corpora"]))
}
