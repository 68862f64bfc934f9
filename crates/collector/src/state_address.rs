//! Where the collector keeps its place: a SQLite file, named by `--state` or by the user's own folders.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::printable::excerpt;

/// The state file inside the folder for states.
const DEFAULT_FILE: &str = "incydr-collector/state.db";

/// Why there is no usable address.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum StateAddressError {
    /// Not a path.
    #[error("`--state {0}` names no file; write a path, or `sqlite:` and a path")]
    NoFile(String),
    /// A folder.
    #[error("`--state {0}` is a folder; name a file in it, as in `{0}/state.db`")]
    Folder(String),
    /// Another kind of database.
    #[error("`--state {0}:…` is not supported; write a path, or `sqlite:` and a path")]
    Scheme(String),
    /// Nothing tells where the user's folders are.
    #[error(
        "neither the XDG variable nor HOME names a folder for the state; pass `--state PATH` or `--data-dir DIR`"
    )]
    NoHome,
}

/// The state file that `--state` names, or the default one. Nothing is created.
pub fn state_file(option: Option<&str>) -> Result<PathBuf, StateAddressError> {
    match option {
        Some(text) => named(text),
        None => default_file(|name| std::env::var_os(name)),
    }
}

fn named(text: &str) -> Result<PathBuf, StateAddressError> {
    let path = text.strip_prefix("sqlite:").unwrap_or(text);
    let scheme = path.split_once("://").map(|(scheme, _)| scheme);
    if let Some(scheme) = scheme.filter(|scheme| scheme.bytes().all(|byte| byte.is_ascii_alphanumeric())) {
        return Err(StateAddressError::Scheme(excerpt(scheme, 40)));
    }
    let shown = || excerpt(text, 200);
    if path.is_empty() || path.contains('\0') {
        return Err(StateAddressError::NoFile(shown()));
    }
    if path.ends_with('/') || Path::new(path).is_dir() {
        return Err(StateAddressError::Folder(excerpt(path.trim_end_matches('/'), 200)));
    }
    Ok(path.into())
}

/// The folder of the daemon: `$XDG_DATA_HOME/incydr-collector` or `~/.local/share/incydr-collector`.
pub fn data_dir() -> Result<PathBuf, StateAddressError> {
    user_folder("XDG_DATA_HOME", ".local/share", |name| std::env::var_os(name))
        .map(|folder| folder.join("incydr-collector"))
        .ok_or(StateAddressError::NoHome)
}

/// `$XDG_STATE_HOME` if it is absolute, as its specification demands, else `~/.local/state`.
fn default_file(environment: impl Fn(&str) -> Option<OsString>) -> Result<PathBuf, StateAddressError> {
    user_folder("XDG_STATE_HOME", ".local/state", environment)
        .map(|folder| folder.join(DEFAULT_FILE))
        .ok_or(StateAddressError::NoHome)
}

/// The folder that the variable `name` holds, or `below` the home folder.
fn user_folder(name: &str, below: &str, environment: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let absolute = |name: &str| environment(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute(name).or_else(|| absolute("HOME").map(|home| home.join(below)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn default_with(variables: &[(&str, &str)]) -> Result<PathBuf, StateAddressError> {
        default_file(|name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into()))
    }

    #[test]
    fn the_default_lies_in_the_user_s_folder_for_states() {
        let home = [("HOME", "/home/ann")];
        assert_eq!(default_with(&home), Ok("/home/ann/.local/state/incydr-collector/state.db".into()));
        let xdg = [("HOME", "/home/ann"), ("XDG_STATE_HOME", "/states")];
        assert_eq!(default_with(&xdg), Ok("/states/incydr-collector/state.db".into()));
        let relative = [("HOME", "/home/ann"), ("XDG_STATE_HOME", "states")];
        assert_eq!(default_with(&relative), default_with(&home));
        assert_eq!(default_with(&[]), Err(StateAddressError::NoHome));
    }

    #[test]
    fn a_path_may_carry_the_scheme_sqlite() {
        assert_eq!(state_file(Some("sqlite:here/state.db")), Ok("here/state.db".into()));
        assert_eq!(state_file(Some("here/state.db")), Ok("here/state.db".into()));
    }

    #[test]
    fn a_folder_and_another_database_are_refused() {
        for text in ["", "sqlite:", "/", "/tmp", "postgres://user:pw@host/db"] {
            let error = state_file(Some(text)).expect_err(text).to_string();
            assert!(error.contains("--state") && !error.contains("pw"), "{error}");
        }
    }
}
