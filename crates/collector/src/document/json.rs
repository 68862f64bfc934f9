//! JSON as it stands in the file: every member in order, duplicates included, and never nested deeply.
//!
//! A member that is null is as good as absent: clients write it for what they leave out.
//!
//! Not for: pages of events. Those are never held as a tree.

use std::fmt;

use serde::de::{self, Deserialize, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Number;

use super::error::ConfigError;

/// How deep objects and lists may be nested.
const MAX_DEPTH: u8 = 64;

const TOO_DEEP: &str = "objects and lists are nested more than 64 deep";

/// A JSON value.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Json {
    Null,
    Truth(bool),
    /// A whole number that is not negative.
    Whole(u64),
    /// Any other number; nothing in a source is one.
    OtherNumber(Number),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// What this is, with its article.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Truth(_) => "a boolean",
            Self::Whole(_) | Self::OtherNumber(_) => "a number",
            Self::Text(_) => "a string",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }

    pub(crate) fn as_text(&self, path: &str) -> Result<&str, ConfigError> {
        match self {
            Self::Text(text) => Ok(text),
            other => Err(ConfigError::wrong_type(path, "a string", other.kind())),
        }
    }
}

/// As it was read, but for the spaces between its parts.
impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Truth(truth) => serializer.serialize_bool(*truth),
            Self::Whole(number) => serializer.serialize_u64(*number),
            Self::OtherNumber(number) => number.serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(items) => serializer.collect_seq(items),
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                members.iter().try_for_each(|(key, value)| map.serialize_entry(key, value))?;
                map.end()
            }
        }
    }
}

/// The text of it. Nothing in it can fail to be written: its keys are text and its numbers finite.
impl fmt::Display for Json {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

/// Reads UTF-8 JSON; a byte order mark is ignored, as RFC 8259 allows. Errors call the whole `document`, as in
/// `the source JSON`.
pub(crate) fn parse(bytes: &[u8], document: &str) -> Result<Json, ConfigError> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let problem = format!("is not UTF-8 at byte {}", error.valid_up_to());
        ConfigError::of_whole(document, problem, "save it with the encoding UTF-8")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(ConfigError::of_whole(document, "is empty", "write a JSON object"));
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Nested { room: MAX_DEPTH }
        .deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value))
        .map_err(|error| {
            let remedy = if error.is_data() { "flatten it" } else { "correct the JSON there" };
            ConfigError::of_whole(document, format!("cannot be read: {error}"), remedy)
        })?;
    Ok(value)
}

/// Reads one value with `room` levels left below it.
#[derive(Clone, Copy)]
struct Nested {
    room: u8,
}

impl Nested {
    fn below<E: de::Error>(self) -> Result<Self, E> {
        self.room.checked_sub(1).map(|room| Self { room }).ok_or_else(|| E::custom(TOO_DEEP))
    }
}

impl<'de> DeserializeSeed<'de> for Nested {
    type Value = Json;

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Nested {
    type Value = Json;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Truth(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Whole(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(u64::try_from(value).map_or_else(|_| Json::OtherNumber(value.into()), Json::Whole))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Json, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("a number is not finite"))?;
        Ok(Json::OtherNumber(number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let below = self.below()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(below)? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        let below = self.below()?;
        let mut members = Vec::new();
        while let Some(Key(key)) = entries.next_key()? {
            match entries.next_value_seed(below)? {
                Json::Null => {}
                value => members.push((key, value)),
            }
        }
        Ok(Json::Object(members))
    }
}

/// A member's name. Its own type, so that no magic key of the parser is taken for one.
struct Key(String);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(bytes: &[u8]) -> Result<Json, ConfigError> {
        super::parse(bytes, "the text")
    }

    #[test]
    fn members_keep_their_order_and_their_duplicates() {
        let tree = parse(br#"{"b": [1, -1, 1.5, null], "a": true, "b": "x"}"#).expect("valid");
        let half = Number::from_f64(1.5).expect("finite");
        let numbers = [Json::Whole(1), Json::OtherNumber((-1).into()), Json::OtherNumber(half), Json::Null];
        let list = Json::List(numbers.to_vec());
        let members = [("b", list), ("a", Json::Truth(true)), ("b", Json::Text("x".to_owned()))];
        assert_eq!(tree, Json::Object(members.map(|(key, value)| (key.to_owned(), value)).to_vec()));
    }

    #[test]
    fn a_member_that_is_null_is_absent_at_every_depth() {
        let tree = parse(br#"{"a": null, "b": {"c": null, "d": [{"e": null}, null]}}"#).expect("valid");
        assert_eq!(tree.to_string(), r#"{"b":{"d":[{},null]}}"#);
    }

    #[test]
    fn nesting_of_64_levels_is_read_and_65_are_refused() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(parse(nested(64).as_bytes()).is_ok());
        let error = parse(nested(65).as_bytes()).expect_err("too deep").to_string();
        assert!(error.contains("nested more than 64 deep"), "{error}");
    }

    #[test]
    fn a_million_open_brackets_end_at_once() {
        assert!(parse("[".repeat(1_000_000).as_bytes()).is_err());
        assert!(parse("{\"a\":".repeat(200_000).as_bytes()).is_err());
    }

    #[test]
    fn a_byte_order_mark_is_ignored_and_other_bytes_are_named() {
        assert_eq!(parse("\u{feff}null".as_bytes()), Ok(Json::Null));
        let error = parse(b"{\"name\": \"\xff\"}").expect_err("latin 1").to_string();
        assert_eq!(error, "the text is not UTF-8 at byte 10; save it with the encoding UTF-8");
    }

    #[test]
    fn what_was_read_is_written_again_magic_keys_of_the_parser_included() {
        for text in [
            r#"{"b":[1,-1,1.5,null,18446744073709551615],"a":true,"text":"\u0001ü\"","":{}}"#,
            r#"{"$serde_json::private::RawValue":"1","$serde_json::private::Number":"2"}"#,
        ] {
            assert_eq!(parse(text.as_bytes()).map(|tree| tree.to_string()), Ok(text.to_owned()));
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(parse(&bytes).map_or_else(|error| error.to_string().contains("; "), |_| true));
        }
    }
}
