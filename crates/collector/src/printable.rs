//! Makes text of others safe to show: nothing in it can move the cursor, change colors, reverse the reading order or
//! begin a new line.
//!
//! Not for: event payloads. Those are never shown at all.

use std::borrow::Cow;

/// `text` with every character escaped that could act on a terminal or a log.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(acts_on_the_reader) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().fold(String::with_capacity(text.len() + 16), |mut shown, character| {
        if acts_on_the_reader(character) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
        shown
    }))
}

/// The first `max_characters` of `text`, printable, with an ellipsis where something was cut.
pub fn excerpt(text: &str, max_characters: usize) -> String {
    match text.char_indices().nth(max_characters) {
        Some((end, _)) => format!("{}…", printable(&text[..end])),
        None => printable(text).into_owned(),
    }
}

/// Control characters, line and paragraph separators, and the invisible characters that hide or reorder text.
pub(crate) fn acts_on_the_reader(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn terminal_escapes_line_breaks_and_reversed_text_become_visible() {
        assert_eq!(printable("a\u{1b}[31m\r\n\u{202e}b"), "a\\u{1b}[31m\\r\\n\\u{202e}b");
        assert_eq!(printable("Zürich 東京"), "Zürich 東京");
    }

    #[test]
    fn an_excerpt_counts_characters_not_bytes() {
        assert_eq!(excerpt("äöü", 2), "äö…");
        assert_eq!(excerpt("äöü", 3), "äöü");
    }

    proptest! {
        #[test]
        fn nothing_printable_acts_on_the_reader(text in any::<String>()) {
            prop_assert!(!printable(&text).contains(acts_on_the_reader));
        }
    }
}
