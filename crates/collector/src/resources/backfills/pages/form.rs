//! The form of a new backfill: what was typed, and the JSON that the operation takes.

use incydr_core::stream::Stream;
use serde_json::json;

use crate::pages::FormValues;
use crate::resources::streams::pages::title_of;

/// What the form calls the members of the order.
pub(super) const LABELS: [(&str, &str); 3] =
    [("backfill.stream", "Stream"), ("backfill.from", "From"), ("backfill.to", "To")];

/// What somebody has typed.
#[derive(Default)]
pub(super) struct Typed {
    /// A stream's name.
    pub(super) stream: String,
    /// The ends as the browser's own inputs give them, in UTC.
    pub(super) from: String,
    pub(super) to: String,
    /// The ends in RFC 3339, which win where they are given.
    pub(super) exact_from: String,
    pub(super) exact_to: String,
}

/// One stream to choose.
pub(super) struct Choice {
    pub(super) key: &'static str,
    pub(super) title: &'static str,
}

impl Typed {
    pub(super) fn of(form: &FormValues) -> Self {
        let text = |name| form.text(name).to_owned();
        Self {
            stream: text("stream"),
            from: text("from"),
            to: text("to"),
            exact_from: text("exact_from"),
            exact_to: text("exact_to"),
        }
    }

    /// The JSON for [`crate::resources::backfills::create`].
    pub(super) fn body(&self, is_dry_run: bool) -> String {
        let (from, to) = (instant(&self.exact_from, &self.from), instant(&self.exact_to, &self.to));
        json!({ "backfill": { "stream": self.stream, "from": from, "to": to }, "dryRun": is_dry_run })
            .to_string()
    }
}

/// The streams of a source.
pub(super) fn choices(streams: &[Stream]) -> Vec<Choice> {
    streams.iter().map(|stream| Choice { key: stream.as_str(), title: title_of(*stream) }).collect()
}

/// What was typed exactly, or what `picked` means: `2025-06-01T10:30`, with or without seconds, is of UTC.
fn instant(exact: &str, picked: &str) -> String {
    match (exact, picked.len()) {
        ("", 16) => format!("{picked}:00Z"),
        ("", 0) => String::new(),
        ("", _) => format!("{picked}Z"),
        (exact, _) => exact.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_picked_is_of_utc_and_what_is_typed_exactly_wins() {
        for (exact, picked, expected) in [
            ("", "2025-06-01T10:30", "2025-06-01T10:30:00Z"),
            ("", "2025-06-01T10:30:05", "2025-06-01T10:30:05Z"),
            ("", "", ""),
            ("2025-06-01T10:30:00+02:00", "2025-06-01T00:00", "2025-06-01T10:30:00+02:00"),
        ] {
            assert_eq!(instant(exact, picked), expected);
        }
    }
}
