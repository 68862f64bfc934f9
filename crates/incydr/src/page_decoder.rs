//! Turns the chunks of a page into events while the page still arrives.
//!
//! Place on the path: hop 4. Pure: bytes in, an [`EventBlock`] out; never holds the page, never builds a tree of it.
//! An element that is no event stays alone with its fault; a page that is no document is an error.
//!
//! An element goes through `element` (is it whole yet), `screen` (where does it end, and is it certainly good),
//! `inspection` (if not certainly: what is wrong) and `judge` (event or
//! [`Undecodable`](incydr_core::event::Undecodable)). What stands around the elements becomes the [`Envelope`].
//!
//! Not for: talking HTTP, and not for judging what the vendor says in the envelope.

mod element;
mod envelope;
mod envelope_text;
mod error;
mod extent;
mod field_watch;
mod flaw;
mod gap;
mod inspection;
mod judge;
mod key_tree;
mod reading;
mod screen;
mod shape;
mod string_scan;
mod text;

use incydr_core::event::EventBlock;

pub use self::envelope::{ArrayState, Envelope};
pub use self::error::{Damage, DecodeError};
pub use self::flaw::Flaw;
pub use self::shape::{FieldPath, Identity, PageShape, TimeField};

use self::element::ElementReader;
use self::envelope_text::EnvelopeText;
use self::extent::Role;
use self::gap::{Gap, Step};

/// Decodes one page.
pub struct PageDecoder {
    array: &'static str,
    place: Place,
    /// How many bytes of the body were taken.
    offset: u64,
    /// Where the key, value or element under way begins.
    began: u64,
    elements: ElementReader,
    text: EnvelopeText,
    key: String,
    envelope: Envelope,
}

/// Where in the document the next byte stands.
enum Place {
    Gap(Gap),
    Key,
    Value,
    Element,
    Failed(DecodeError),
}

impl PageDecoder {
    /// A decoder for one page of this shape.
    pub fn new(shape: PageShape) -> Self {
        Self {
            array: shape.array,
            place: Place::Gap(Gap::Start),
            offset: 0,
            began: 0,
            elements: ElementReader::new(&shape),
            text: EnvelopeText::new(),
            key: String::new(),
            envelope: Envelope::default(),
        }
    }

    /// Takes the next chunk, which may be cut anywhere; the events that it completes are appended to `block`.
    ///
    /// On an error the events before the damage have been appended; from then on the decoder gives the same error.
    pub fn push(&mut self, chunk: &[u8], block: &mut EventBlock) -> Result<(), DecodeError> {
        let mut rest = chunk;
        while !rest.is_empty() {
            let taken = self.take(rest, block).map_err(|damage| self.fail(damage))?;
            self.offset += taken as u64;
            rest = &rest[taken..];
        }
        Ok(())
    }

    /// The body has ended. Gives what stood around the elements, if the document is complete.
    pub fn finish(self) -> Result<Envelope, DecodeError> {
        let damage = match self.place {
            Place::Gap(Gap::End) => return Ok(self.envelope),
            Place::Failed(error) => return Err(error),
            Place::Gap(Gap::Start) => Damage::Empty,
            Place::Gap(_) | Place::Key | Place::Value | Place::Element => Damage::Truncated,
        };
        Err(DecodeError { damage, offset: self.offset })
    }

    fn fail(&mut self, damage: Damage) -> DecodeError {
        let offset = match self.place {
            Place::Gap(_) => self.offset,
            Place::Key | Place::Value | Place::Element => self.began,
            Place::Failed(ref error) => return error.clone(),
        };
        let error = DecodeError { damage, offset };
        self.place = Place::Failed(error.clone());
        error
    }

    /// Takes some of the bytes; gives how many.
    fn take(&mut self, rest: &[u8], block: &mut EventBlock) -> Result<usize, Damage> {
        match &self.place {
            Place::Element => {
                let progress = self.elements.read(rest, block)?;
                if progress.is_complete {
                    self.place = Place::Gap(Gap::AfterElement);
                }
                Ok(progress.taken)
            }
            Place::Key => {
                let progress = self.text.read(rest)?;
                if progress.is_complete {
                    self.end_key()?;
                    self.place = Place::Gap(Gap::BeforeColon);
                }
                Ok(progress.taken)
            }
            Place::Value => {
                let progress = self.text.read(rest)?;
                if progress.is_complete {
                    self.end_value()?;
                    self.place = Place::Gap(Gap::AfterValue);
                }
                Ok(progress.taken)
            }
            Place::Gap(_) if text::is_whitespace(rest[0]) => Ok(1),
            &Place::Gap(gap) => self.step(gap, rest[0]),
            Place::Failed(error) => Err(error.damage.clone()),
        }
    }

    /// Takes one byte of a gap, or none where something begins with it.
    fn step(&mut self, gap: Gap, byte: u8) -> Result<usize, Damage> {
        let step = gap.step(byte)?;
        self.began = self.offset;
        match step {
            Step::To(next) => {
                self.place = Place::Gap(self.enter(next));
                return Ok(1);
            }
            Step::Key => {
                self.place = Place::Key;
                self.text.begin(Role::Key);
            }
            Step::Value => {
                self.place = Place::Value;
                self.text.begin(Role::Value);
            }
            Step::Element => {
                self.place = Place::Element;
                self.elements.begin(byte);
                self.envelope.count_element();
            }
        }
        Ok(0)
    }

    /// Notes what a gap means for the elements.
    fn enter(&mut self, gap: Gap) -> Gap {
        if gap == Gap::BeforeFirstElement {
            self.envelope.set_array(ArrayState::Present(0));
        }
        if gap == Gap::BeforeValue && self.key == self.array { Gap::BeforeElements } else { gap }
    }

    fn end_key(&mut self) -> Result<(), Damage> {
        let quoted = envelope::well_formed(self.text.gathered())?;
        let key = &quoted[1..quoted.len() - 1];
        let is_known = if key == self.array {
            self.envelope.array() != ArrayState::Absent
        } else {
            self.envelope.member(key).is_some()
        };
        if is_known {
            return Err(Damage::RepeatedMember);
        }
        key.clone_into(&mut self.key);
        Ok(())
    }

    fn end_value(&mut self) -> Result<(), Damage> {
        let value = envelope::well_formed(self.text.gathered())?;
        if self.key != self.array {
            return self.envelope.insert(&self.key, value);
        }
        if value != "null" {
            return Err(Damage::NotAnArray);
        }
        self.envelope.set_array(ArrayState::Null);
        Ok(())
    }
}
