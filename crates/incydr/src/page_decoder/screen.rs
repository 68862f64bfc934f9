//! Finds where an element ends, and proves for nearly every element in the same pass that nothing is wrong with it.
//!
//! The screen takes the tokens that `lexer` has found and follows the containers around them. What it passes is a
//! well-formed JSON object without repeated keys, not deep, and with no other white space between tokens than
//! spaces. It never decides that an element is bad: what it cannot prove is `inspection`'s to judge, so that every
//! doubt costs time only.

use super::field_watch::{FieldWatch, Fields};
use super::known_keys::{self, KnownKeys, Mark};
use super::lexer::Lexer;
use super::masks::lowest;
use super::shape::PageShape;
use super::text;

/// Levels that the screen follows; deeper elements are left to `inspection`.
const FRAMES: usize = 64;

/// Literals and numbers longer than this are left to `inspection`.
const LONGEST_SCALAR: usize = 64;

/// One element under way, and what is kept from element to element.
pub(super) struct Screen {
    lexer: Lexer,
    depth: usize,
    /// Whether something was seen that needs a closer look; from then on only the end matters.
    is_in_doubt: bool,
    /// The containers around the current place, outermost at 1.
    frames: [Frame; FRAMES],
    /// The keys of all open objects so far, innermost last.
    keys: Vec<Mark>,
    known_keys: KnownKeys,
    watch: FieldWatch,
}

/// A container that is open.
#[derive(Clone, Copy, Default)]
struct Frame {
    is_object: bool,
    /// Where its keys begin among those of all open objects.
    first_key: usize,
}

/// An element whose end was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Screened {
    /// Where it ends.
    pub(super) end: usize,
    /// Where its id and time stand, if the element is proven good.
    pub(super) proven: Option<Fields>,
}

/// What became of a token.
enum Seen {
    Done,
    /// What follows it must arrive first.
    TooEarly,
}

impl Screen {
    pub(super) fn new(shape: &PageShape) -> Self {
        Self {
            lexer: Lexer::new(),
            depth: 0,
            is_in_doubt: false,
            frames: [Frame::default(); FRAMES],
            keys: Vec::new(),
            known_keys: KnownKeys::new(),
            watch: FieldWatch::new(shape.identity.path(), shape.time.path()),
        }
    }

    /// Begins an element that starts with an opening bracket.
    pub(super) fn restart(&mut self) {
        self.lexer.restart();
        self.depth = 0;
        self.is_in_doubt = false;
        self.keys.clear();
        self.watch.restart();
    }

    /// Looks at the part of `text` that was not looked at yet; `None` when the element does not end in it.
    ///
    /// `text` begins with the element. Call it again with the same text made longer.
    pub(super) fn scan(&mut self, text: &[u8]) -> Option<Screened> {
        while self.lexer.scanned() < text.len() {
            let end = if self.is_in_doubt {
                self.find_end(text)
            } else {
                self.lexer.lex_batch(text);
                self.follow_tokens(text)
            };
            if let Some(end) = end {
                return Some(self.conclude(&text[..end]));
            }
            self.is_in_doubt |= self.lexer.has_fault_before(self.lexer.scanned());
        }
        None
    }

    fn conclude(&self, element: &[u8]) -> Screened {
        let is_proven = element.starts_with(b"{")
            && !self.is_in_doubt
            && !self.lexer.has_fault_before(element.len())
            && (!self.lexer.has_non_ascii() || simdutf8::basic::from_utf8(element).is_ok())
            && (!self.lexer.has_backslashes() || text::escapes_are_legal(element));
        Screened { end: element.len(), proven: is_proven.then(|| self.watch.fields()) }
    }

    /// Counts brackets, until they are even.
    fn find_end(&mut self, text: &[u8]) -> Option<usize> {
        while let Some((open, close, begin)) = self.lexer.brackets(text) {
            if (close.count_ones() as usize) < self.depth {
                self.depth += open.count_ones() as usize;
                self.depth -= close.count_ones() as usize;
                continue;
            }
            let mut brackets = open | close;
            while brackets != 0 {
                let bracket = lowest(brackets);
                brackets ^= bracket;
                match open & bracket {
                    0 => self.depth -= 1,
                    _ => self.depth += 1,
                }
                if self.depth == 0 {
                    return Some(begin + bracket.trailing_zeros() as usize + 1);
                }
            }
        }
        None
    }

