//! The state file on disk: made once, under its final name only when complete, and verified whenever it is opened.
//!
//! Whatever is wrong with a file, it is left as it is: restoring it is the operator's decision.

use std::ffi::OsString;
#[cfg(unix)]
use std::fs::File;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use incydr_core::ledger::LedgerFault;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};

use crate::error::Failure;
use crate::schema;

/// How long SQLite itself waits for a lock of another process before it is [`LedgerFault::Busy`].
const BUSY_TIMEOUT: Duration = Duration::from_secs(3);

/// A state file that is known to exist.
#[derive(Debug)]
pub(crate) struct StateFile {
    path: PathBuf,
    options: SqliteConnectOptions,
}

impl StateFile {
    /// The state file at `path`; makes it where there is none. The caller holds its lock.
    pub(crate) async fn at(path: &Path) -> Result<Self, Failure> {
        match fs::metadata(path) {
            // SQLite would take an empty file for a new database.
            Ok(metadata) if metadata.len() == 0 => return Err(Failure::corrupt("the file is empty")),
            Ok(_) => restrict_to_owner(path)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => make(path).await?,
            Err(error) => return Err(error.into()),
        }
        Ok(Self { path: path.to_owned(), options: writing(path).journal_mode(SqliteJournalMode::Wal) })
    }

    /// A connection to the file, after it was found sound and everything that can be read from it is durable.
    ///
    /// After a failed write the page cache of the system may show what the disk does not have. Therefore the whole
    /// write-ahead log is copied into the file anew, and that must succeed before anything is believed.
    pub(crate) async fn open(&self) -> Result<SqliteConnection, Failure> {
        check_identity(&self.path).await?;
        let mut connection = self.options.connect().await?;
        schema::migrate(&mut connection).await?;
        check_soundness(&mut connection).await?;
        let (busy, _, _): (i64, i64, i64) =
            sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut connection).await?;
        if busy != 0 {
            let info = "the write-ahead log is in use".to_owned();
            return Err(Failure { fault: LedgerFault::Busy, info });
        }
        Ok(connection)
    }

    /// From now on the database cannot grow, as on a full disk; or can again.
    #[cfg(test)]
    pub(crate) fn set_full(&mut self, full: bool) {
        let pages = if full { "1" } else { "4294967294" };
        self.options = self.options.clone().pragma("max_page_count", pages);
    }
}

/// Makes the folder of `path`, for its owner alone, where there is none.
pub(crate) fn make_folder(path: &Path) -> Result<(), Failure> {
    let folder = folder_of(path);
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    Ok(builder.create(folder)?)
}

/// `path` with `suffix` behind its file name.
pub(crate) fn sibling(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// Files made with these options are for their owner alone.
pub(crate) fn owner_only(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// A connection that can only read, after the file was found to be one that we know.
pub(crate) async fn open_for_reading(path: &Path) -> Result<SqliteConnection, Failure> {
    check_identity(path).await?;
    Ok(reading(path).connect().await?)
}

/// Whether there is no space beside the state file at `path`. SQLite reports an exceeded quota, or a disk that is full
/// at the wrong moment, as a plain failure of writing.
pub(crate) fn lacks_space(path: &Path) -> bool {
    let probe = sibling(path, ".probe");
    let outcome = write_probe(&probe);
    let removed = fs::remove_file(&probe);
    outcome.and(removed).is_err_and(|error| Failure::from(error).fault == LedgerFault::Full)
}

/// The folder that `path` is in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn reading(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .busy_timeout(BUSY_TIMEOUT)
        .disable_statement_logging()
}

fn writing(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .foreign_keys(true)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("cell_size_check", "ON")
        .pragma("trusted_schema", "OFF")
        .disable_statement_logging()
}

/// Makes a new state file under another name and renames it when it is complete, so that a crash leaves either none
/// or a whole one, and an empty or half file is always damage.
async fn make(path: &Path) -> Result<(), Failure> {
    if sibling(path, "-wal").exists() {
        return Err(Failure::corrupt("the file is gone, but its write-ahead log is there"));
    }
    let draft = sibling(path, ".new");
    for leftover in [draft.clone(), sibling(&draft, "-journal")] {
        match fs::remove_file(leftover) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            Ok(()) | Err(_) => {}
        }
    }
    drop(owner_only(OpenOptions::new().write(true).create_new(true)).open(&draft)?);
    let mut connection = writing(&draft).connect().await?;
    schema::migrate(&mut connection).await?;
    connection.close().await?;
    fs::rename(&draft, path)?;
    #[cfg(unix)]
    File::open(folder_of(path))?.sync_all()?;
    Ok(())
}

fn restrict_to_owner(path: &Path) -> Result<(), Failure> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mut permissions = fs::metadata(path)?.permissions();
        if permissions.mode() & 0o077 != 0 {
            permissions.set_mode(0o600);
            fs::set_permissions(path, permissions)?;
        }
    }
    Ok(())
}

/// Refuses a file that is not ours, or newer, without writing a byte.
async fn check_identity(path: &Path) -> Result<(), Failure> {
    let mut connection = reading(path).connect().await?;
    schema::check(&mut connection).await?;
    Ok(connection.close().await?)
}

/// Walks the structure of the whole file, and of the places also their index: a place that is not found would be
/// taken for a new one.
async fn check_soundness(connection: &mut SqliteConnection) -> Result<(), Failure> {
    let whole: String = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(&mut *connection).await?;
    let places: String =
        sqlx::query_scalar("PRAGMA integrity_check(places)").fetch_one(&mut *connection).await?;
    match [whole, places].into_iter().find(|finding| finding != "ok") {
        None => Ok(()),
        Some(finding) => Err(Failure::found_by_check(finding)),
    }
}

fn write_probe(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true);
    let mut file = owner_only(&mut options).open(path)?;
    file.write_all(&[0; 65_536])?;
    file.sync_all()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_probe_of_a_full_device_finds_no_space() {
        let fault = write_probe(Path::new("/dev/full")).map_err(|error| Failure::from(error).fault);
        assert_eq!(fault, Err(LedgerFault::Full));
    }
}
