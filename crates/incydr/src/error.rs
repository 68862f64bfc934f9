//! Makes the errors of this crate: what was attempted, which fault, and the vendor's words made presentable.
//!
//! Place on the path: hop 4, whenever it fails. Keeps I10: whatever passes through here has its secrets masked.

use incydr_core::source::{SourceError, SourceFault};

/// Longer words of the vendor are cut.
const LONGEST_INFO: usize = 512;

const MASK: &str = "********";

/// An error without an answer of the vendor.
pub(crate) fn failed(attempt: &str, fault: SourceFault, info: impl Into<String>) -> SourceError {
    SourceError { attempt: attempt.to_owned(), fault, code: None, info: info.into(), retry_after: None }
}

/// An answer with status 200 that does not say what it must.
pub(crate) fn failed_in_200(attempt: &str, fault: SourceFault, info: impl Into<String>) -> SourceError {
    SourceError { code: Some(200), ..failed(attempt, fault, info) }
}

/// The vendor's words on one short line: `hidden` texts masked, control characters escaped.
pub(crate) fn presentable(words: &[u8], hidden: &[&str]) -> String {
    let mut text = String::from_utf8_lossy(words).into_owned();
    for secret in hidden.iter().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, MASK);
    }
    let mut line = String::new();
    for letter in text.trim().chars() {
        let before = line.len();
        if letter.is_control() {
            line.extend(letter.escape_default());
        } else {
            line.push(letter);
        }
        if line.len() > LONGEST_INFO {
            line.truncate(before);
            break;
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn control_characters_are_shown_instead_of_acted_upon() {
        assert_eq!(presentable(b"  a\r\nb\x1b[31m\0 ", &[]), "a\\r\\nb\\u{1b}[31m\\u{0}");
    }

    #[test]
    fn an_echoed_secret_is_masked_before_the_text_is_cut() {
        let words = format!("{}s3cret-key tail", "x".repeat(LONGEST_INFO - 4));
        let shown = presentable(words.as_bytes(), &["s3cret-key", ""]);
        assert!(!shown.contains("s3c"), "{shown}");
    }

    proptest! {
        #[test]
        fn any_words_become_one_short_line(words in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let shown = presentable(&words, &[]);
            prop_assert!(shown.len() <= LONGEST_INFO);
            prop_assert!(!shown.chars().any(char::is_control));
        }
    }
}
