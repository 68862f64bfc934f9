//! Where things are, and cargo itself.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The package that is released.
pub(crate) const RELEASED_PACKAGE: &str = "incydr-collector";

/// The folder of the repository. Cargo tells it anew each time, because a program that is kept in a cache may have
/// been built in another clone.
pub(crate) fn root() -> PathBuf {
    let own = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&own).parent().map(Path::to_owned).unwrap_or_default()
}

/// The fuzz targets' own workspace.
pub(crate) fn fuzz_manifest() -> PathBuf {
    root().join("fuzz").join("Cargo.toml")
}

/// Where cargo builds.
pub(crate) fn target_folder() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// The cargo that runs us, in the folder of the repository.
pub(crate) fn cargo<const N: usize>(arguments: [&str; N]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    command.current_dir(root()).args(arguments);
    command
}

/// The same in the workspace of the fuzz targets, with dependencies compiled once for both workspaces.
pub(crate) fn cargo_of_fuzz(verb: &str) -> Command {
    let mut command = cargo([verb, "--manifest-path"]);
    command.arg(fuzz_manifest()).arg("--target-dir").arg(target_folder());
    command
}
