//! Classes of characters in brackets.
//!
//! In RE2 a bracket, `&&`, `--` and `~~` inside of a class are characters like all others, and so is a hyphen that
//! stands between no two characters.

use super::error::DialectError;
use super::escape::{self, Escape};
use super::push_literal;
use super::scanner::Scanner;

const ASCII_CLASSES: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space",
    "upper", "word", "xdigit",
];

/// Translates a class; its opening bracket comes next.
pub(super) fn translate(text: &mut Scanner<'_>, out: &mut String) -> Result<(), DialectError> {
    let position = text.position();
    text.skip('[');
    out.push('[');
    if text.eat("^") {
        out.push('^');
    }
    let mut is_first = true;
    while is_first || !text.eat("]") {
        is_first = false;
        if text.peek().is_none() {
            let remedy = "close it with `]`, or write `\\[` for the character";
            return Err(DialectError::at(position, "opens a class that is never closed", remedy));
        }
        member(text, out)?;
    }
    out.push(']');
    Ok(())
}

fn member(text: &mut Scanner<'_>, out: &mut String) -> Result<(), DialectError> {
    if text.rest().starts_with("[:") && text.rest()[2..].contains(":]") {
        return ascii_class(text, out);
    }
    let position = text.position();
    let first = match character(text)? {
        Escape::Literal(first) => first,
        Escape::Members(members) => {
            out.push_str(&members.as_member());
            return Ok(());
        }
    };
    push_literal(out, first);
    let is_range = text.rest().starts_with('-') && !text.rest().starts_with("-]") && text.rest() != "-";
    if is_range {
        text.skip('-');
        match character(text)? {
            Escape::Literal(last) if last >= first => {
                out.push('-');
                push_literal(out, last);
            }
            _ => {
                let remedy = "write the lower character first, or put the hyphen last";
                return Err(DialectError::at(position, "begins a range that is none", remedy));
            }
        }
    }
    Ok(())
}

/// The next character or escape; the text is not at its end.
fn character(text: &mut Scanner<'_>) -> Result<Escape, DialectError> {
    match text.peek() {
        Some('\\') | None => escape::read(text),
        Some(literal) => {
            text.skip(literal);
            Ok(Escape::Literal(literal))
        }
    }
}

/// A name between `[:` and `:]`, which `^` negates.
fn ascii_class(text: &mut Scanner<'_>, out: &mut String) -> Result<(), DialectError> {
    let position = text.position();
    text.eat("[:");
    let name = text.until(":]").unwrap_or_default();
    if !ASCII_CLASSES.contains(&name.strip_prefix('^').unwrap_or(name)) {
        let remedy = "use one of RE2's, such as `[:alpha:]`, or write `\\[` for the character";
        return Err(DialectError::at(position, "begins the name of no class", remedy));
    }
    out.push_str(&format!("[:{name}:]"));
    Ok(())
}
