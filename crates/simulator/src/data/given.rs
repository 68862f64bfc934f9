//! Documents that a test brings along.

use std::io;
use std::path::Path;

use bytes::Bytes;
use serde_json::Value;

use crate::faults::poison::Poison;
use crate::moment::Moment;

/// A file event whose bytes are given, good or bad.
#[derive(Clone, Debug)]
pub struct GivenEvent {
    /// What page tokens call it.
    pub id: String,
    /// What it is sorted and filtered by.
    pub inserted: Moment,
    /// Its `@timestamp`.
    pub timestamp: Moment,
    /// Its bytes, served as they are.
    pub bytes: Bytes,
}

impl GivenEvent {
    /// Any bytes at all, to be found under `id` at `inserted`.
    pub fn raw(id: &str, inserted: Moment, bytes: impl Into<Bytes>) -> Self {
        Self { id: id.to_owned(), inserted, timestamp: inserted, bytes: bytes.into() }
    }

    /// A document that says itself what its id and times are.
    pub fn parse(bytes: impl Into<Bytes>) -> io::Result<Self> {
        let bytes = bytes.into();
        let document: Value = serde_json::from_slice(&bytes).map_err(invalid)?;
        let text = |pointer: &str| document.pointer(pointer).and_then(Value::as_str);
        let id = text("/event/id").ok_or_else(|| invalid("the document has no event.id"))?.to_owned();
        let inserted = text("/event/inserted")
            .and_then(Moment::parse)
            .ok_or_else(|| invalid("the document has no event.inserted"))?;
        let timestamp = text("/@timestamp").and_then(Moment::parse).unwrap_or(inserted);
        Ok(Self { id, inserted, timestamp, bytes })
    }

    /// A small valid event.
    pub fn plain(id: &str, inserted: Moment) -> Self {
        Self::sized(id, inserted, 0)
    }

    /// A valid event of exactly `len` bytes (or as many as an event needs, if that is more).
    pub fn sized(id: &str, inserted: Moment, len: usize) -> Self {
        let time = inserted.iso(9);
        let head = format!(
            r#"{{"@timestamp":"{time}","event":{{"id":{},"inserted":"{time}","observer":"Endpoint"}},"file":{{"name":""#,
            Value::from(id)
        );
        let tail = r#""}}"#;
        let filling = len.saturating_sub(head.len() + tail.len());
        let bytes = [head.as_bytes(), &vec![b'x'; filling], tail.as_bytes()].concat();
        Self::raw(id, inserted, bytes)
    }

    /// A document that is no good event.
    pub fn poison(poison: Poison, id: &str, inserted: Moment) -> Self {
        Self::raw(id, inserted, poison.document(id, &inserted.iso(6)))
    }

    /// All `file_event*.json` of a folder, in order of their names.
    pub fn load_samples(folder: &Path) -> io::Result<Vec<Self>> {
        sample_files(folder, "file_event")?.into_iter().map(Self::parse).collect()
    }
}

/// A session or an audit row whose bytes are given.
#[derive(Clone, Debug)]
pub struct GivenRecord {
    /// When it happened: the begin of a session, the timestamp of an audit row.
    pub at: Moment,
    /// Its bytes, served as they are.
    pub bytes: Bytes,
}

impl GivenRecord {
    /// Any bytes at all, to be found at `at`.
    pub fn raw(at: Moment, bytes: impl Into<Bytes>) -> Self {
        Self { at, bytes: bytes.into() }
    }

    /// An audit row that says itself when it happened.
    pub fn audit(bytes: impl Into<Bytes>) -> io::Result<Self> {
        let bytes = bytes.into();
        let document: Value = serde_json::from_slice(&bytes).map_err(invalid)?;
        let at = document["timestamp"].as_str().and_then(Moment::parse);
        Ok(Self { at: at.ok_or_else(|| invalid("the row has no timestamp"))?, bytes })
    }

    /// A session that says itself when it began.
    pub fn session(bytes: impl Into<Bytes>) -> io::Result<Self> {
        let bytes = bytes.into();
        let document: Value = serde_json::from_slice(&bytes).map_err(invalid)?;
        let at = document["beginTime"].as_i64().map(Moment::from_millis);
        Ok(Self { at: at.ok_or_else(|| invalid("the session has no beginTime"))?, bytes })
    }

    /// All `audit_*.json` of a folder, in order of their names.
    pub fn load_audit_samples(folder: &Path) -> io::Result<Vec<Self>> {
        sample_files(folder, "audit_")?.into_iter().map(Self::audit).collect()
    }

    /// All `session*.json` of a folder, in order of their names.
    pub fn load_session_samples(folder: &Path) -> io::Result<Vec<Self>> {
        sample_files(folder, "session")?.into_iter().map(Self::session).collect()
    }
}

fn sample_files(folder: &Path, prefix: &str) -> io::Result<Vec<Vec<u8>>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with(prefix) && name.ends_with(".json") {
            paths.push(path);
        }
    }
    paths.sort();
    paths.into_iter().map(std::fs::read).collect()
}

fn invalid(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}
