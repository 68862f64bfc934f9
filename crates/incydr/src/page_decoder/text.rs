//! JSON strings and numbers as text: where they end, whether they are well formed, what they say.
//!
//! Not for: finding them in an element; that is the business of `screen` and `inspection`.

use std::borrow::Cow;

use super::flaw::Flaw;

/// The white space of JSON.
pub(super) const fn is_whitespace(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Where the first byte at or after `at` stands that is no white space.
pub(super) fn after_whitespace(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest.iter().position(|&byte| !is_whitespace(byte)).unwrap_or(rest.len())
}

/// Whether white space has a line break.
pub(super) fn has_line_break(whitespace: &[u8]) -> bool {
    whitespace.iter().any(|byte| matches!(byte, b'\n' | b'\r'))
}

/// Where the value of the member begins whose key has its closing quote at `end`.
pub(super) fn value_after_key(text: &[u8], end: usize) -> usize {
    let colon = after_whitespace(text, end + 1);
    after_whitespace(text, colon + 1)
}

/// What the string says whose opening quote stands at `at`; `None` where no well-formed string stands.
pub(super) fn string_at(text: &[u8], at: usize) -> Option<Cow<'_, [u8]>> {
    let body = text.get(at..)?.strip_prefix(b"\"")?;
    let end = memchr::memchr2(b'"', b'\\', body)?;
    if body[end] == b'"' { Some(Cow::Borrowed(&body[..end])) } else { unescape(body, end).map(Cow::Owned) }
}

/// The string that begins with `body` and has its first escape at `at`.
fn unescape(body: &[u8], mut at: usize) -> Option<Vec<u8>> {
    let mut said = body[..at].to_vec();
    loop {
        match *body.get(at)? {
            b'"' => return Some(said),
            b'\\' => {
                let (character, length) = escape_at(body, at).ok()?;
                said.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                at += length;
            }
            byte => {
                said.push(byte);
                at += 1;
            }
        }
    }
}

/// What the escape says whose backslash stands at `at`, and how many bytes it takes.
pub(super) fn escape_at(text: &[u8], at: usize) -> Result<(char, usize), Flaw> {
    let character = match text.get(at + 1) {
        Some(b'u') => return unicode_escape_at(text, at),
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(_) | None => return Err(Flaw::IllegalEscape(at)),
    };
    Ok((character, 2))
}

/// Whether `text` is too short to say of the escape that it begins with that it is illegal.
pub(super) fn may_begin_escape(text: &[u8]) -> bool {
    let longest = b"\\uXXXX\\uXXXX";
    let fits = |(&byte, &wanted): (&u8, &u8)| match wanted {
        b'X' => byte.is_ascii_hexdigit(),
        _ => byte == wanted,
    };
    text.len() < longest.len() && text.iter().zip(longest).all(fits)
}

fn unicode_escape_at(text: &[u8], at: usize) -> Result<(char, usize), Flaw> {
    let first = code_unit_at(text, at).ok_or(Flaw::IllegalEscape(at))?;
    if let Some(character) = char::from_u32(first) {
        return Ok((character, 6));
    }
    let second = code_unit_at(text, at + 6).unwrap_or_default();
    if !(0xd800..0xdc00).contains(&first) || !(0xdc00..0xe000).contains(&second) {
        return Err(Flaw::LoneSurrogate(at));
    }
    let scalar = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
    char::from_u32(scalar).map(|character| (character, 12)).ok_or(Flaw::LoneSurrogate(at))
}

/// The number in `\uXXXX`.
fn code_unit_at(text: &[u8], at: usize) -> Option<u32> {
    let digits = text.get(at..at + 6)?.strip_prefix(b"\\u")?;
    digits.iter().try_fold(0, |unit, &digit| Some(unit << 4 | char::from(digit).to_digit(16)?))
}

/// Whether `text` is exactly one literal or number.
pub(super) fn is_scalar(text: &[u8]) -> bool {
    matches!(text, b"null" | b"true" | b"false") || is_number(text)
}

fn is_number(text: &[u8]) -> bool {
    let unsigned = text.strip_prefix(b"-").unwrap_or(text);
    let (whole, rest) = split_digits(unsigned);
    let whole_is_good = matches!(whole, [b'0'] | [b'1'..=b'9', ..]);
    let (fraction_is_good, rest) = match rest {
        [b'.', rest @ ..] => {
            let (digits, rest) = split_digits(rest);
            (!digits.is_empty(), rest)
        }
        rest => (true, rest),
    };
    whole_is_good && fraction_is_good && is_exponent_or_nothing(rest)
}

fn is_exponent_or_nothing(text: &[u8]) -> bool {
    match text {
        [] => true,
        [b'e' | b'E', b'+' | b'-', digits @ ..] | [b'e' | b'E', digits @ ..] => {
            !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
        }
        _ => false,
    }
}

fn split_digits(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len()))
}

/// The whole number that begins at `at`; `None` for a fraction, an exponent or anything else.
pub(super) fn integer_at(text: &[u8], at: usize) -> Option<i64> {
    let rest = text.get(at..)?;
    let length = rest.iter().position(|byte| matches!(byte, b',' | b'}') || is_whitespace(*byte))?;
    std::str::from_utf8(&rest[..length]).ok()?.parse().ok()
}

/// `text` without the white space at its end.
pub(super) fn trim_end(text: &[u8]) -> &[u8] {
    let length = text.iter().rposition(|&byte| !is_whitespace(byte)).map_or(0, |last| last + 1);
    &text[..length]
}

/// `text` without the white space that means nothing. `text` must be well-formed JSON.
pub(super) fn compact(text: &[u8]) -> Vec<u8> {
    let mut compacted = Vec::with_capacity(text.len());
    let mut at = after_whitespace(text, 0);
    while at < text.len() {
        let end = if text[at] == b'"' { string_end(text, at) } else { end_of_tokens(text, at) };
        compacted.extend_from_slice(&text[at..end]);
        at = after_whitespace(text, end);
    }
    compacted
}

/// Where the string ends whose opening quote stands at `at`.
fn string_end(text: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    while let Some(length) = memchr::memchr2(b'"', b'\\', &text[at..]) {
        at += length;
        match text[at] {
            b'"' => return at + 1,
            _ => at = text.len().min(at + 2),
        }
    }
    text.len()
}

/// Where the tokens end that stand at `at` without white space or a string between them.
fn end_of_tokens(text: &[u8], at: usize) -> usize {
    let rest = &text[at..];
    let ends = |byte: &u8| *byte == b'"' || is_whitespace(*byte);
    at + rest.iter().position(ends).unwrap_or(rest.len())
}
