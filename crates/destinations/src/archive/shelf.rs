//! The archive's folders and files: the blocking work of staging, publishing and clearing up.

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::dated_part::DatedPart;
use super::durable_folders::{DurableFolders, FILE_MODE, Synchronize};
use super::manifest::{ArchiveFile, Manifest, safe_name};
use crate::compressor::{Compressors, Format};

const STAGING: &str = ".staging";
const ZSTD_LEVEL: i32 = 3;

/// One scope's share of an archive.
#[derive(Debug)]
pub(super) struct Shelf {
    scope: String,
    folders: DurableFolders,
    staging: PathBuf,
    synchronize: Synchronize,
    compressors: Compressors,
}

impl Shelf {
    pub(super) fn new(root: PathBuf, scope: &str, synchronize: Synchronize) -> Self {
        Self {
            scope: scope.to_owned(),
            staging: root.join(STAGING).join(safe_name(scope)),
            folders: DurableFolders::new(root, synchronize),
            synchronize,
            compressors: Compressors::new(Format::Zstd { level: ZSTD_LEVEL, checksum: true }),
        }
    }

    /// Writes events durably, where no reader looks. Returns their files and the bytes of these.
    pub(super) fn stage(&self, part: &DatedPart) -> io::Result<(Manifest, u64)> {
        self.folders.ensure(&self.staging)?;
        let manifest = Manifest {
            stream: part.stream,
            content: part.content_hash(&self.scope),
            days: part.dates().cloned().collect(),
        };
        let mut written_bytes = 0;
        for (file, lines) in manifest.files().zip(part.lines_by_day()) {
            let frame = self.compressors.compress(&lines)?;
            written_bytes += frame.len() as u64;
            self.write_unnamed(&self.staging, &frame)?.persist(self.staged_path(file))?;
        }
        self.folders.sync(&self.staging)?;
        Ok((manifest, written_bytes))
    }

    /// Moves staged files to where readers find them. Those that are already there are left alone.
    pub(super) fn publish(&self, manifests: &[Manifest]) -> io::Result<()> {
        let root = self.folders.root();
        let files = || manifests.iter().flat_map(Manifest::files);
        let folders: BTreeSet<PathBuf> = files().map(|file| file.folder(root)).collect();
        for folder in &folders {
            self.folders.ensure(folder)?;
        }
        let mut moved = Vec::new();
        for file in files() {
            let (staged, published) = (self.staged_path(file), file.folder(root).join(file.file_name()));
            if self.move_once(&staged, &published)? {
                moved.push((staged, published));
            }
        }
        for folder in &folders {
            self.folders.sync(folder).inspect_err(|_| move_back(&moved))?;
        }
        Ok(())
    }

    /// Removes everything that is staged, for as long as that `is_wanted`.
    pub(super) fn discard_staged(&self, is_wanted: impl Fn() -> bool) -> io::Result<()> {
        let entries = match fs::read_dir(&self.staging) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        for entry in entries.take_while(|_| is_wanted()) {
            match fs::remove_file(entry?.path()) {
                Ok(()) => (),
                Err(error) if error.kind() == ErrorKind::NotFound => (),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Whether a file could be staged right now. The staging folder itself is left to the first delivery, because
    /// its presence says that there was one.
    pub(super) fn probe(&self) -> io::Result<()> {
        let folder = self.folders.root().join(STAGING);
        self.folders.ensure(&folder)?;
        self.write_unnamed(&folder, b"probe")?.close()
    }

    /// After a failed attempt: the next one checks every folder anew.
    pub(super) fn forget_folders(&self) {
        self.folders.forget();
    }

    fn staged_path(&self, file: ArchiveFile<'_>) -> PathBuf {
        self.staging.join(file.staged_name())
    }

    /// A durable file that has no lasting name yet, so that a name appears only with its whole content on the disk.
    /// When the synchronization fails the file is removed, and the next attempt writes another one.
    fn write_unnamed(&self, folder: &Path, content: &[u8]) -> io::Result<NamedTempFile> {
        let mut file = tempfile::Builder::new()
            .prefix("unfinished-")
            .permissions(Permissions::from_mode(FILE_MODE))
            .tempfile_in(folder)?;
        file.write_all(content)?;
        (self.synchronize)(file.as_file())?;
        Ok(file)
    }

    /// Moves a file unless that was done before; tells whether it moved now.
    fn move_once(&self, staged: &Path, published: &Path) -> io::Result<bool> {
        let error = match fs::rename(staged, published) {
            Ok(()) => return Ok(true),
            Err(error) => error,
        };
        if error.kind() != ErrorKind::NotFound || staged.try_exists()? {
            return Err(error);
        }
        if !published.try_exists()? {
            // It was durable when it was acknowledged, so it got here, and a reader has taken it away since. Unless
            // it was never in this archive.
            self.require_staging()?;
            tracing::warn!(file = %published.display(), "a committed archive file has already been taken away");
        }
        Ok(false)
    }

    /// Without a staging folder nothing was ever acknowledged here: somebody chose another archive folder while
    /// files waited in the old one.
    fn require_staging(&self) -> io::Result<()> {
        if self.staging.try_exists()? {
            return Ok(());
        }
        let staging = self.staging.display();
        Err(io::Error::other(format!(
            "acknowledged files are missing and so is {staging}: this is not the archive folder that they were \
             written to (if they were removed on purpose, create that folder)"
        )))
    }
}

/// A failed synchronization of a folder must not be asked for again, because the second answer may be a false
/// success; the next attempt moves the files anew.
fn move_back(moved: &[(PathBuf, PathBuf)]) {
    for (staged, published) in moved {
        if let Err(error) = fs::rename(published, staged) {
            tracing::warn!(%error, file = %published.display(), "an archive file may not be durable");
        }
    }
}
