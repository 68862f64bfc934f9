//! The grammar of a page outside its keys, values and elements: which byte may stand between them.

use super::error::Damage;

/// A place between two things.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Gap {
    Start,
    BeforeFirstKey,
    BeforeKey,
    BeforeColon,
    BeforeValue,
    /// Before the value that holds the elements.
    BeforeElements,
    AfterValue,
    BeforeFirstElement,
    BeforeElement,
    AfterElement,
    End,
}

/// What a byte in a gap leads to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Step {
    /// It is punctuation, and another gap follows.
    To(Gap),
    /// It begins a key.
    Key,
    /// It begins a value other than the array of elements.
    Value,
    /// It begins an element.
    Element,
}

impl Gap {
    /// What `byte`, which is no white space, leads to.
    pub(super) fn step(self, byte: u8) -> Result<Step, Damage> {
        match (self, byte) {
            (Self::Start, b'{') => Ok(Step::To(Self::BeforeFirstKey)),
            (Self::Start, _) => Err(Damage::NotAnObject),
            (Self::BeforeFirstKey | Self::AfterValue, b'}') => Ok(Step::To(Self::End)),
            (Self::BeforeFirstKey | Self::BeforeKey, b'"') => Ok(Step::Key),
            (Self::BeforeFirstKey | Self::BeforeKey, _) => Err(Damage::Expected("a key")),
            (Self::BeforeColon, b':') => Ok(Step::To(Self::BeforeValue)),
            (Self::BeforeColon, _) => Err(Damage::Expected("a colon")),
            (Self::BeforeElements, b'[') => Ok(Step::To(Self::BeforeFirstElement)),
            (Self::BeforeValue | Self::BeforeElements, _) => Ok(Step::Value),
            (Self::AfterValue, b',') => Ok(Step::To(Self::BeforeKey)),
            (Self::AfterValue, _) => Err(Damage::Expected("a comma or the end of the document")),
            (Self::BeforeFirstElement | Self::AfterElement, b']') => Ok(Step::To(Self::AfterValue)),
            (Self::BeforeFirstElement | Self::BeforeElement, b',' | b']' | b'}') => {
                Err(Damage::Expected("an element"))
            }
            (Self::BeforeFirstElement | Self::BeforeElement, _) => Ok(Step::Element),
            (Self::AfterElement, b',') => Ok(Step::To(Self::BeforeElement)),
            (Self::AfterElement, _) => Err(Damage::Expected("a comma or the end of the array")),
            (Self::End, _) => Err(Damage::TextAfterDocument),
        }
    }
}
