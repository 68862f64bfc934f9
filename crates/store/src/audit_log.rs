//! What was changed by whom, as a chain: each entry's hash covers the entry and the hash before it.
//!
//! Whatever changes the configuration takes an [`Author`] and writes its entry in its own transaction: neither is there
//! without the other, whenever the process ends.
//!
//! An entry that was altered, removed or put in afterwards breaks the chain. Entries cut off at the end leave a shorter
//! chain that is whole; whoever keeps the last hash elsewhere notices those too.

use incydr_core::timestamp::Timestamp;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::columns::{instant, number};
use crate::error::Failure;
use crate::page::{Page, PageToken, one_more_than};
use crate::store::{Store, StoreError};

/// The hash of an entry.
type Hash = [u8; 32];

/// Entries are read so many at a time for the verification.
const PORTION: i64 = 1_000;

/// Who changes something, and when.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Author<'a> {
    /// An access id, or a part of the collector itself.
    pub name: &'a str,
    /// When it does so.
    pub at: Timestamp,
}

/// What was changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Change<'a> {
    /// What was done, as in `SourceUpdated`.
    pub action: &'a str,
    /// To what, as in `source 100000001 of collector 100000001`.
    pub resource: &'a str,
    /// How it was before, as JSON with secrets masked.
    pub before: Option<&'a str>,
    /// How it is now, likewise.
    pub after: Option<&'a str>,
}

impl<'a> Change<'a> {
    /// A change that needs no more words than these.
    pub const fn of(action: &'a str, resource: &'a str) -> Self {
        Self { action, resource, before: None, after: None }
    }
}

/// An entry of the audit log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditEntry {
    /// Its number; later ones have higher numbers.
    pub number: u64,
    /// When it was done.
    pub at: Timestamp,
    /// Who did it.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub resource: String,
    /// How it was before, as JSON with secrets masked.
    pub before: Option<String>,
    /// How it was afterwards, likewise.
    pub after: Option<String>,
    /// The hash over this entry and the hash before it.
    pub hash: Vec<u8>,
}

/// What a verification of the audit log found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AuditVerdict {
    /// The chain is whole.
    Whole {
        /// How many entries it has.
        entries: u64,
        /// The last hash, which can be kept elsewhere; zeros of an empty log.
        last: Vec<u8>,
    },
    /// The chain breaks at the entry with this number: it was altered, or something before it was removed.
    BrokenAt(u64),
}

impl Store {
    /// Appends the entry of a change of something that is not kept here.
    pub async fn append_audit(&self, by: Author<'_>, change: &Change<'_>) -> Result<(), StoreError> {
        self.write("writing to the audit log", async |connection| Ok(append(connection, by, change).await?))
            .await
    }

    /// The entries, newest first: at most `limit` from where the page before ended.
    pub async fn audit_log(
        &self,
        from: Option<PageToken>,
        limit: u32,
    ) -> Result<Page<AuditEntry>, StoreError> {
        self.read("reading the audit log", async |connection| {
            let rows = sqlx::query("SELECT * FROM audit_log WHERE id < ? ORDER BY id DESC LIMIT ?")
                .bind(from.map_or(i64::MAX, PageToken::row))
                .bind(one_more_than(limit))
                .fetch_all(connection)
                .await?;
            let entries = rows.iter().map(entry_of).collect::<Result<_, _>>()?;
            Ok(Page::of(entries, limit, |entry: &AuditEntry| entry.number))
        })
        .await
    }

    /// Walks the whole chain from its first entry.
    pub async fn verify_audit_log(&self) -> Result<AuditVerdict, StoreError> {
        let (mut number, mut entries, mut last) = (0, 0, Hash::default());
        loop {
            let portion = self.audit_entries_after(number).await?;
            if portion.is_empty() {
                return Ok(AuditVerdict::Whole { entries, last: last.to_vec() });
            }
            for entry in &portion {
                last = hash_after(&last, entry);
                if entry.hash != last {
                    return Ok(AuditVerdict::BrokenAt(entry.number));
                }
                (number, entries) = (entry.number, entries + 1);
            }
        }
    }

    async fn audit_entries_after(&self, number: u64) -> Result<Vec<AuditEntry>, StoreError> {
        self.read("verifying the audit log", async |connection| {
            let rows = sqlx::query("SELECT * FROM audit_log WHERE id > ? ORDER BY id LIMIT ?")
                .bind(number.cast_signed())
                .bind(PORTION)
                .fetch_all(connection)
                .await?;
            Ok(rows.iter().map(entry_of).collect::<Result<_, _>>()?)
        })
        .await
    }
}

/// Appends an entry within the transaction of the change itself.
pub(crate) async fn append(
    connection: &mut SqliteConnection,
    by: Author<'_>,
    change: &Change<'_>,
) -> Result<(), Failure> {
    let newest = sqlx::query("SELECT * FROM audit_log ORDER BY id DESC LIMIT 1")
        .fetch_optional(&mut *connection)
        .await?;
    let newest = newest.as_ref().map(entry_of).transpose()?;
    let (number, last) = newest.map_or((0, Hash::default().to_vec()), |entry| (entry.number, entry.hash));
    let mut entry = AuditEntry {
        number: number + 1,
        at: by.at,
        actor: by.name.to_owned(),
        action: change.action.to_owned(),
        resource: change.resource.to_owned(),
        before: change.before.map(str::to_owned),
        after: change.after.map(str::to_owned),
        hash: Vec::new(),
    };
    entry.hash = hash_after(&last, &entry).to_vec();
    sqlx::query(
        "INSERT INTO audit_log (id, at_nanos, actor, action, resource, before, after, hash)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(entry.number.cast_signed())
    .bind(entry.at.as_nanos())
    .bind(entry.actor)
    .bind(entry.action)
    .bind(entry.resource)
    .bind(entry.before)
    .bind(entry.after)
    .bind(entry.hash)
    .execute(connection)
    .await?;
    Ok(())
}

/// The hash that `entry` must have when the one before it has the hash `last`.
///
/// Every value is led by its length, so that no two entries feed the same bytes.
fn hash_after(last: &[u8], entry: &AuditEntry) -> Hash {
    // Naming every field makes the compiler ask for each one that is added later.
    let AuditEntry { number, at, actor, action, resource, before, after, hash: _ } = entry;
    let mut hasher = blake3::Hasher::new();
    let mut feed = |value: &[u8]| {
        hasher.update(&(value.len() as u64).to_le_bytes());
        hasher.update(value);
    };
    feed(last);
    feed(&number.to_le_bytes());
    feed(&at.as_nanos().to_le_bytes());
    for text in [actor, action, resource] {
        feed(text.as_bytes());
    }
    for text in [before, after] {
        feed(&[u8::from(text.is_some())]);
        feed(text.as_deref().unwrap_or_default().as_bytes());
    }
    hasher.finalize().into()
}

fn entry_of(row: &SqliteRow) -> Result<AuditEntry, Failure> {
    Ok(AuditEntry {
        number: number(row, "id")?,
        at: instant(row, "at_nanos")?,
        actor: row.try_get("actor")?,
        action: row.try_get("action")?,
        resource: row.try_get("resource")?,
        before: row.try_get("before")?,
        after: row.try_get("after")?,
        hash: row.try_get("hash")?,
    })
}
