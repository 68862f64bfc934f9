//! `test`: everything that CI runs.

use std::process::Command;

use crate::check;
use crate::step::{self, Failure};
use crate::workspace::{cargo, cargo_of_fuzz, root};

/// The checks, the tests of all crates with those in documentation, and the inputs that fuzzing left behind.
pub(crate) fn run() -> Result<(), Failure> {
    check::run()?;
    fetch_accessibility_checker()?;
    step::run(&mut cargo(["test", "--workspace"]))?;
    step::run(cargo_of_fuzz("test").args(["--test", "corpora"]))
}

/// The tests of the pages run it inside of a browser.
fn fetch_accessibility_checker() -> Result<(), Failure> {
    step::run(Command::new("npm").args(["ci", "--prefer-offline"]).current_dir(root().join("e2e")))
}
