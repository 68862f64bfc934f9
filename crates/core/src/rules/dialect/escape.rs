//! What follows a backslash, inside and outside of classes.

use regex::Regex;

use super::error::DialectError;
use super::scanner::Scanner;

/// What an escape stands for.
pub(super) enum Escape {
    /// One character.
    Literal(char),
    /// Any of several characters.
    Members(Members),
}

/// Several characters, or all but these.
pub(super) struct Members {
    /// As they stand between the brackets of a class.
    inside: String,
    is_negated: bool,
}

impl Members {
    /// As a class of its own.
    pub(super) fn as_class(&self) -> String {
        format!("[{}{}]", if self.is_negated { "^" } else { "" }, self.inside)
    }

    /// As a member of a class.
    pub(super) fn as_member(&self) -> String {
        if self.is_negated { self.as_class() } else { self.inside.clone() }
    }
}

const DIGITS: &str = "0-9";
const SPACES: &str = r"\t\n\f\r\x20";
const WORD_CHARACTERS: &str = "0-9A-Za-z_";

/// Reads an escape; the backslash comes next.
pub(super) fn read(text: &mut Scanner<'_>) -> Result<Escape, DialectError> {
    let position = text.position();
    text.skip('\\');
    let Some(letter) = text.next() else {
        return Err(DialectError::at(position, "is a backslash at the end", "write `\\\\` for a backslash"));
    };
    let members = |inside: &str, is_negated| Members { inside: inside.to_owned(), is_negated };
    let literal = match letter {
        'd' | 'D' => return Ok(Escape::Members(members(DIGITS, letter == 'D'))),
        's' | 'S' => return Ok(Escape::Members(members(SPACES, letter == 'S'))),
        'w' | 'W' => return Ok(Escape::Members(members(WORD_CHARACTERS, letter == 'W'))),
        'p' | 'P' => return property(text, position, letter == 'P').map(Escape::Members),
        'a' => '\x07',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        'x' => hexadecimal(text, position)?,
        '0'..='7' => octal(text, position, letter)?,
        punctuation if punctuation.is_ascii() && !punctuation.is_ascii_alphanumeric() => punctuation,
        other => return Err(unknown(position, other)),
    };
    Ok(Escape::Literal(literal))
}

fn unknown(position: usize, letter: char) -> DialectError {
    let (problem, remedy) = match letter {
        '8' | '9' | 'k' => ("is a back-reference, which RE2 has not", "write out what is repeated"),
        'C' => ("is `\\C`, which could divide a character", "use `.`"),
        'Z' => ("is `\\Z`, which RE2 has not", "use `\\z` or `$`"),
        'h' => ("is `\\h`, which RE2 has not", "use `[\\t ]`"),
        'R' => ("is `\\R`, which RE2 has not", "remove it; an event has no line breaks"),
        'Q' => ("is `\\Q` in a class, which RE2 has not", "put a backslash before each sign instead"),
        'E' => ("is `\\E` without a `\\Q` before it", "remove it"),
        _ => ("is an escape that RE2 has not", "remove the backslash"),
    };
    DialectError::at(position, problem, remedy)
}

/// Up to three octal digits. One digit alone, unless it is 0, is how other dialects write a back-reference.
fn octal(text: &mut Scanner<'_>, position: usize, first: char) -> Result<char, DialectError> {
    let more = text.take_while(2, |next| matches!(next, '0'..='7'));
    if first != '0' && more.is_empty() {
        return Err(unknown(position, 'k'));
    }
    character(&format!("{first}{more}"), 8, position)
}

/// Two hexadecimal digits, or any number of them in braces.
fn hexadecimal(text: &mut Scanner<'_>, position: usize) -> Result<char, DialectError> {
    let is_braced = text.eat("{");
    let digits = text.take_while(if is_braced { usize::MAX } else { 2 }, |next| next.is_ascii_hexdigit());
    let is_complete = if is_braced { text.eat("}") } else { digits.len() == 2 };
    if !is_complete {
        let remedy = "write two hexadecimal digits, or any number of them in braces";
        return Err(DialectError::at(position, "begins a number that is not complete", remedy));
    }
    character(digits, 16, position)
}

fn character(digits: &str, radix: u32, position: usize) -> Result<char, DialectError> {
    let code = u32::from_str_radix(digits, radix).ok();
    code.and_then(char::from_u32).ok_or_else(|| {
        DialectError::at(
            position,
            "is the number of no character",
            "use one up to 10FFFF, in hexadecimal digits",
        )
    })
}

/// A category or a script of Unicode: one letter, or a name in braces, which `^` negates.
fn property(text: &mut Scanner<'_>, position: usize, is_capital: bool) -> Result<Members, DialectError> {
    let name = if text.eat("{") { text.until("}") } else { Some(text.take_while(1, |_| true)) };
    let name = name.unwrap_or_default();
    let is_negated = name.starts_with('^') != is_capital;
    let name = name.strip_prefix('^').unwrap_or(name);
    let inside = format!(r"\p{{{name}}}");
    let is_name = !name.is_empty() && name.chars().all(|next| next.is_ascii_alphanumeric() || next == '_');
    if !is_name || Regex::new(&inside).is_err() {
        let remedy = "use a category such as `\\pL`, or a script such as `\\p{Greek}`";
        return Err(DialectError::at(position, "names no category and no script of Unicode", remedy));
    }
    Ok(Members { inside, is_negated })
}
