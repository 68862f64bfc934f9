//! One step of a chore: a command that is shown, run and judged by its exit code.

use std::fmt;
use std::process::{Command, Output};

/// Why a chore ended early, as a sentence.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Announces a part of a chore.
pub(crate) fn announce(what: impl fmt::Display) {
    eprintln!("\n==> {what}");
}

/// Shows and runs `command`; its output goes where ours goes.
pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    let shown = shown(command);
    announce(&shown);
    let status =
        command.status().map_err(|error| Failure::new(format!("`{shown}` could not be started: {error}")))?;
    if status.success() { Ok(()) } else { Err(Failure::new(format!("`{shown}` failed with {status}"))) }
}

/// Runs `command` for what it prints to standard output.
pub(crate) fn read(command: &mut Command) -> Result<String, Failure> {
    let shown = shown(command);
    let Output { status, stdout, stderr } =
        command.output().map_err(|error| Failure::new(format!("`{shown}` could not be started: {error}")))?;
    if !status.success() {
        let said = String::from_utf8_lossy(&stderr);
        return Err(Failure::new(format!("`{shown}` failed with {status}: {}", said.trim())));
    }
    String::from_utf8(stdout)
        .map_err(|_| Failure::new(format!("`{shown}` printed something other than text")))
}

/// The command as one would type it, without its folder; a program is known by its file name.
fn shown(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}
