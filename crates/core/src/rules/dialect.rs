//! The syntax of RE2, which rules are written in, translated to that of the library.
//!
//! The two agree on the core. Where RE2 reads a text otherwise (a brace that begins no count, octal numbers, `\Q…\E`,
//! ASCII meanings of `\d`, `\s`, `\w` and `\b`, members of classes) the translation says what RE2 means; what RE2
//! refuses is refused, although the library has a meaning for it. Names of groups are checked and dropped, because
//! groups are counted. What the library refuses after that is too large.
//!
//! Not for: other dialects. There is no option to turn any of this off.

mod class;
mod error;
mod escape;
mod group;
mod repetition;
mod scanner;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use self::escape::Escape;
use self::scanner::Scanner;

pub(super) use self::error::DialectError;

/// A regular expression in the library's syntax.
#[derive(Debug)]
pub(super) struct Translated {
    pub(super) pattern: String,
    /// How many capture groups it has.
    pub(super) groups: usize,
}

/// Translates `regexp`, or says where and why it is not RE2.
pub(super) fn translate(regexp: &str) -> Result<Translated, DialectError> {
    let mut translation = Translation::new(regexp);
    while translation.step()? {}
    match translation.open.pop() {
        Some(at) => Err(DialectError::at(at, "opens a group that is never closed", "close it with `)`")),
        None => Ok(Translated { pattern: translation.out, groups: translation.groups }),
    }
}

/// A translation under way.
struct Translation<'a> {
    text: Scanner<'a>,
    out: String,
    groups: usize,
    names: HashSet<&'a str>,
    /// Where each group that is open was opened.
    open: Vec<usize>,
    operand: Operand,
}

/// What a repetition would repeat.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Operand {
    Nothing,
    Once,
    /// Something that is repeated already.
    Repeated,
}

impl<'a> Translation<'a> {
    fn new(regexp: &'a str) -> Self {
        let (out, groups, names, open) = Default::default();
        Self { text: Scanner::new(regexp), out, groups, names, open, operand: Operand::Nothing }
    }

    /// Translates the next element; false at the end.
    fn step(&mut self) -> Result<bool, DialectError> {
        let Some(next) = self.text.peek() else { return Ok(false) };
        match next {
            '(' => self.open_group()?,
            ')' => self.close_group()?,
            '[' => {
                class::translate(&mut self.text, &mut self.out)?;
                self.operand = Operand::Once;
            }
            '\\' => self.escape()?,
            '*' | '+' | '?' => self.repeat_by_sign(next)?,
            '{' => self.repeat_by_count()?,
            '|' => {
                self.keep(next);
                self.operand = Operand::Nothing;
            }
            '^' | '$' | '.' => self.keep(next),
            literal => {
                self.text.skip(literal);
                self.literal(literal);
            }
        }
        Ok(true)
    }

    /// A sign that means the same in both.
    fn keep(&mut self, sign: char) {
        self.text.skip(sign);
        self.out.push(sign);
        self.operand = Operand::Once;
    }

    fn literal(&mut self, literal: char) {
        push_literal(&mut self.out, literal);
        self.operand = Operand::Once;
    }

    fn close_group(&mut self) -> Result<(), DialectError> {
        if self.open.pop().is_none() {
            let remedy = "remove it, or write `\\)` for the character";
            return Err(DialectError::at(
                self.text.position(),
                "closes a group that was never opened",
                remedy,
            ));
        }
        self.keep(')');
        Ok(())
    }

    /// What follows a backslash outside of a class.
    fn escape(&mut self) -> Result<(), DialectError> {
        const ANCHORS: [(&str, &str); 4] =
            [(r"\A", r"\A"), (r"\z", r"\z"), (r"\b", r"(?-u:\b)"), (r"\B", r"(?-u:\B)")];
        if let Some((_, meaning)) = ANCHORS.into_iter().find(|(anchor, _)| self.text.eat(anchor)) {
            self.out.push_str(meaning);
            self.operand = Operand::Once;
        } else if self.text.eat(r"\Q") {
            self.quotation();
        } else {
            match escape::read(&mut self.text)? {
                Escape::Literal(literal) => self.literal(literal),
                Escape::Members(members) => {
                    self.out.push_str(&members.as_class());
                    self.operand = Operand::Once;
                }
            }
        }
        Ok(())
    }

    /// Everything up to `\E` or the end stands for itself.
    fn quotation(&mut self) {
        while !self.text.eat(r"\E")
            && let Some(literal) = self.text.next()
        {
            self.literal(literal);
        }
    }
}

/// Writes a character that stands for itself, inside or outside of a class.
fn push_literal(out: &mut String, literal: char) {
    out.push_str(&regex::escape(literal.encode_utf8(&mut [0; 4])));
}
