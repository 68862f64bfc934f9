//! Documents that are no good events, though a page may hold them.

use serde::{Deserialize, Serialize};

/// In which way a document is bad.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Poison {
    /// A byte that is not UTF-8.
    InvalidUtf8,
    /// An escape that is half of a character.
    LoneSurrogate,
    /// A NUL character, unescaped.
    Nul,
    /// An escape that JSON does not know, as really seen in `"owner":"\Everyone"`.
    IllegalEscape,
    /// A number instead of the event.
    NotAnObject,
    /// A number where the id should be text.
    NumericId,
    /// No `event.id`.
    NoId,
    /// Two keys `event`, with different ids.
    DuplicateKeys,
    /// No `event.inserted`.
    NoInserted,
    /// `event.inserted` is not a time.
    MalformedInserted,
}

impl Poison {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::InvalidUtf8,
        Self::LoneSurrogate,
        Self::Nul,
        Self::IllegalEscape,
        Self::NotAnObject,
        Self::NumericId,
        Self::NoId,
        Self::DuplicateKeys,
        Self::NoInserted,
        Self::MalformedInserted,
    ];

    /// The document. `id` and `inserted` appear in it wherever the kind of poison leaves room for them.
    pub fn document(self, id: &str, inserted: &str) -> Vec<u8> {
        let stamped = |owner: &str| {
            format!(
                r#"{{"@timestamp":"{inserted}","event":{{"id":"{id}","inserted":"{inserted}"}},"file":{{"owner":"{owner}"}}}}"#
            )
        };
        match self {
            Self::InvalidUtf8 => replace_mark(&stamped("a@b"), &[0xC3, 0x28]),
            Self::LoneSurrogate => stamped(r"\ud800").into_bytes(),
            Self::Nul => replace_mark(&stamped("a@b"), &[0]),
            Self::IllegalEscape => stamped(r"\Everyone").into_bytes(),
            Self::NotAnObject => b"17".to_vec(),
            Self::NumericId => {
                format!(r#"{{"@timestamp":"{inserted}","event":{{"id":17,"inserted":"{inserted}"}}}}"#).into_bytes()
            }
            Self::NoId => {
                format!(r#"{{"@timestamp":"{inserted}","event":{{"inserted":"{inserted}"}}}}"#).into_bytes()
            }
            Self::DuplicateKeys => format!(
                r#"{{"event":{{"id":"{id}","inserted":"{inserted}"}},"event":{{"id":"{id}-again","inserted":"{inserted}"}}}}"#
            )
            .into_bytes(),
            Self::NoInserted => {
                format!(r#"{{"@timestamp":"{inserted}","event":{{"id":"{id}"}}}}"#).into_bytes()
            }
            Self::MalformedInserted => {
                format!(r#"{{"@timestamp":"{inserted}","event":{{"id":"{id}","inserted":"soon"}}}}"#).into_bytes()
            }
        }
    }
}

/// Puts `bytes` in the place of the `@` between two letters.
fn replace_mark(text: &str, bytes: &[u8]) -> Vec<u8> {
    match text.split_once("a@b") {
        Some((before, after)) => [before.as_bytes(), b"a", bytes, b"b", after.as_bytes()].concat(),
        None => text.as_bytes().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_poison_is_a_good_event() {
        #[derive(serde::Deserialize)]
        struct Good {
            event: Event,
        }
        #[derive(serde::Deserialize)]
        struct Event {
            #[serde(rename = "id")]
            _id: String,
            inserted: String,
        }
        for poison in Poison::ALL {
            let document = poison.document("id-1", "2026-01-10T08:00:00.000Z");
            let is_json = serde_json::from_slice::<serde_json::Value>(&document).is_ok();
            let is_event = serde_json::from_slice::<Good>(&document)
                .is_ok_and(|good| crate::moment::Moment::parse(&good.event.inserted).is_some());
            assert!(!(is_json && is_event), "{poison:?}");
        }
    }
}
