//! The JSON of dead letters.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use incydr_core::stream::Place;
use incydr_core::timestamp::Timestamp;
use incydr_store::{DeadLetterSummary, KeptDeadLetter};
use serde::Serialize;

/// A dead letter without its payload.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ShownSummary {
    id: u64,
    stream: &'static str,
    recorded_at: String,
    time: String,
    reason: String,
    size: u64,
}

/// A dead letter with its payload.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ShownLetter {
    #[serde(flatten)]
    summary: ShownSummary,
    /// How `raw` stands for the bytes: `text` where they are UTF-8, else `base64`.
    encoding: &'static str,
    raw: String,
}

impl From<&DeadLetterSummary> for ShownSummary {
    fn from(letter: &DeadLetterSummary) -> Self {
        Self {
            id: letter.number,
            stream: letter.place.stream.as_str(),
            recorded_at: instant_of(&letter.recorded_at),
            time: letter.time.to_string(),
            reason: letter.reason.clone(),
            size: letter.bytes,
        }
    }
}

impl ShownLetter {
    /// Shows `kept`, which belongs to `place`.
    pub(super) fn new(place: &Place, kept: KeptDeadLetter) -> Self {
        let letter = kept.letter;
        let summary = ShownSummary {
            id: kept.number,
            stream: place.stream.as_str(),
            recorded_at: instant_of(&kept.recorded_at),
            time: letter.time.to_string(),
            reason: letter.reason,
            size: letter.raw.len() as u64,
        };
        match String::from_utf8(letter.raw) {
            Ok(raw) => Self { summary, encoding: "text", raw },
            Err(error) => Self { summary, encoding: "base64", raw: STANDARD.encode(error.as_bytes()) },
        }
    }
}

/// The database's `2025-01-28 01:24:24` in the form of all other instants.
pub(super) fn instant_of(recorded_at: &str) -> String {
    let written = format!("{}Z", recorded_at.replace(' ', "T"));
    Timestamp::parse(written.as_bytes()).map_or(written, |instant| instant.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use incydr_core::event::EventId;
    use incydr_core::ledger::DeadLetter;
    use incydr_core::stream::Stream;

    #[test]
    fn bytes_that_are_no_text_are_shown_as_base64() {
        let place = Place { source: "source 1 at https://x".to_owned(), stream: Stream::Alerts };
        let shown = |raw: &[u8]| {
            let id = EventId { key: 1, version: 0 };
            let letter = DeadLetter { id, time: Timestamp::EPOCH, reason: String::new(), raw: raw.to_vec() };
            let kept = KeptDeadLetter { number: 1, recorded_at: "2025-01-28 01:24:24".to_owned(), letter };
            let shown = ShownLetter::new(&place, kept);
            (shown.encoding, shown.raw, shown.summary.recorded_at)
        };
        let recorded = "2025-01-28T01:24:24.000Z".to_owned();
        assert_eq!(shown("{\"ü\":1}".as_bytes()), ("text", "{\"ü\":1}".to_owned(), recorded.clone()));
        assert_eq!(shown(&[0xff, 0xfe]), ("base64", "//4=".to_owned(), recorded));
    }
}