    /// Looks at the tokens that wait; gives the end of the element.
    fn follow_tokens(&mut self, text: &[u8]) -> Option<usize> {
        let mut taken = 0;
        let mut strings_taken = 0;
        while let Some(&token) = self.lexer.tokens.as_slice().get(taken) {
            let at = token as usize;
            let seen = match text[at] {
                b'"' => {
                    let end = self.lexer.string_ends.as_slice().get(strings_taken).copied();
                    let seen = end.map_or(Seen::TooEarly, |end| self.follow_string(text, at, end as usize));
                    strings_taken += usize::from(matches!(seen, Seen::Done));
                    seen
                }
                bracket @ (b'{' | b'[') => self.open(text, at, bracket == b'{'),
                bracket @ (b'}' | b']') => {
                    self.close(bracket == b'}');
                    if self.depth == 0 {
                        return Some(at + 1);
                    }
                    Seen::Done
                }
                _ => self.follow_item(text, at),
            };
            if matches!(seen, Seen::TooEarly) {
                break;
            }
            taken += 1;
        }
        self.lexer.tokens.remove_first(taken);
        self.lexer.string_ends.remove_first(strings_taken);
        None
    }

    fn frame(&self) -> Frame {
        self.frames[self.depth % FRAMES]
    }

    #[inline(always)]
    fn open(&mut self, text: &[u8], at: usize, is_object: bool) -> Seen {
        self.is_in_doubt |= self.frame().is_object != follows_colon(text, at);
        self.depth += 1;
        self.is_in_doubt |= self.depth >= FRAMES;
        self.frames[self.depth % FRAMES] = Frame { is_object, first_key: self.keys.len() };
        Seen::Done
    }

    #[inline(always)]
    fn close(&mut self, is_object: bool) {
        let frame = self.frame();
        self.depth -= 1;
        self.is_in_doubt |= frame.is_object != is_object;
        let keys = self.keys.get(frame.first_key..).unwrap_or_default();
        self.is_in_doubt |= self.known_keys.may_repeat(keys);
        self.keys.truncate(frame.first_key);
    }

    /// A string after a comma or an opening bracket: in an object the key of a member, in an array an item.
    #[inline(always)]
    fn follow_string(&mut self, text: &[u8], at: usize, end: usize) -> Seen {
        let colon = end + 1;
        let Some(&after) = text.get(colon) else { return Seen::TooEarly };
        let is_key = after == b':';
        self.is_in_doubt |= self.frame().is_object != is_key;
        if !is_key {
            return Seen::Done;
        }
        match scalar_at(text, colon + 1) {
            None => return Seen::TooEarly,
            Some(is_good) => self.is_in_doubt |= !is_good,
        }
        self.keys.push(known_keys::mark(text, at + 1, end));
        self.watch.pass(self.depth, &text[at + 1..end], colon);
        Seen::Done
    }

    /// A literal or number that does not follow a colon at once.
    fn follow_item(&mut self, text: &[u8], at: usize) -> Seen {
        self.is_in_doubt |= self.frame().is_object != follows_colon(text, at);
        match scalar_at(text, at) {
            None => Seen::TooEarly,
            Some(is_good) => {
                self.is_in_doubt |= !is_good;
                Seen::Done
            }
        }
    }
}

/// Whether the token before `at` is a colon.
#[inline(always)]
fn follows_colon(text: &[u8], at: usize) -> bool {
    match text[..at] {
        [.., b':'] => true,
        [.., b' '] => text::trim_end(&text[..at]).ends_with(b":"),
        _ => false,
    }
}

/// Whether the literal or number at `at` is one; also true where another token stands. `None` when `text` ends
/// before one can know.
#[inline(always)]
fn scalar_at(text: &[u8], at: usize) -> Option<bool> {
    match text.get(at..).and_then(<[u8]>::first_chunk) {
        Some([b'n', b'u', b'l', b'l', b',' | b'}' | b']']) => Some(true),
        Some([b'"', ..]) => Some(true),
        _ => unusual_scalar_at(text.get(at..).unwrap_or_default()),
    }
}

fn unusual_scalar_at(text: &[u8]) -> Option<bool> {
    let ends = |byte: &u8| b",:{}[]\" \t\n\r".contains(byte);
    match text.iter().take(LONGEST_SCALAR).position(ends) {
        Some(0) => Some(true),
        Some(length) => Some(text::is_scalar(&text[..length])),
        None if text.len() < LONGEST_SCALAR => None,
        None => Some(false),
    }
}

#[cfg(test)]
mod tests;
