//! JSON for reading: the same text in lines, with every number and string as it came.

use serde_json::value::RawValue;

use crate::printable::{acts_on_the_reader, printable};

/// A text whose lines would need more bytes is left as it is.
const MOST_BYTES: usize = 1024 * 1024;

/// `text` in lines that are indented by depth; left in one where it is no JSON. Characters that could act on the reader
/// are escaped.
pub fn indented(text: &str) -> String {
    let is_json = serde_json::from_str::<&RawValue>(text).is_ok();
    let lines = is_json.then(|| lines_of(text)).flatten();
    lines.unwrap_or_else(|| printable(text).into_owned())
}

/// The lines of a JSON text; `None` where they are too long.
fn lines_of(text: &str) -> Option<String> {
    let mut lines = String::with_capacity(text.len() * 2);
    let (mut depth, mut is_string, mut is_escaped) = (0, false, false);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if lines.len() > MOST_BYTES {
            return None;
        }
        if is_string {
            is_string = is_escaped || character != '"';
            is_escaped = !is_escaped && character == '\\';
            push(&mut lines, character);
            continue;
        }
        match character {
            ' ' | '\t' | '\r' | '\n' => {}
            '{' | '[' => {
                lines.push(character);
                while characters.next_if(|next| next.is_ascii_whitespace()).is_some() {}
                match characters.next_if(|next| matches!(next, '}' | ']')) {
                    Some(end) => lines.push(end),
                    None => {
                        depth += 1;
                        begin_line(&mut lines, depth);
                    }
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                begin_line(&mut lines, depth);
                lines.push(character);
            }
            ',' => {
                lines.push(',');
                begin_line(&mut lines, depth);
            }
            ':' => lines.push_str(": "),
            other => {
                is_string = other == '"';
                lines.push(other);
            }
        }
    }
    Some(lines)
}

fn begin_line(lines: &mut String, depth: usize) {
    lines.push('\n');
    lines.extend(std::iter::repeat_n("  ", depth));
}

fn push(lines: &mut String, character: char) {
    match acts_on_the_reader(character) {
        true => lines.extend(character.escape_unicode()),
        false => lines.push(character),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    #[test]
    fn each_member_has_a_line_and_numbers_stay_as_they_are() {
        assert_eq!(
            indented(r#"{"a":[1.10,{ },[ ]],"b\"{":12345678901234567890123, "c":{"d":null}}"#),
            "{\n  \"a\": [\n    1.10,\n    {},\n    []\n  ],\n  \"b\\\"{\": 12345678901234567890123,\n  \"c\": {\n    \"d\": null\n  }\n}"
        );
    }

    #[test]
    fn what_is_no_json_stays_in_one_line() {
        assert_eq!(indented("{\"a\":"), "{\"a\":");
        assert_eq!(indented("<b>\n"), "<b>\\n");
    }

    #[test]
    fn nothing_in_a_string_reverses_the_reading_order() {
        assert_eq!(indented("[\"a\u{202e}b\"]"), "[\n  \"a\\u{202e}b\"\n]");
    }

    #[test]
    fn what_is_nested_too_deep_is_not_blown_up() {
        let deep = format!("{}{}", "[".repeat(3_000), "]".repeat(3_000));
        assert_eq!(indented(&deep), deep);
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[a-z\"\\\\{}\\[\\],: ü]{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map("[a-z\"\\\\:]{0,4}", inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_lines_are_the_same_json(json in json()) {
            let lines = indented(&json.to_string());
            prop_assert_eq!(serde_json::from_str::<Value>(&lines).expect("JSON"), json);
        }
    }
}
