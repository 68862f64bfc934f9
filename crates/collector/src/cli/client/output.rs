//! Where answers are shown: standard output, as a table or as JSON.

use std::io::{self, Write};

use serde_json::Value;

use super::table::Table;
use crate::cli::options::OutputFormat;
use crate::failure::Failure;
use crate::printable::printable;

/// How answers are shown.
#[derive(Clone, Copy)]
pub(super) struct Output {
    format: OutputFormat,
}

impl Output {
    pub(super) const fn new(format: OutputFormat) -> Self {
        Self { format }
    }

    pub(super) fn is_for_people(self) -> bool {
        self.format == OutputFormat::Table
    }

    /// Shows `body`, for people as a table.
    pub(super) fn show(self, body: &Value, table: impl FnOnce(&Value) -> Table) -> Result<(), Failure> {
        match self.format {
            OutputFormat::Json => write(&format!("{body:#}\n")),
            OutputFormat::Table => write(&table(body).to_string()),
        }
    }

    /// Says that something was done. Programs get the answer.
    pub(super) fn done(self, body: &Value, sentence: &str) -> Result<(), Failure> {
        match self.format {
            OutputFormat::Json => write(&format!("{body:#}\n")),
            OutputFormat::Table => write(&format!("{}\n", printable(sentence))),
        }
    }
}

/// Writes to standard output. A reader that has gone away has seen enough.
pub(in crate::cli) fn write(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::ours(format!("writing to standard output: {error}")))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}
