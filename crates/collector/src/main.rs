//! The program `incydr-collector`. Everything it does stands in the library of the same name.

use std::process::ExitCode;

fn main() -> ExitCode {
    incydr_collector::cli::run(std::env::args_os())
}
