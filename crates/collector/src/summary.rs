//! The figures that a run closes with: a table for people, and JSON with stable keys for programs.
//!
//! ```json
//! {"source": "Code42", "durationSeconds": 12.3,
//!  "streams": {"fileEvents": {"fetched": 5, "delivered": 4, "duplicates": 1, "excluded": 0, "deadLetters": 0,
//!              "oversize": 0, "retries": 0, "windows": 1, "bytes": 12000, "sentBytes": 1500, "lagSeconds": 2.5,
//!              "watermark": "2025-01-28T01:24:24.362Z"}},
//!  "totals": {"fetched": 5, "delivered": 4, "duplicates": 1, "excluded": 0, "deadLetters": 0, "oversize": 0,
//!             "retries": 0, "bytes": 12000, "sentBytes": 1500, "lagSeconds": 2.5}}
//! ```
//!
//! `lagSeconds` and `watermark` are null for a stream of which no window was closed; the total lag is the largest.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use incydr_core::stream::Stream;
use incydr_core::timestamp::Timestamp;
use serde::ser::{SerializeMap, Serializer};

use crate::figures::{bytes, grouped};
use crate::printable::printable;
use crate::progress::StreamTally;
use crate::span::show_span;

/// The figures of one run.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    source: String,
    duration_seconds: f64,
    #[serde(serialize_with = "by_name")]
    streams: Vec<(Stream, StreamSummary)>,
    totals: Figures,
}

/// The figures of one stream.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
struct StreamSummary {
    #[serde(flatten)]
    figures: Figures,
    windows: u64,
    watermark: Option<String>,
}

/// What can be said of a stream and of all of them alike.
#[derive(Clone, Copy, PartialEq, Debug, Default, serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Figures {
    fetched: u64,
    delivered: u64,
    duplicates: u64,
    excluded: u64,
    dead_letters: u64,
    oversize: u64,
    retries: u64,
    bytes: u64,
    sent_bytes: u64,
    lag_seconds: Option<f64>,
}

impl Summary {
    /// The summary of a run of the source named `source` that took `duration` and ended at `now`.
    pub fn new(source: &str, tallies: &[(Stream, StreamTally)], duration: Duration, now: Timestamp) -> Self {
        let streams: Vec<_> =
            tallies.iter().map(|(stream, tally)| (*stream, StreamSummary::new(tally, now))).collect();
        Self {
            source: source.to_owned(),
            duration_seconds: seconds(duration),
            totals: streams
                .iter()
                .fold(Figures::default(), |totals, (_, stream)| totals.plus(stream.figures)),
            streams,
        }
    }

    /// Writes the JSON so that `path` holds either what it held before or all of this.
    pub fn write_json(&self, path: &Path) -> io::Result<()> {
        let mut json = serde_json::to_vec_pretty(self)?;
        json.push(b'\n');
        let name = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let draft = folder.join(format!(".{}.{}.draft", name.to_string_lossy(), std::process::id()));
        let written = write_durably(&draft, &json).and_then(|()| fs::rename(&draft, path));
        match written {
            Ok(()) => File::open(folder)?.sync_all(),
            Err(error) => {
                fs::remove_file(&draft).unwrap_or_default();
                Err(error)
            }
        }
    }
}

fn write_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

impl StreamSummary {
    fn new(tally: &StreamTally, now: Timestamp) -> Self {
        Self {
            figures: Figures {
                fetched: tally.fetched,
                delivered: tally.acknowledged,
                duplicates: tally.duplicates,
                excluded: tally.excluded,
                dead_letters: tally.dead_letters,
                oversize: tally.oversize,
                retries: tally.troubles,
                bytes: tally.bytes,
                sent_bytes: tally.sent_bytes,
                lag_seconds: tally.lag(now).map(seconds),
            },
            windows: tally.windows,
            watermark: tally.watermark.map(|watermark| watermark.to_string()),
        }
    }
}

impl Figures {
    fn plus(self, other: Self) -> Self {
        Self {
            fetched: self.fetched + other.fetched,
            delivered: self.delivered + other.delivered,
            duplicates: self.duplicates + other.duplicates,
            excluded: self.excluded + other.excluded,
            dead_letters: self.dead_letters + other.dead_letters,
            oversize: self.oversize + other.oversize,
            retries: self.retries + other.retries,
            bytes: self.bytes + other.bytes,
            sent_bytes: self.sent_bytes + other.sent_bytes,
            lag_seconds: [self.lag_seconds, other.lag_seconds].into_iter().flatten().reduce(f64::max),
        }
    }

    fn cells(&self, name: &str) -> [String; 9] {
        [
            name.to_owned(),
            grouped(self.fetched),
            grouped(self.delivered),
            grouped(self.duplicates),
            grouped(self.excluded),
            grouped(self.dead_letters),
            bytes(self.bytes),
            bytes(self.sent_bytes),
            self.lag_seconds.map_or_else(|| "-".to_owned(), |lag| show_span(Duration::from_secs_f64(lag))),
        ]
    }
}

/// Seconds to the millisecond, which is all that anybody compares.
fn seconds(span: Duration) -> f64 {
    Duration::from_millis(u64::try_from(span.as_millis()).unwrap_or(u64::MAX)).as_secs_f64()
}

fn by_name<S: Serializer>(streams: &[(Stream, StreamSummary)], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(streams.len()))?;
    for (stream, summary) in streams {
        map.serialize_entry(stream.as_str(), summary)?;
    }
    map.end()
}

const HEADINGS: [&str; 9] =
    ["stream", "fetched", "delivered", "duplicates", "excluded", "dead letters", "size", "sent", "lag"];

impl fmt::Display for Summary {
    /// The table for people, with a line break after each row.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows = vec![HEADINGS.map(str::to_owned)];
        rows.extend(self.streams.iter().map(|(stream, summary)| summary.figures.cells(stream.as_str())));
        if self.streams.len() > 1 {
            rows.push(self.totals.cells("all"));
        }
        let widths: [usize; 9] =
            std::array::from_fn(|column| rows.iter().map(|row| row[column].len()).max().unwrap_or(0));
        let took = show_span(Duration::from_secs_f64(self.duration_seconds));
        writeln!(out, "{} in {took}", printable(&self.source))?;
        for row in &rows {
            write!(out, "  {:<width$}", row[0], width = widths[0])?;
            for (cell, width) in row.iter().zip(widths).skip(1) {
                write!(out, "  {cell:>width$}")?;
            }
            writeln!(out)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
