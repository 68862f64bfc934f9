//! The names of the files that one part becomes.
//!
//! A name holds a stream, a day and a hash of the content, and nothing else: not the time of writing, so that a
//! repeated attempt replaces its own files, and nothing that an event says, so that no event can choose a path.

use std::fmt;
use std::path::{Path, PathBuf};

use blake3::Hash;
use incydr_core::stream::Stream;
use incydr_core::timestamp::Timestamp;

const EXTENSION: &str = "ndjson.zst";

/// The files of one part: one for each day on which events of it happened. Written as a receipt's name:
/// `stream/hash/day,day`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Manifest {
    pub(super) stream: Stream,
    pub(super) content: Hash,
    /// UTC days as `YYYY-MM-DD`.
    pub(super) days: Vec<String>,
}

impl Manifest {
    /// Reads a receipt's name; `None` for everything that is not exactly what `Display` writes.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let mut parts = name.splitn(3, '/');
        let stream = Stream::parse(parts.next()?)?;
        let content = Hash::from_hex(parts.next()?).ok()?;
        let days: Option<Vec<String>> = parts.next()?.split(',').map(parse_day).collect();
        let manifest = Self { stream, content, days: days? };
        (manifest.to_string() == name).then_some(manifest)
    }

    /// Each file's name while it is staged, its final folder and its final name, in the order of days.
    pub(super) fn files(&self) -> impl Iterator<Item = ArchiveFile<'_>> {
        self.days.iter().map(|day| ArchiveFile { manifest: self, day })
    }
}

impl fmt::Display for Manifest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}/{}", self.stream, self.content.to_hex(), self.days.join(","))
    }
}

/// One file of a part.
#[derive(Clone, Copy, Debug)]
pub(super) struct ArchiveFile<'a> {
    manifest: &'a Manifest,
    day: &'a str,
}

impl ArchiveFile<'_> {
    /// Its name inside the staging folder.
    pub(super) fn staged_name(self) -> String {
        format!("{}.{}.{}", self.manifest.stream, self.day, self.file_name())
    }

    /// Its folder once published, below the archive's root.
    pub(super) fn folder(self, root: &Path) -> PathBuf {
        root.join(format!("stream={}", self.manifest.stream)).join(format!("date={}", self.day))
    }

    /// Its name inside that folder.
    pub(super) fn file_name(self) -> String {
        format!("{}.{EXTENSION}", self.manifest.content.to_hex())
    }
}

/// A name made of 32 hexadecimal digits for a text that may hold anything.
pub(super) fn safe_name(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().chars().take(32).collect()
}

fn parse_day(text: &str) -> Option<String> {
    // At noon, because the first and the last day that a timestamp can tell are not whole.
    let day = Timestamp::parse(format!("{text}T12:00:00Z").as_bytes())?.date();
    (day == text).then_some(day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_manifest_reads_back_from_its_receipt(
            stream in 0..3_usize,
            content in any::<[u8; 32]>(),
            days in proptest::collection::btree_set(any::<i64>(), 1..9),
        ) {
            let days = days.into_iter().map(|day| Timestamp::from_nanos(day).date()).collect();
            let manifest = Manifest { stream: Stream::ALL[stream], content: Hash::from_bytes(content), days };
            prop_assert_eq!(Manifest::parse(&manifest.to_string()), Some(manifest));
        }

        #[test]
        fn no_receipt_leads_out_of_the_archive(
            stream in "(fileEvents|alerts|sessions|\\.\\.|[^/]{0,9})",
            content in "([0-9a-f]{64}|[0-9A-F]{64}|\\.\\.)",
            days in "(2025-01-28|\\.\\./|/etc|[0-9-]{10}|.{0,12})(,2025-01-29)?",
        ) {
            let Some(manifest) = Manifest::parse(&format!("{stream}/{content}/{days}")) else { return Ok(()) };
            for file in manifest.files() {
                let path = file.folder(Path::new("")).join(file.file_name());
                let path = path.to_str().unwrap();
                prop_assert!(path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_.=-".contains(&byte)));
                prop_assert!(!path.contains("..") && path.split('/').count() == 3);
                prop_assert!(!file.staged_name().contains('/'));
            }
        }
    }
}
