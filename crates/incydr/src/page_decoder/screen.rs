//! Finds where an element ends, and proves for nearly every element in the same pass that nothing is wrong with it.
//!
//! The screen reads JSON from left to right and expects, key by key, what stood in the elements before (`key_tree`).
//! It never decides that an element is bad: what it cannot prove is `inspection`'s to judge, so that every doubt
//! costs time only.

use super::extent::Extent;
use super::field_watch::FieldWatch;
use super::inspection::WellFormed;
use super::key_tree::{KeyTree, Slot};
use super::shape::PageShape;
use super::string_scan;
use super::text;

/// Levels that the screen follows; deeper elements are left to `inspection`.
const LEVELS: usize = 64;

/// Numbers longer than this are left to `inspection`.
const LONGEST_NUMBER: usize = 64;

/// Keys longer than this are left to `inspection`.
const LONGEST_KEY: usize = 256;

/// One element under way, and what is kept from element to element.
pub(super) struct Screen {
    reading: Reading,
    /// The containers around the innermost one.
    outer: [Container; LEVELS],
    keys: KeyTree,
    watch: FieldWatch,
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

/// How far an element was read. Small, so that it can stay in registers.
#[derive(Clone, Copy)]
struct Reading {
    /// Where the next token begins.
    at: usize,
    /// What it may be.
    next: Next,
    depth: usize,
    inner: Container,
    has_non_ascii: bool,
    has_line_breaks: bool,
}

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    FirstKey,
    Key,
    FirstItem,
    Value,
    RestOfString,
    Separator,
}

/// An object or array that is open, and where in the tree of keys it is.
#[derive(Clone, Copy)]
struct Container {
    is_object: bool,
    slot: Slot,
}

/// Why reading stopped.
enum Stopped {
    /// The element is complete.
    AtEnd,
    /// The next token has not arrived whole.
    TooEarly,
    /// The next token is wrong or unusual.
    InDoubt,
}

const BEFORE_ELEMENT: Reading = Reading {
    at: 0,
    next: Next::Value,
    depth: 0,
    inner: Container { is_object: false, slot: Slot::ELEMENT },
    has_non_ascii: false,
    has_line_breaks: false,
};

impl Screen {
    pub(super) fn new(shape: &PageShape) -> Self {
        Self {
            reading: BEFORE_ELEMENT,
            outer: [BEFORE_ELEMENT.inner; LEVELS],
            keys: KeyTree::new(),
            watch: FieldWatch::new(shape.identity.path(), shape.time.path()),
            rest: None,
        }
    }

