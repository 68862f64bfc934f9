//! Fingerprints of documents, by which what was served and what was received are compared.

use std::borrow::Cow;
use std::fmt;

/// The first 128 bits of BLAKE3.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(u128);

impl Digest {
    /// Of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let mut leading = [0; 16];
        leading.copy_from_slice(&blake3::hash(bytes).as_bytes()[..16]);
        Self(u128::from_be_bytes(leading))
    }

    /// Of a document as it looks on one line: unchanged, unless it holds a line break.
    pub fn of_line(document: &[u8]) -> Self {
        Self::of(&as_line(document))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:032x}", self.0)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// A document on one line: without any white space between its tokens if there is a line break among it, else
/// as it is.
pub fn as_line(document: &[u8]) -> Cow<'_, [u8]> {
    if !document.contains(&b'\n') && !document.contains(&b'\r') {
        return Cow::Borrowed(document);
    }
    let (mut inside_text, mut escaped) = (false, false);
    let keep = |&byte: &u8| {
        let keep = inside_text || !byte.is_ascii_whitespace();
        if byte == b'"' && !escaped {
            inside_text = !inside_text;
        }
        escaped = inside_text && byte == b'\\' && !escaped;
        keep
    };
    Cow::Owned(document.iter().copied().filter(keep).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_a_document_with_line_breaks_is_compacted() {
        let spaced = br#"{"a": "b c"}"#;
        assert_eq!(as_line(spaced).as_ref(), spaced);
        let pretty = b"{\n  \"a\": \"b \\\" c\",\r\n\t\"d\": [1, 2]\n}";
        assert_eq!(as_line(pretty).as_ref(), br#"{"a":"b \" c","d":[1,2]}"#);
    }

    proptest! {
        #[test]
        fn a_pretty_document_keeps_its_meaning_on_one_line(key in ".*", text in ".*", number in any::<i64>()) {
            let document = serde_json::json!({key: [text, number, {"nested": null}]});
            let pretty = serde_json::to_vec_pretty(&document).unwrap();
            let line = serde_json::to_vec(&document).unwrap();
            prop_assert_eq!(as_line(&pretty).into_owned(), line);
        }
    }
}
