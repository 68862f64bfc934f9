//! A delivered event as it is shown.

use crate::figures::bytes;
use crate::hosting::TailEvent;
use crate::pages::json_text;
use crate::printable::excerpt;
use crate::resources::streams::pages::title_of;

/// So much of a payload stands in its line.
const LINE: usize = 160;

/// A delivered event in words.
pub(super) struct ShownEvent {
    pub(super) number: u64,
    pub(super) stream: &'static str,
    /// When the last destination had acknowledged it, as `10:30:05.123`, and exactly.
    pub(super) clock: String,
    pub(super) delivered: String,
    pub(super) size: String,
    /// Whether only its beginning was kept.
    pub(super) is_cut: bool,
    /// Its beginning.
    pub(super) line: String,
    /// All that was kept, in lines.
    pub(super) text: String,
}

impl ShownEvent {
    pub(super) fn of(event: &TailEvent) -> Self {
        let payload = String::from_utf8_lossy(&event.payload);
        let delivered = event.delivered.floor_to_millis().to_string();
        Self {
            number: event.number,
            stream: title_of(event.stream),
            clock: delivered.get(11..23).unwrap_or_default().to_owned(),
            delivered,
            size: bytes(event.length as u64),
            is_cut: event.is_cut(),
            line: excerpt(&payload, LINE),
            text: json_text::indented(&payload),
        }
    }
}
