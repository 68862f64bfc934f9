//! Reads one JSON value byte by byte, strictly, and says what is wrong with it.
//!
//! Comes after `screen`, for the few elements that it could not prove, and for what stands around the elements. It
//! alone decides that something is bad. Iterative: a million brackets cost no stack.

use super::field_watch::{FieldWatch, Fields};
use super::flaw::Flaw;
use super::shape::FieldPath;
use super::text;

/// Levels that a value may have, the outermost container being the first.
const MAX_DEPTH: usize = 128;

/// What there is to know of an element that is a well-formed object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct WellFormed {
    /// Where its id and time stand.
    pub(super) fields: Fields,
    /// Whether line breaks stand between its tokens.
    pub(super) has_line_breaks: bool,
}

/// Reads an element.
pub(super) fn inspect_element(element: &[u8], id: FieldPath, time: FieldPath) -> Result<WellFormed, Flaw> {
    check_utf8(element)?;
    let mut walk = Walk::new(element, FieldWatch::new(id, time));
    walk.document()?;
    if !element.starts_with(b"{") {
        return Err(Flaw::NotAnObject);
    }
    Ok(WellFormed { fields: walk.watch.fields(), has_line_breaks: walk.has_line_breaks })
}

/// Reads any value; gives it as text.
pub(super) fn inspect_value(value: &[u8]) -> Result<&str, Flaw> {
    let text = check_utf8(value)?;
    Walk::new(value, FieldWatch::new(&[], &[])).document()?;
    Ok(text)
}

fn check_utf8(bytes: &[u8]) -> Result<&str, Flaw> {
    simdutf8::compat::from_utf8(bytes).map_err(|error| Flaw::InvalidUtf8(error.valid_up_to()))
}

/// A container that is open.
struct Frame {
    is_object: bool,
    /// Whether nothing stands in it yet.
    is_fresh: bool,
    /// Where its keys begin among the keys of all open objects.
    first_key: usize,
}

struct Walk<'a> {
    text: &'a [u8],
    at: usize,
    frames: Vec<Frame>,
    keys: Vec<&'a [u8]>,
    watch: FieldWatch,
    has_line_breaks: bool,
}

impl<'a> Walk<'a> {
    fn new(text: &'a [u8], watch: FieldWatch) -> Self {
        Self { text, at: 0, frames: Vec::new(), keys: Vec::new(), watch, has_line_breaks: false }
    }

    fn document(&mut self) -> Result<(), Flaw> {
        self.value()?;
        while !self.frames.is_empty() {
            self.step()?;
        }
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.expected("nothing more")),
        }
    }

    /// The next significant byte.
    fn peek(&mut self) -> Option<u8> {
        let next = text::after_whitespace(self.text, self.at);
        self.has_line_breaks |= text::has_line_break(&self.text[self.at..next]);
        self.at = next;
        self.text.get(next).copied()
    }

    fn expected(&self, what: &'static str) -> Flaw {
        Flaw::Expected(what, self.at)
    }

    /// Reads one member or item of the innermost container, or its end.
    fn step(&mut self) -> Result<(), Flaw> {
        let next = self.peek();
        let Some(frame) = self.frames.last_mut() else { return Ok(()) };
        let is_object = frame.is_object;
        let is_fresh = std::mem::replace(&mut frame.is_fresh, false);
        match (next, is_object) {
            (Some(b'}'), true) | (Some(b']'), false) => return self.close(),
            (Some(b','), _) if !is_fresh => self.at += 1,
            (_, true) if !is_fresh => return Err(self.expected("a comma or a closing brace")),
            (_, false) if !is_fresh => return Err(self.expected("a comma or a closing bracket")),
            (Some(_) | None, _) => {}
        }
        if is_object { self.member() } else { self.value() }
    }

    fn member(&mut self) -> Result<(), Flaw> {
        if self.peek() != Some(b'"') {
            return Err(self.expected("a key"));
        }
        let start = self.at + 1;
        self.string()?;
        let end = self.at - 1;
        if self.peek() != Some(b':') {
            return Err(self.expected("a colon"));
        }
        let key = &self.text[start..end];
        self.keys.push(key);
        self.watch.pass(self.frames.len(), key, end);
        self.at += 1;
        self.value()
    }

    /// Reads a literal, number or string, or the opening bracket of a container.
    fn value(&mut self) -> Result<(), Flaw> {
        match self.peek() {
            Some(b'{') => self.open(true),
            Some(b'[') => self.open(false),
            Some(b'"') => self.string(),
            Some(_) => self.scalar(),
            None => Err(self.expected("a value")),
        }
    }

    fn open(&mut self, is_object: bool) -> Result<(), Flaw> {
        if self.frames.len() == MAX_DEPTH {
            return Err(Flaw::TooDeep(self.at));
        }
        self.frames.push(Frame { is_object, is_fresh: true, first_key: self.keys.len() });
        self.at += 1;
        Ok(())
    }

    fn close(&mut self) -> Result<(), Flaw> {
        let first_key = self.frames.pop().map_or(0, |frame| frame.first_key);
        let keys = &mut self.keys[first_key..];
        keys.sort_unstable();
        if keys.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(Flaw::DuplicateKey(self.at));
        }
        self.keys.truncate(first_key);
        self.at += 1;
        Ok(())
    }

    fn string(&mut self) -> Result<(), Flaw> {
        self.at += 1;
        loop {
            match self.text.get(self.at) {
                Some(b'"') => break,
                Some(b'\\') => self.at += text::escape_at(self.text, self.at)?.1,
                Some(..0x20) => return Err(Flaw::ControlCharacter(self.at)),
                Some(_) => self.at += 1,
                None => return Err(self.expected("a closing quote")),
            }
        }
        self.at += 1;
        Ok(())
    }

    fn scalar(&mut self) -> Result<(), Flaw> {
        let rest = &self.text[self.at..];
        let ends = |byte: &u8| text::is_whitespace(*byte) || b",:{}[]\"".contains(byte);
        let scalar = &rest[..rest.iter().position(ends).unwrap_or(rest.len())];
        if !text::is_scalar(scalar) {
            return Err(self.expected("a value"));
        }
        self.at += scalar.len();
        Ok(())
    }
}
