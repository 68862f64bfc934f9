//! Finds where an element ends, and proves for nearly every element in the same pass that nothing is wrong with it.
//!
//! The screen reads JSON from left to right and expects, key by key, what stood in the elements before (`key_tree`).
//! It never decides that an element is bad: what it cannot prove is `inspection`'s to judge, so that every doubt
//! costs time only.

use super::extent::Extent;
use super::field_watch::Fields;
use super::inspection::WellFormed;
use super::key_tree::{KeyTree, Slot};
use super::reading::{BEFORE_ELEMENT, Container, NULL, Next, Reading, Stopped};
use super::shape::PageShape;

/// Levels that the screen follows; deeper elements are left to `inspection`.
const LEVELS: usize = 64;

/// Keys longer than this are left to `inspection`.
const LONGEST_KEY: usize = 256;

/// One element under way, and what is kept from element to element.
pub(super) struct Screen {
    reading: Reading,
    /// The containers around the innermost one.
    outer: [Container; LEVELS],
    keys: KeyTree,
    fields: Fields,
    /// Looks for the end of an element that is in doubt.
    rest: Option<Extent>,
}

/// An element whose end was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Screened {
    /// Where it ends.
    pub(super) end: usize,
    /// What is known of the element if it is proven good.
    pub(super) proven: Option<WellFormed>,
}

impl Screen {
    pub(super) fn new(shape: &PageShape) -> Self {
        Self {
            reading: BEFORE_ELEMENT,
            outer: [BEFORE_ELEMENT.inner; LEVELS],
            keys: KeyTree::new([shape.identity.path(), shape.time.path()]),
            fields: Fields::default(),
            rest: None,
        }
    }

    /// Begins an element that starts with an opening bracket.
    pub(super) fn restart(&mut self) {
        self.reading = BEFORE_ELEMENT;
        self.fields = Fields::default();
        self.rest = None;
    }

    /// Looks at the part of `text` that was not looked at yet; `None` when the element does not end in it.
    ///
    /// `text` begins with the element. Call it again with the same text made longer.
    pub(super) fn scan(&mut self, text: &[u8]) -> Option<Screened> {
        if self.rest.is_none() {
            match self.read(text) {
                Stopped::AtEnd => return Some(self.conclude(text)),
                Stopped::TooEarly => return None,
                Stopped::InDoubt => {
                    let is_in_string = self.reading.next == Next::RestOfString;
                    self.rest = Some(Extent::of_container(self.reading.depth, is_in_string));
                }
            }
        }
        let begin = self.reading.at;
        self.reading.at = text.len();
        let length = self.rest.as_mut()?.find_end(&text[begin..])?;
        Some(Screened { end: begin + length, proven: None })
    }

    fn conclude(&self, text: &[u8]) -> Screened {
        let Reading { at: end, has_non_ascii, has_line_breaks, .. } = self.reading;
        let element = &text[..end];
        let is_proven =
            element.starts_with(b"{") && (!has_non_ascii || simdutf8::basic::from_utf8(element).is_ok());
        let well_formed = WellFormed { fields: self.fields, has_line_breaks };
        Screened { end, proven: is_proven.then_some(well_formed) }
    }

    fn read(&mut self, text: &[u8]) -> Stopped {
        let mut reading = self.reading;
        let stopped = loop {
            let read = match reading.next {
                Next::Key | Next::FirstKey => self.members(&mut reading, text),
                _ => Ok(()),
            };
            if let Err(stopped) = read.and_then(|()| self.step(&mut reading, text)) {
                break stopped;
            }
        };
        self.reading = reading;
        stopped
    }

    /// Reads one token. What stops it leaves `reading` before the token, or inside a string at what it did not read.
    #[inline(always)]
    fn step(&mut self, reading: &mut Reading, text: &[u8]) -> Result<(), Stopped> {
        let byte = *text.get(reading.at).ok_or(Stopped::TooEarly)?;
        match (reading.next, byte) {
            (Next::RestOfString, _) => return reading.string(text),
            (Next::Key | Next::FirstKey, b'"') => return self.new_key(reading.inner.slot, text, reading.at),
            (Next::Value | Next::FirstItem, b'"') => reading.pass(1, Next::RestOfString),
            (Next::Value | Next::FirstItem, b'{') => return self.open(reading, true),
            (Next::Value | Next::FirstItem, b'[') => return self.open(reading, false),
            (Next::Separator, b',') if reading.inner.is_object => reading.pass(1, Next::Key),
            (Next::Separator, b',') => reading.pass(1, Next::Value),
            (Next::Separator | Next::FirstKey, b'}') if reading.inner.is_object => {
                return self.close(reading);
            }
            (Next::Separator | Next::FirstItem, b']') if !reading.inner.is_object => {
                return self.close(reading);
            }
            (_, b' ' | b'\t' | b'\n' | b'\r') => reading.whitespace(text),
            (Next::Value | Next::FirstItem, _) => return reading.scalar(text),
            (Next::Key | Next::FirstKey | Next::Separator, _) => return Err(Stopped::InDoubt),
        }
        Ok(())
    }

