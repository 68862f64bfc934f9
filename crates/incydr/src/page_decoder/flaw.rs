//! What is wrong with one JSON value, told without showing any of it.

use std::fmt;

use super::shape::FieldPath;

/// Why an element is no event, or a value no JSON. Offsets count from the first byte of the value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Flaw {
    /// Bytes that are not UTF-8.
    InvalidUtf8(usize),
    /// A raw control character inside a string.
    ControlCharacter(usize),
    /// A backslash that begins no escape of JSON.
    IllegalEscape(usize),
    /// Half of a surrogate pair.
    LoneSurrogate(usize),
    /// Something else stands where this must stand.
    Expected(&'static str, usize),
    /// More levels than anyone needs.
    TooDeep(usize),
    /// An object has two members of the same name.
    DuplicateKey(usize),
    /// The element is another JSON value than an object.
    NotAnObject,
    /// A member that every event has is not there.
    Missing(FieldPath),
    /// A member of an event is not what it must be.
    Unusable(FieldPath, &'static str),
}

impl fmt::Display for Flaw {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidUtf8(at) => write!(out, "invalid UTF-8 at byte {at}"),
            Self::ControlCharacter(at) => write!(out, "raw control character in a string at byte {at}"),
            Self::IllegalEscape(at) => write!(out, "illegal escape at byte {at}"),
            Self::LoneSurrogate(at) => write!(out, "lone surrogate at byte {at}"),
            Self::Expected(what, at) => write!(out, "expected {what} at byte {at}"),
            Self::TooDeep(at) => write!(out, "nested too deep at byte {at}"),
            Self::DuplicateKey(at) => write!(out, "the same key twice in the object that ends at byte {at}"),
            Self::NotAnObject => out.write_str("not an object"),
            Self::Missing(path) => write!(out, "{} is missing", path.join(".")),
            Self::Unusable(path, wanted) => write!(out, "{} is not {wanted}", path.join(".")),
        }
    }
}
