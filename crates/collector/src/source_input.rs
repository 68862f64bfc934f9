//! Fetches the source JSON's bytes: from a file or from standard input, and never more than are allowed.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use thiserror::Error;

use crate::printable::excerpt;

/// The source JSON may have this many bytes.
pub const MAX_SOURCE_BYTES: u64 = 1024 * 1024;

/// Where the source JSON stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SourceInput {
    /// On standard input (`-`).
    Stdin,
    /// In this file.
    File(PathBuf),
}

/// Why it cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum SourceInputError {
    /// The file or standard input fails.
    #[error(
        "`--source {input}` cannot be read ({kind}); name a file with the source JSON, or `-` for standard input"
    )]
    Unreadable {
        /// What was read.
        input: SourceInput,
        /// The system's kind of failure.
        kind: io::ErrorKind,
    },
    /// More than any source needs.
    #[error(
        "`--source {0}` is larger than 1 MiB; a source JSON has a few hundred bytes, so name the right file"
    )]
    TooLarge(SourceInput),
}

impl SourceInput {
    /// What `--source` names.
    pub fn of(option: PathBuf) -> Self {
        if option.as_os_str() == "-" { Self::Stdin } else { Self::File(option) }
    }

    /// Reads it whole, at most [`MAX_SOURCE_BYTES`].
    pub fn read(&self) -> Result<Vec<u8>, SourceInputError> {
        let mut bytes = Vec::new();
        let outcome = match self {
            Self::Stdin => io::stdin().lock().take(MAX_SOURCE_BYTES + 1).read_to_end(&mut bytes),
            Self::File(path) => {
                File::open(path).and_then(|file| file.take(MAX_SOURCE_BYTES + 1).read_to_end(&mut bytes))
            }
        };
        outcome
            .map_err(|error| SourceInputError::Unreadable { input: self.clone(), kind: error.kind() })
            .and_then(|_| match bytes.len() as u64 > MAX_SOURCE_BYTES {
                true => Err(SourceInputError::TooLarge(self.clone())),
                false => Ok(bytes),
            })
    }
}

impl fmt::Display for SourceInput {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdin => out.write_str("-"),
            Self::File(path) => out.write_str(&excerpt(&path.to_string_lossy(), 200)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_one_mebibyte_is_read_and_one_byte_more_is_refused() {
        let file = tempfile::NamedTempFile::new().expect("file");
        let input = SourceInput::of(file.path().into());
        std::fs::write(file.path(), vec![b' '; 1024 * 1024]).expect("write");
        assert_eq!(input.read().map(|bytes| bytes.len()), Ok(1024 * 1024));
        std::fs::write(file.path(), vec![b' '; 1024 * 1024 + 1]).expect("write");
        assert_eq!(input.read(), Err(SourceInputError::TooLarge(input.clone())));
    }

    #[test]
    fn a_folder_and_an_absent_file_are_named() {
        for path in ["/", "/no/such/file"] {
            let error = SourceInput::of(path.into()).read().expect_err(path).to_string();
            assert!(error.starts_with(&format!("`--source {path}` cannot be read")), "{error}");
        }
    }
}
