//! Why a page as a whole cannot be read. What is wrong with a single element is a [`super::flaw::Flaw`].

use std::fmt;

use thiserror::Error;

use super::flaw::Flaw;

/// A page is not the JSON document that it must be. Events decoded before stay valid; the page is incomplete.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("decoding a page: {damage} at byte {offset}")]
pub struct DecodeError {
    /// What is wrong.
    pub damage: Damage,
    /// Where in the body, or where the thing begins that is wrong.
    pub offset: u64,
}

/// What can be wrong with a page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Damage {
    /// There was no body at all, or only white space.
    Empty,
    /// The body does not begin with an object: an HTML page, for example.
    NotAnObject,
    /// The body ended inside the document.
    Truncated,
    /// The document is complete, and something follows.
    TextAfterDocument,
    /// Something else stands where this must stand.
    Expected(&'static str),
    /// A key or value outside the elements breaks the rules of JSON.
    BadMember(Flaw),
    /// A top-level key occurs twice.
    RepeatedMember,
    /// The member that holds the elements is neither an array nor null.
    NotAnArray,
    /// The page token is neither a string nor null, so that nobody can tell whether the walk goes on.
    BadPageToken,
    /// What stands around the elements is larger than any page of the vendor.
    EnvelopeTooLarge,
    /// One element is larger than memory may grow.
    ElementTooLarge,
}

impl fmt::Display for Damage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => out.write_str("the body is empty"),
            Self::NotAnObject => out.write_str("the body is not a JSON object"),
            Self::Truncated => out.write_str("the body ends inside the document"),
            Self::TextAfterDocument => out.write_str("text follows the document"),
            Self::Expected(what) => write!(out, "expected {what}"),
            Self::BadMember(flaw) => write!(out, "a top-level member is malformed ({flaw})"),
            Self::RepeatedMember => out.write_str("a top-level key occurs twice"),
            Self::NotAnArray => out.write_str("the elements are not in an array"),
            Self::BadPageToken => out.write_str("the page token is not a string"),
            Self::EnvelopeTooLarge => out.write_str("the text around the elements is too large"),
            Self::ElementTooLarge => out.write_str("an element is too large"),
        }
    }
}