    #[inline(always)]
    fn open(&mut self, reading: &mut Reading, is_object: bool) -> Result<(), Stopped> {
        let outer = self.outer.get_mut(reading.depth).ok_or(Stopped::InDoubt)?;
        *outer = reading.inner;
        reading.depth += 1;
        reading.inner = Container { is_object, slot: reading.inner.slot.inside(), keys: 0 };
        reading.pass(1, if is_object { Next::FirstKey } else { Next::FirstItem });
        Ok(())
    }

    #[inline(always)]
    fn close(&mut self, reading: &mut Reading) -> Result<(), Stopped> {
        reading.pass(1, Next::Separator);
        reading.depth -= 1;
        reading.inner = self.outer[reading.depth % LEVELS];
        if reading.depth == 0 { Err(Stopped::AtEnd) } else { Ok(()) }
    }

    /// Reads members as long as their keys are known and their values simple.
    #[inline(always)]
    fn members(&mut self, reading: &mut Reading, text: &[u8]) -> Result<(), Stopped> {
        while let Some(key) = self.keys.find(reading.inner.slot, text, reading.at) {
            if reading.inner.keys & key.bit != 0 {
                return Err(Stopped::InDoubt);
            }
            if let Some(path) = key.path {
                self.note_field(path, reading.depth, reading.at + key.length - 2);
            }
            reading.inner.keys |= key.bit;
            reading.inner.slot = key.slot;
            reading.at += key.length;
            reading.next = Next::Value;
            reading.space(text);
            if !self.simple_value(reading, text)? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Reads a value that is null, a string, an empty array or the begin of an object, and goes on to the next key;
    /// `false` when it is something else or no key follows.
    #[inline(always)]
    fn simple_value(&mut self, reading: &mut Reading, text: &[u8]) -> Result<bool, Stopped> {
        match text.get(reading.at..).and_then(<[u8]>::first_chunk).copied() {
            Some(NULL) => reading.pass(NULL.len(), Next::Separator),
            Some([b'[', b']', ..]) => reading.pass(2, Next::Separator),
            Some([b'"', ..]) => {
                reading.pass(1, Next::RestOfString);
                reading.string(text)?;
            }
            Some([b'{', ..]) => return self.open(reading, true).map(|()| true),
            Some(_) | None => return Ok(false),
        }
        while reading.inner.is_object && text.get(reading.at) == Some(&b'}') {
            self.close(reading)?;
        }
        if !reading.inner.is_object || text.get(reading.at) != Some(&b',') {
            return Ok(false);
        }
        reading.pass(1, Next::Key);
        reading.space(text);
        Ok(true)
    }

    /// A key passes by at which a path may end: if it began elsewhere than in the element itself, or an array was on
    /// the way, we are deeper than it is long.
    #[inline(never)]
    fn note_field(&mut self, path: u8, depth: usize, closing_quote: usize) {
        let field = if path == 0 { &mut self.fields.id } else { &mut self.fields.time };
        if depth == self.keys.path_length(path) {
            *field = Some(closing_quote);
        }
    }

    /// Remembers a key that did not stand in this place before, so that it is now expected.
    #[cold]
    fn new_key(&mut self, slot: Slot, text: &[u8], begin: usize) -> Result<(), Stopped> {
        let name = &text[begin + 1..];
        let is_unusual = |byte: &u8| matches!(byte, b'"' | b'\\' | ..0x20 | 0x80..);
        let length = name.iter().take(LONGEST_KEY).position(is_unusual);
        match length.map(|length| &name[length..]) {
            Some([b'"', b':', rest @ ..]) => {
                let key = &text[begin..text.len() - rest.len()];
                if self.keys.learn(slot, key) { Ok(()) } else { Err(Stopped::InDoubt) }
            }
            Some([b'"']) => Err(Stopped::TooEarly),
            None if name.len() < LONGEST_KEY => Err(Stopped::TooEarly),
            Some(_) | None => Err(Stopped::InDoubt),
        }
    }
}

#[cfg(test)]
mod tests;