    /// Begins an element that starts with an opening bracket.
    pub(super) fn restart(&mut self) {
        self.reading = BEFORE_ELEMENT;
        self.watch.restart();
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
        let well_formed = WellFormed { fields: self.watch.fields(), has_line_breaks };
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
            (Next::Value | Next::FirstItem, b'"') => reading.next = Next::RestOfString,
            (Next::Value | Next::FirstItem, b'{') => return self.open(reading, true),
            (Next::Value | Next::FirstItem, b'[') => return self.open(reading, false),
            (Next::Separator, b',') if reading.inner.is_object => reading.next = Next::Key,
            (Next::Separator, b',') => reading.next = Next::Value,
            (Next::Separator | Next::FirstKey, b'}') if reading.inner.is_object => return self.close(reading),
            (Next::Separator | Next::FirstItem, b']') if !reading.inner.is_object => return self.close(reading),
            (_, b'\n' | b'\r') => reading.has_line_breaks = true,
            (_, b' ' | b'\t') => {}
            (Next::Value | Next::FirstItem, _) => return reading.scalar(text),
            (Next::Key | Next::FirstKey | Next::Separator, _) => return Err(Stopped::InDoubt),
        }
        reading.at += 1;
        Ok(())
    }

    #[inline(always)]
    fn open(&mut self, reading: &mut Reading, is_object: bool) -> Result<(), Stopped> {
        let outer = self.outer.get_mut(reading.depth).ok_or(Stopped::InDoubt)?;
        *outer = reading.inner;
        reading.depth += 1;
        reading.inner = Container { is_object, slot: reading.inner.slot.inside() };
        reading.next = if is_object { Next::FirstKey } else { Next::FirstItem };
        reading.at += 1;
        Ok(())
    }

    #[inline(always)]
    fn close(&mut self, reading: &mut Reading) -> Result<(), Stopped> {
        reading.at += 1;
        reading.depth -= 1;
        reading.inner = self.outer[reading.depth % LEVELS];
        reading.next = Next::Separator;
        if reading.depth == 0 { Err(Stopped::AtEnd) } else { Ok(()) }
    }

    /// Reads members as long as they are the expected ones and have simple values.
    #[inline(always)]
    fn members(&mut self, reading: &mut Reading, text: &[u8]) -> Result<(), Stopped> {
        while let Some((slot, length)) = self.keys.find(reading.inner.slot, text, reading.at) {
            self.watch.pass(reading.depth, text, reading.at + 1, reading.at + length - 2);
            reading.inner.slot = slot;
            reading.at += length;
            reading.next = Next::Value;
            reading.space(text);
            match text.get(reading.at..).and_then(<[u8]>::first_chunk) {
                Some(b"null") => {
                    reading.at += 4;
                    reading.next = Next::Separator;
                }
                Some([b'"', ..]) => {
                    reading.at += 1;
                    reading.next = Next::RestOfString;
                    reading.string(text)?;
                }
                _ => return Ok(()),
            }
            if text.get(reading.at) != Some(&b',') {
                return Ok(());
            }
            reading.at += 1;
            reading.next = Next::Key;
            reading.space(text);
        }
        Ok(())
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

impl Reading {
    /// Skips one space, if one is there.
    #[inline(always)]
    fn space(&mut self, text: &[u8]) {
        self.at += usize::from(text.get(self.at) == Some(&b' '));
    }

    /// The rest of a string; stops before what cannot be read.
    #[inline(always)]
    fn string(&mut self, text: &[u8]) -> Result<(), Stopped> {
        loop {
            let scanned = string_scan::plain_length(&text[self.at..]);
            self.has_non_ascii |= scanned.has_non_ascii;
            self.at += scanned.length;
            match text.get(self.at) {
                Some(b'"') => break,
                Some(b'\\') => self.escape(text)?,
                Some(_) => return Err(Stopped::InDoubt),
                None => return Err(Stopped::TooEarly),
            }
        }
        self.at += 1;
        self.next = Next::Separator;
        Ok(())
    }

    fn escape(&mut self, text: &[u8]) -> Result<(), Stopped> {
        match text::escape_at(text, self.at) {
            Ok((_, length)) => {
                self.at += length;
                Ok(())
            }
            Err(_) if text.len() - self.at < text::LONGEST_ESCAPE => Err(Stopped::TooEarly),
            Err(_) => Err(Stopped::InDoubt),
        }
    }

    /// A literal or number.
    #[inline(always)]
    fn scalar(&mut self, text: &[u8]) -> Result<(), Stopped> {
        let rest = &text[self.at..];
        let length = if rest.starts_with(b"null") { 4 } else { other_scalar(rest)? };
        self.at += length;
        self.next = Next::Separator;
        Ok(())
    }
}

/// How long the literal or number is that `text` begins with.
fn other_scalar(text: &[u8]) -> Result<usize, Stopped> {
    let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | ..=b' ');
    match text.iter().take(LONGEST_NUMBER).position(ends) {
        Some(length) if text::is_scalar(&text[..length]) => Ok(length),
        None if text.len() < LONGEST_NUMBER => Err(Stopped::TooEarly),
        Some(_) | None => Err(Stopped::InDoubt),
    }
}

#[cfg(test)]
mod tests;
