//! How far an element was read, and the tokens that can be read without a look at the containers around them.
//!
//! Part of `screen`.

use super::key_tree::Slot;
use super::string_scan;
use super::text;

/// Numbers longer than this are left to `inspection`.
const LONGEST_NUMBER: usize = 64;

pub(super) const NULL: [u8; 4] = *b"null";

/// How far an element was read. Small, so that it can stay in registers.
#[derive(Clone, Copy)]
pub(super) struct Reading {
    /// Where the next token begins.
    pub(super) at: usize,
    /// What it may be.
    pub(super) next: Next,
    pub(super) depth: usize,
    pub(super) inner: Container,
    pub(super) has_non_ascii: bool,
    pub(super) has_line_breaks: bool,
}

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    FirstKey,
    Key,
    FirstItem,
    Value,
    RestOfString,
    Separator,
}

/// An object or array that is open, and where in the tree of keys it is.
#[derive(Clone, Copy)]
pub(super) struct Container {
    pub(super) is_object: bool,
    pub(super) slot: Slot,
    /// The keys that the object has already, a bit for each.
    pub(super) keys: u64,
}

/// Why reading stopped.
pub(super) enum Stopped {
    /// The element is complete.
    AtEnd,
    /// The next token has not arrived whole.
    TooEarly,
    /// The next token is wrong or unusual.
    InDoubt,
}

pub(super) const BEFORE_ELEMENT: Reading = Reading {
    at: 0,
    next: Next::Value,
    depth: 0,
    inner: Container { is_object: false, slot: Slot::ELEMENT, keys: 0 },
    has_non_ascii: false,
    has_line_breaks: false,
};

impl Reading {
    #[inline(always)]
    pub(super) fn pass(&mut self, length: usize, next: Next) {
        self.at += length;
        self.next = next;
    }

    /// Skips one space, if one is there.
    #[inline(always)]
    pub(super) fn space(&mut self, text: &[u8]) {
        self.at += usize::from(text.get(self.at) == Some(&b' '));
    }

    pub(super) fn whitespace(&mut self, text: &[u8]) {
        let end = text::after_whitespace(text, self.at);
        self.has_line_breaks |= text::has_line_break(&text[self.at..end]);
        self.at = end;
    }

    /// The rest of a string; stops before what cannot be read.
    #[inline(always)]
    pub(super) fn string(&mut self, text: &[u8]) -> Result<(), Stopped> {
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
        self.pass(1, Next::Separator);
        Ok(())
    }

    fn escape(&mut self, text: &[u8]) -> Result<(), Stopped> {
        match text::escape_at(text, self.at) {
            Ok((_, length)) => {
                self.at += length;
                Ok(())
            }
            Err(_) if text::may_begin_escape(&text[self.at..]) => Err(Stopped::TooEarly),
            Err(_) => Err(Stopped::InDoubt),
        }
    }

    /// A literal or number.
    #[inline(always)]
    pub(super) fn scalar(&mut self, text: &[u8]) -> Result<(), Stopped> {
        let rest = &text[self.at..];
        let length = if rest.starts_with(&NULL) { NULL.len() } else { other_scalar(rest)? };
        self.pass(length, Next::Separator);
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
