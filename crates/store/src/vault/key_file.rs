//! The file that keeps the key of the vault, for its owner alone.
//!
//! While a rotation is under way there are two files: the key, and beside it the next one. The next key is durable
//! before anything is sealed by it, and takes the place of the key after everything is; so a rotation may be cut off
//! anywhere, and both keys that the state file may need are still there.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::state_file::{folder_of, owner_only, sibling};
use crate::vault::{VaultError, VaultKey};

/// Where a key is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyFile {
    path: PathBuf,
}

impl KeyFile {
    /// The key file at `path`; whether it is there shows when it is read.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Reads the key; `None` where there is no file.
    ///
    /// [`VaultError::Exposed`] when others than the owner can read it.
    pub fn read(&self) -> Result<Option<VaultKey>, VaultError> {
        let file = match File::open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            outcome => outcome.map_err(|error| self.error("reading", &error))?,
        };
        if is_exposed(&file).map_err(|error| self.error("reading", &error))? {
            return Err(VaultError::Exposed(self.path.clone()));
        }
        // Enough for any form of a key; a buffer that never grows leaves no copies behind.
        let mut text = Zeroizing::new(String::with_capacity(4096));
        (&file).take(1024).read_to_string(&mut text).map_err(|error| self.error("reading", &error))?;
        VaultKey::parse(&text).map(Some)
    }

    /// Reads the key, or makes a random one where there is no file.
    pub fn read_or_create(&self) -> Result<VaultKey, VaultError> {
        if let Some(key) = self.read()? {
            return Ok(key);
        }
        let key = VaultKey::generate()?;
        match self.write(&key) {
            Ok(()) => Ok(key),
            // Another process was faster: its key is the key.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                self.read()?.ok_or_else(|| self.error("reading", &error))
            }
            Err(error) => Err(self.error("writing", &error)),
        }
    }

    /// The file of the next key.
    pub(super) fn next(&self) -> Self {
        Self { path: sibling(&self.path, ".next") }
    }

    /// Puts the next key in the place of this one.
    pub(super) fn take_next(&self) -> Result<(), VaultError> {
        fs::rename(self.next().path, &self.path)
            .and_then(|()| sync_folder(&self.path))
            .map_err(|error| self.error("replacing", &error))
    }

    /// The error when secrets were sealed by a key that this file should keep, and it is not there.
    pub(super) fn is_missing(&self, sealed_by: String) -> VaultError {
        VaultError::Missing { path: self.path.clone(), sealed_by }
    }

    /// Makes the file under another name and links it to its own when it is complete and durable.
    /// [`io::ErrorKind::AlreadyExists`] when there is one.
    fn write(&self, key: &VaultKey) -> io::Result<()> {
        let draft = sibling(&self.path, &format!(".{}", std::process::id()));
        match fs::remove_file(&draft) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let mut file = owner_only(OpenOptions::new().write(true).create_new(true)).open(&draft)?;
        file.write_all(key.to_base64().as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        // Unlike a renaming, a link never replaces a key that is there.
        let linked = fs::hard_link(&draft, &self.path);
        fs::remove_file(&draft)?;
        linked?;
        sync_folder(&self.path)
    }

    fn error(&self, attempt: &'static str, error: &io::Error) -> VaultError {
        VaultError::File { attempt, path: self.path.clone(), info: error.to_string() }
    }
}

/// Whether others than its owner can read or write the file.
fn is_exposed(file: &File) -> io::Result<bool> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        Ok(file.metadata()?.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    file.metadata().map(|_| false)
}

fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder_of(path))?.sync_all()?;
    Ok(())
}
