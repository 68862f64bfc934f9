//! One Hash or Mask rule at work.

use std::ops::Range;

use md5::Md5;
use regex::bytes::{Captures, Regex};
use sha2::{Digest, Sha256};

use super::HashAlgorithm;

/// A regular expression, and what replaces each of its capture groups wherever it matches.
#[derive(Clone)]
pub(super) struct Rewrite {
    regex: Regex,
    replacement: Replacement,
}

#[derive(Clone)]
enum Replacement {
    Digest(HashAlgorithm),
    Text(String),
}

impl Rewrite {
    pub(super) fn by_digest(regex: Regex, algorithm: HashAlgorithm) -> Self {
        Self { regex, replacement: Replacement::Digest(algorithm) }
    }

    pub(super) fn by_text(regex: Regex, text: &str) -> Self {
        Self { regex, replacement: Replacement::Text(text.to_owned()) }
    }

    /// The text with all groups of all matches replaced, cut to `max_bytes`; `None` where nothing is to be replaced.
    pub(super) fn apply(&self, text: &[u8], max_bytes: usize) -> Option<Vec<u8>> {
        let mut rewritten = Vec::new();
        let mut copied = 0;
        for found in self.regex.captures_iter(text) {
            for span in outermost_groups(&found) {
                rewritten.extend_from_slice(&text[copied..span.start]);
                self.replacement.write(&text[span.clone()], &mut rewritten);
                copied = span.end;
            }
            if rewritten.len() > max_bytes {
                break;
            }
        }
        if copied == 0 {
            return None;
        }
        rewritten.extend_from_slice(&text[copied..]);
        cut(&mut rewritten, max_bytes);
        Some(rewritten)
    }
}

/// What the groups of a match hold, in order of the text. A group inside another one goes with it, and where a group
/// holds nothing there is nothing to hide.
fn outermost_groups(found: &Captures<'_>) -> Vec<Range<usize>> {
    let mut spans: Vec<_> = found.iter().skip(1).flatten().map(|group| group.range()).collect();
    spans.retain(|span| !span.is_empty());
    spans.sort_by_key(|span| (span.start, usize::MAX - span.end));
    let mut end = 0;
    spans.retain(|span| {
        let is_outermost = span.start >= end;
        end = end.max(span.end);
        is_outermost
    });
    spans
}

impl Replacement {
    fn write(&self, value: &[u8], out: &mut Vec<u8>) {
        match self {
            Self::Text(text) => out.extend_from_slice(text.as_bytes()),
            Self::Digest(HashAlgorithm::Md5) => write_hex(&Md5::digest(value), out),
            Self::Digest(HashAlgorithm::Sha256) => write_hex(&Sha256::digest(value), out),
        }
    }
}

fn write_hex(digest: &[u8], out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in digest {
        out.push(DIGITS[usize::from(byte >> 4)]);
        out.push(DIGITS[usize::from(byte & 0xf)]);
    }
}

/// Drops what is beyond `max_bytes`, and the rest of a character that would be divided.
fn cut(text: &mut Vec<u8>, max_bytes: usize) {
    if text.len() > max_bytes {
        let begins_character = |at: &usize| text[*at] & 0b1100_0000 != 0b1000_0000;
        let end = (max_bytes.saturating_sub(3)..=max_bytes).rev().find(begins_character);
        text.truncate(end.unwrap_or(max_bytes));
    }
}
