//! Known vulnerabilities, where a tool and its database are at hand.

use std::process::{Command, Stdio};

use crate::step::{self, Failure};
use crate::workspace::cargo;

/// A subcommand of cargo that knows advisories, and its arguments for checking them.
const TOOLS: [(&str, &[&str]); 2] =
    [("deny", &["check", "--hide-inclusion-graph"]), ("audit", &["--deny", "warnings"])];

/// Runs the first tool that is installed; without one, says what was not checked.
pub(super) fn run() -> Result<(), Failure> {
    match TOOLS.iter().find(|(tool, _)| is_installed(tool)) {
        Some((tool, arguments)) => step::run(cargo([tool]).args(*arguments)),
        None => {
            eprintln!(
                "advisories were NOT checked: neither `cargo deny` nor `cargo audit` is installed, and their database \
                 cannot be had offline; run `cargo install cargo-deny` on a machine with access to it"
            );
            Ok(())
        }
    }
}

fn is_installed(tool: &str) -> bool {
    let mut probe = Command::new(format!("cargo-{tool}"));
    probe.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    probe.status().is_ok_and(|status| status.success())
}
