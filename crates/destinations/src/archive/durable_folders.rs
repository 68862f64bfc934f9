//! Folders that survive a loss of power, and the synchronization of what they list.

use std::collections::BTreeSet;
use std::fs::{DirBuilder, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Files hold names of people and their files: readable by the owner and the group, closed to everybody else. The
/// umask may take more away.
pub(super) const FILE_MODE: u32 = 0o640;
const FOLDER_MODE: u32 = 0o750;

/// Asks the system to put a file, or what a folder lists, onto the disk for good. Tests hand in one that fails.
pub(super) type Synchronize = fn(&File) -> io::Result<()>;

/// Creates folders below a root. A folder is durable once its parent was synchronized after it was there; each one
/// is seen to once per run, also if an earlier run created it and may have died before the synchronization.
#[derive(Debug)]
pub(super) struct DurableFolders {
    root: PathBuf,
    synchronize: Synchronize,
    durable: Mutex<BTreeSet<PathBuf>>,
}

impl DurableFolders {
    pub(super) fn new(root: PathBuf, synchronize: Synchronize) -> Self {
        Self { root, synchronize, durable: Mutex::default() }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Makes sure that `folder` exists and lasts, with everything above it.
    pub(super) fn ensure(&self, folder: &Path) -> io::Result<()> {
        if self.durable().contains(folder) {
            return Ok(());
        }
        let created = self.create(folder)?;
        if created || self.is_ours(folder) {
            self.sync(parent(folder)).inspect_err(|_| undo_creation(folder, created))?;
        }
        self.durable().insert(folder.to_owned());
        Ok(())
    }

    /// Makes durable which names `folder` lists.
    pub(super) fn sync(&self, folder: &Path) -> io::Result<()> {
        (self.synchronize)(&File::open(folder)?)
    }

    /// After a failure nothing is taken for granted: somebody may have removed a folder.
    pub(super) fn forget(&self) {
        self.durable().clear();
    }

    fn create(&self, folder: &Path) -> io::Result<bool> {
        match make(folder) {
            Err(error) if error.kind() == ErrorKind::NotFound && folder.parent().is_some() => {
                self.ensure(parent(folder))?;
                make(folder)
            }
            made => made,
        }
    }

    /// Folders at and above the root may belong to somebody else and be closed to us.
    fn is_ours(&self, folder: &Path) -> bool {
        folder != self.root && folder.starts_with(&self.root)
    }

    fn durable(&self) -> MutexGuard<'_, BTreeSet<PathBuf>> {
        self.durable.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells whether the folder is new; another delivery may make the same one at any time.
fn make(folder: &Path) -> io::Result<bool> {
    match DirBuilder::new().mode(FOLDER_MODE).create(folder) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

/// A failed synchronization must not be asked for again, because the second answer may be a false success; the next
/// attempt creates the folder anew.
fn undo_creation(folder: &Path, created: bool) {
    if created && let Err(error) = std::fs::remove_dir(folder) {
        tracing::warn!(%error, "a new archive folder can neither be made durable nor removed");
    }
}

fn parent(folder: &Path) -> &Path {
    match folder.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => folder,
    }
}
