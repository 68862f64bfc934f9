//! The screen and the inspection are two readers of one grammar: here each is held against the other, and both
//! against a third one.

use std::collections::HashSet;
use std::fmt;

use proptest::prelude::*;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::*;
use crate::page_decoder::inspection::inspect_element;
use crate::page_decoder::shape::{Identity, TimeField};
use crate::page_decoder::text;

const SHAPE: PageShape = PageShape {
    array: "fileEvents",
    identity: Identity::Immutable(&["event", "id"]),
    time: TimeField::Rfc3339(&["event", "inserted"]),
};

const UPLOAD: &str = include_str!("../../../tests/data/file_event_endpoint_browser_upload.json");
const DRIVE: &str = include_str!("../../../tests/data/file_event_google_drive.json");

fn screened(text: &[u8]) -> Option<Screened> {
    let mut screen = Screen::new(&SHAPE);
    screen.restart();
    screen.scan(text)
}

fn inspected(text: &[u8]) -> Option<WellFormed> {
    inspect_element(text, SHAPE.identity.path(), SHAPE.time.path()).ok()
}

/// Any JSON value, in which the oracle demands that no object has a key twice.
struct Strict;

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Self;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON without repeated keys")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        let mut keys = HashSet::new();
        while let Some((key, Self)) = map.next_entry::<String, Self>()? {
            if !keys.insert(key) {
                return Err(A::Error::custom("repeated"));
            }
        }
        Ok(Self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self, A::Error> {
        while let Some(Self) = items.next_element()? {}
        Ok(Self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }
}

/// Whether the oracle takes `text` for an object; `None` where it judges by other rules than those of JSON, as of
/// numbers that no `f64` can hold.
fn is_object_by_oracle(text: &[u8]) -> Option<bool> {
    match serde_json::from_slice::<Strict>(text) {
        Ok(Strict) => Some(text.starts_with(b"{")),
        Err(error) if error.to_string().contains("out of range") => None,
        Err(_) => Some(false),
    }
}

fn assert_agreement(text: &[u8]) -> Result<(), TestCaseError> {
    let judgment = inspected(text);
    if let Some(expected) = is_object_by_oracle(text) {
        prop_assert_eq!(judgment.is_some(), expected);
    }
    if !text.starts_with(b"{") {
        return Ok(());
    }
    let screened = screened(text);
    if judgment.is_some() {
        prop_assert_eq!(screened.map(|screened| screened.end), Some(text::trim_end(text).len()));
    }
    if let Some(Screened { end, proven: Some(known) }) = screened {
        prop_assert_eq!(inspected(&text[..end]), Some(known));
    }
    Ok(())
}

/// JSON text of any shape, compact or with spaces, now and then with fields that have a meaning.
fn json() -> impl Strategy<Value = String> {
    let key = prop_oneof![
        "[a-c]{0,2}",
        "[a-z]{7,20}",
        Just("event".into()),
        Just("id".into()),
        Just("inserted".into()),
        Just("é\\n".into())
    ];
    let text = prop_oneof!["[ -!#-\\[\\]-~é😀]{0,80}", "(\\\\[\"\\\\/bfnrt]|\\\\u00e9|x){0,9}"];
    let leaf = prop_oneof![
        3 => Just("null".to_owned()),
        1 => Just("true".to_owned()),
        1 => Just("false".to_owned()),
        2 => any::<i64>().prop_map(|number| number.to_string()),
        1 => "-?(0|[1-9][0-9]{0,3})(\\.[0-9]{1,3})?([eE][+-]?[0-9]{1,2})?",
        3 => text.prop_map(|text| format!("\"{}\"", text)),
    ];
    let value = leaf.prop_recursive(6, 60, 8, move |value| {
        let member = (key.clone(), value.clone()).prop_map(|(key, value)| format!("\"{key}\":{value}"));
        prop_oneof![
            1 => prop::collection::vec(value, 0..6).prop_map(|items| format!("[{}]", items.join(","))),
            3 => prop::collection::vec(member, 0..9).prop_map(|members| format!("{{{}}}", members.join(","))),
        ]
    });
    (value, prop_oneof![Just(""), Just(" "), Just("  "), Just("\n ")])
        .prop_map(|(value, gap)| {
            value.replace("\":", &format!("\":{gap}")).replace(",\"", &format!(",{gap}\""))
        })
        .prop_map(|value| format!("{{\"a\":{value}}}"))
}

/// A byte that has a meaning in JSON.
fn meaningful_byte() -> impl Strategy<Value = u8> {
    prop::sample::select(b"{}[]:,\"\\ \n\tnulltrue0123.eE+-\x00\x7f\xc3\xa9".as_slice())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn all_three_readers_agree_on_json(text in json()) {
        assert_agreement(text.as_bytes())?;
    }

    #[test]
    fn all_three_readers_agree_on_damaged_json(
        text in json(),
        spots in prop::collection::vec((any::<prop::sample::Index>(), 0..3_u8, meaningful_byte()), 1..4),
    ) {
        let mut text = text.into_bytes();
        for (spot, change, byte) in spots {
            let spot = spot.index(text.len());
            match change {
                0 => text[spot] = byte,
                1 => text.insert(spot, byte),
                _ => drop(text.remove(spot)),
            }
        }
        assert_agreement(&text)?;
    }

    #[test]
    fn all_three_readers_agree_on_text_that_looks_like_json(text in "\\{[\\[\\]{}:,\"\\\\ 0-9e.\\-nul]{0,70}\\}") {
        assert_agreement(text.as_bytes())?;
    }

    #[test]
    fn what_the_screen_learned_from_other_elements_changes_nothing(
        texts in prop::collection::vec((json(), any::<prop::sample::Index>(), meaningful_byte()), 1..6),
    ) {
        let mut screen = Screen::new(&SHAPE);
        for (text, spot, byte) in texts {
            let mut damaged = text.clone().into_bytes();
            damaged[1 + spot.index(text.len() - 1)] = byte;
            for text in [text.as_bytes(), &damaged, text.as_bytes()] {
                screen.restart();
                prop_assert_eq!(screen.scan(text), screened(text));
            }
        }
    }

    #[test]
    fn nothing_that_the_screen_does_depends_on_where_the_text_was_cut(
        text in json(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..9),
    ) {
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(text.len())).collect();
        cuts.sort_unstable();
        let mut screen = Screen::new(&SHAPE);
        screen.restart();
        for cut in cuts {
            prop_assert_eq!(screen.scan(&text.as_bytes()[..cut]), None);
        }
        prop_assert_eq!(screen.scan(text.as_bytes()), screened(text.as_bytes()));
    }
}

#[test]
fn the_usual_event_is_proven_without_inspection() {
    for sample in [UPLOAD, DRIVE] {
        let value: serde_json::Value = serde_json::from_str(sample).unwrap();
        let compact = value.to_string();
        let spaced = compact.replace("\":", "\": ").replace(",\"", ", \"");
        for text in [compact, spaced] {
            let screened = screened(text.as_bytes()).unwrap();
            assert_eq!(screened.end, text.len());
            assert_eq!(screened.proven, inspected(text.as_bytes()));
            assert!(
                screened.proven.is_some_and(|known| known.fields.id.is_some() && known.fields.time.is_some())
            );
        }
    }
}

#[test]
fn every_single_byte_in_place_of_another_is_judged_alike() {
    let value: serde_json::Value = serde_json::from_str(DRIVE).unwrap();
    let text = value["file"].to_string().into_bytes();
    for at in 0..text.len() {
        for byte in *b"{}[]:,\"\\ \n0a-\x00\xff" {
            let mut changed = text.clone();
            changed[at] = byte;
            assert_agreement(&changed).unwrap_or_else(|error| panic!("{byte} at {at}: {error}"));
        }
    }
}
