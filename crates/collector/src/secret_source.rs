//! Where a secret comes from: the text itself, an environment variable, or a file.
//!
//! With the options this is the only room that reads the environment. No error here ever shows a value.

use std::env::VarError;
use std::fs::File;
use std::io::{self, Read};

use incydr_core::secret::Secret;
use thiserror::Error;

use crate::printable::excerpt;

/// A file with a secret may have this many bytes.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// Why a secret cannot be had; its `Display` follows the name of the key that asks for it.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum SecretError {
    /// The name after `env:` cannot be a variable's.
    #[error(
        "refers to `env:` without a valid name; write `env:` and the name of a variable, as in `env:INCYDR_SECRET`"
    )]
    VariableName,
    /// The variable does not exist.
    #[error("refers to the environment variable `{0}`, which is not set; set it, or refer to another")]
    VariableUnset(String),
    /// The variable's bytes are no text.
    #[error("refers to the environment variable `{0}`, which is not UTF-8; set it to text")]
    VariableEncoding(String),
    /// The file cannot be read.
    #[error("refers to the file `{file}`, which cannot be read ({kind}); check its path and permissions")]
    FileUnreadable {
        /// The path, shortened.
        file: String,
        /// The system's kind of failure.
        kind: io::ErrorKind,
    },
    /// The file is longer than any secret.
    #[error("refers to the file `{0}`, which is larger than 64 KiB; put nothing but the secret into it")]
    FileTooLarge(String),
    /// The file's bytes are no text.
    #[error("refers to the file `{0}`, which is not UTF-8; put nothing but the secret into it")]
    FileEncoding(String),
}

/// Fetches the secret that `text` is or refers to: `env:NAME`, `file:PATH`, anything else is the secret itself.
pub fn resolve(text: &str) -> Result<Secret, SecretError> {
    #[expect(clippy::disallowed_methods, reason = "this is the room that resolves secrets")]
    resolve_in(text, |name| std::env::var(name))
}

/// Whether `text` stands for a secret that is kept elsewhere.
pub fn is_reference(text: &str) -> bool {
    text.starts_with("env:") || text.starts_with("file:")
}

fn resolve_in(
    text: &str,
    environment: impl Fn(&str) -> Result<String, VarError>,
) -> Result<Secret, SecretError> {
    if let Some(name) = text.strip_prefix("env:") {
        return of_variable(name, environment);
    }
    match text.strip_prefix("file:") {
        Some(path) => of_file(path),
        None => Ok(Secret::new(text)),
    }
}

fn of_variable(
    name: &str,
    environment: impl Fn(&str) -> Result<String, VarError>,
) -> Result<Secret, SecretError> {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if name.is_empty() || name.len() > 255 || !name.bytes().all(is_letter) {
        return Err(SecretError::VariableName);
    }
    match environment(name) {
        Ok(value) => Ok(Secret::new(value)),
        Err(VarError::NotPresent) => Err(SecretError::VariableUnset(name.to_owned())),
        Err(VarError::NotUnicode(_)) => Err(SecretError::VariableEncoding(name.to_owned())),
    }
}

fn of_file(path: &str) -> Result<Secret, SecretError> {
    let shown = || excerpt(path, 200);
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| SecretError::FileUnreadable { file: shown(), kind: error.kind() })?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(SecretError::FileTooLarge(shown()));
    }
    let text = String::from_utf8(bytes).map_err(|_| SecretError::FileEncoding(shown()))?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    Ok(Secret::new(line.strip_suffix('\r').unwrap_or(line)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn environment(name: &str) -> Result<String, VarError> {
        match name {
            "INCYDR_SECRET" => Ok("from the variable".to_owned()),
            _ => Err(VarError::NotPresent),
        }
    }

    fn secret(text: &str) -> Result<String, SecretError> {
        resolve_in(text, environment).map(|secret| secret.reveal().to_owned())
    }

    fn file_with(folder: &Path, bytes: &[u8]) -> String {
        let path = folder.join("secret");
        std::fs::write(&path, bytes).expect("write");
        format!("file:{}", path.display())
    }

    #[test]
    fn a_secret_is_the_text_itself_or_comes_from_a_variable_or_a_file() {
        let folder = tempfile::tempdir().expect("folder");
        assert_eq!(secret("XXXXV%Dsz").as_deref(), Ok("XXXXV%Dsz"));
        assert_eq!(secret("env:INCYDR_SECRET").as_deref(), Ok("from the variable"));
        for bytes in ["from the file", "from the file\n", "from the file\r\n"] {
            let reference = file_with(folder.path(), bytes.as_bytes());
            assert_eq!(secret(&reference).as_deref(), Ok("from the file"));
        }
    }

    #[test]
    fn only_one_line_break_is_trimmed() {
        let folder = tempfile::tempdir().expect("folder");
        assert_eq!(secret(&file_with(folder.path(), b" a \n\n")).as_deref(), Ok(" a \n"));
    }

    #[test]
    fn a_shell_command_in_a_name_is_only_a_bad_name() {
        for name in ["", "A;B", "$(id)", "A=B", "A B", "\0"] {
            assert_eq!(secret(&format!("env:{name}")), Err(SecretError::VariableName), "{name}");
        }
    }

    #[test]
    fn an_unset_variable_and_an_unreadable_file_are_named() {
        let error = secret("env:NOT_SET_HERE").expect_err("unset").to_string();
        assert!(error.contains("`NOT_SET_HERE`"), "{error}");
        let error = secret("file:/no/such/file").expect_err("absent").to_string();
        assert!(error.contains("`/no/such/file`"), "{error}");
    }

    #[test]
    fn a_file_of_64_kib_is_read_and_one_byte_more_is_refused() {
        let folder = tempfile::tempdir().expect("folder");
        let longest = vec![b'x'; 64 * 1024];
        assert!(secret(&file_with(folder.path(), &longest)).is_ok());
        let too_long = [longest.as_slice(), b"x"].concat();
        assert!(matches!(secret(&file_with(folder.path(), &too_long)), Err(SecretError::FileTooLarge(_))));
    }

    #[test]
    fn an_endless_file_and_a_file_that_is_no_text_are_refused() {
        let folder = tempfile::tempdir().expect("folder");
        assert!(matches!(secret("file:/dev/zero"), Err(SecretError::FileTooLarge(_))));
        let binary = secret(&file_with(folder.path(), b"\xff\xfe"));
        assert!(matches!(binary, Err(SecretError::FileEncoding(_))));
    }
}
