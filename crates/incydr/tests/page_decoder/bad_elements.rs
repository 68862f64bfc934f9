//! A bad element is kept with the reason, and takes no neighbor with it.

use crate::pages::*;

/// Decodes a page with `bad` between two good events, and gives the reason why it is none.
fn reason_for(bad: impl AsRef<[u8]>) -> String {
    let (before, after) = (event("before"), event("after"));
    let bad = bad.as_ref();
    let decoded = decode(FILE_EVENTS, page_of(&[before.as_bytes(), bad, after.as_bytes()]));
    assert_eq!(decoded.payloads(), [before, after], "the neighbors of {}", String::from_utf8_lossy(bad));
    assert!(decoded.end.is_ok());
    let [undecodable] = &decoded.block.undecodable[..] else { panic!("one bad element") };
    assert_eq!(undecodable.raw, bad);
    let alone = decode(FILE_EVENTS, [b"{\"fileEvents\":[", bad, b"]}"].concat());
    assert_eq!((&alone.block.undecodable[0], alone.end.is_ok()), (undecodable, true));
    undecodable.reason.clone()
}

fn event_with(old: &str, new: &str) -> String {
    let event = event("bad");
    assert!(event.contains(old));
    event.replace(old, new)
}

#[test]
fn invalid_utf_8_is_kept_as_it_came() {
    let event = event("bad");
    let at = event.find(".txt").unwrap();
    let bad = [&event.as_bytes()[..at], b"\xff\xfe", &event.as_bytes()[at..]].concat();
    assert_eq!(reason_for(bad), format!("invalid UTF-8 at byte {at}"));
}

#[test]
fn a_lone_surrogate_is_refused() {
    for half in [r"\ud83d", r"\ude00", r"\ud83d\ud83d", r"\ud83dx", r"\ud83d\n"] {
        let bad = event_with(".txt", half);
        let at = bad.find(r"\ud").unwrap();
        assert_eq!(reason_for(&bad), format!("lone surrogate at byte {at}"));
    }
}

#[test]
fn a_raw_nul_in_a_string_is_refused() {
    let bad = event_with(".txt", "\0");
    assert_eq!(
        reason_for(&bad),
        format!("raw control character in a string at byte {}", bad.find('\0').unwrap())
    );
}

#[test]
fn a_raw_line_break_in_a_string_is_refused() {
    let bad = event_with(".txt", "\n");
    assert_eq!(
        reason_for(&bad),
        format!("raw control character in a string at byte {}", bad.find('\n').unwrap())
    );
}

#[test]
fn an_illegal_escape_is_refused() {
    for escape in [r"\Everyone", r"\u12", r"\u12g4", r"\x41", r"\'", r"\U0041"] {
        let bad = event_with(".txt", escape);
        assert_eq!(reason_for(&bad), format!("illegal escape at byte {}", bad.find(escape).unwrap()));
    }
}

#[test]
fn an_illegal_escape_at_the_very_end_is_refused() {
    for bad in [r#"{"x":"\E"}"#, r#"{"x":"\u12"}"#, r#"{"x":"\ud83d"}"#, r#"{"\E"}"#] {
        assert!(reason_for(bad).ends_with(&format!("at byte {}", bad.find('\\').unwrap())), "{bad}");
    }
}

#[test]
fn a_missing_id_is_named() {
    assert_eq!(reason_for(event_with("\"id\":\"bad\",", "")), "event.id is missing");
    assert_eq!(reason_for("{}"), "event.inserted is missing");
    let deeper = r#"{"x":{"event":{"id":"a","inserted":"2026-01-10T08:04:10Z"}}}"#;
    assert_eq!(reason_for(deeper), "event.inserted is missing");
    let listed = r#"{"event":[{"id":"a","inserted":"2026-01-10T08:04:10Z"}]}"#;
    assert_eq!(reason_for(listed), "event.inserted is missing");
    assert_eq!(reason_for(r#"{"event":null}"#), "event.inserted is missing");
    assert_eq!(
        reason_for(r#"{"event":null,"other":{"inserted":"2026-01-10T08:04:10Z"}}"#),
        "event.inserted is missing"
    );
}

#[test]
fn an_id_of_the_wrong_type_is_refused() {
    for id in ["null", "7", "\"\"", "[\"a\"]", "{}", "true"] {
        let bad = event_with("\"id\":\"bad\"", &format!("\"id\":{id}"));
        assert_eq!(reason_for(bad), "event.id is not a string with an id");
    }
}

#[test]
fn a_missing_time_is_named() {
    let bad = event_with("\"inserted\":\"2026-01-10T08:04:10.118402Z\",", "");
    assert_eq!(reason_for(bad), "event.inserted is missing");
}

#[test]
fn a_time_that_cannot_be_read_is_refused() {
    for time in ["null", "1768032000123", "\"\"", "\"yesterday\"", "\"2026-02-30T00:00:00Z\"", "{}"] {
        let bad = event_with("\"2026-01-10T08:04:10.118402Z\"", time);
        assert_eq!(reason_for(bad), "event.inserted is not a timestamp");
    }
}

#[test]
fn a_time_in_milliseconds_must_be_a_whole_number_within_reach() {
    for time in ["null", "\"1768032000123\"", "1.5", "1e12", "9223372036854775807", "-9223372036854775809"] {
        let decoded =
            decode(SESSIONS, format!("{{\"items\":[{{\"sessionId\":\"a\",\"beginTime\":{time}}}]}}"));
        assert_eq!(decoded.reasons(), ["beginTime is not a time in milliseconds"], "{time}");
    }
}

#[test]
fn a_repeated_key_is_refused_wherever_it_stands() {
    for (old, new) in [
        ("\"file\":", "\"event\":1,\"file\":"),
        ("\"md5\":null", "\"md5\":null,\"md5\":null"),
        ("\"shareType\":[]", "\"shareType\":[{\"\":1,\"a\":2,\"\":3}]"),
        ("\"shareType\":[]", "\"a key of many letters\":1,\"b\":{},\"c\":[],\"a key of many letters\":1"),
    ] {
        let bad = event_with(old, new);
        assert!(reason_for(bad).starts_with("the same key twice in the object that ends at byte "), "{new}");
    }
}

#[test]
fn a_repeated_key_is_found_among_very_many() {
    let members: Vec<String> =
        (0..5_000).map(|number| format!("\"key number {}\":1", number % 4_999)).collect();
    let bad = event_with("\"shareType\":[]", &members.join(","));
    assert!(reason_for(bad).starts_with("the same key twice"));
}

#[test]
fn broken_grammar_inside_an_element_is_refused() {
    for (old, new, what) in [
        ("\"md5\":null", "\"md5\" null", "a colon"),
        ("\"md5\":null", "\"md5\"", "a colon"),
        ("\"md5\":null", "\"md5\":", "a value"),
        ("\"md5\":null", "\"md5\":null,", "a key"),
        ("\"md5\":null", ",\"md5\":null", "a key"),
        ("\"md5\":null", "\"md5\":null \"a\":1", "a comma or a closing brace"),
        ("\"md5\":null", "\"md5\":nul", "a value"),
        ("\"md5\":null", "\"md5\":nulll", "a value"),
        ("\"md5\":null", "\"md5\":NaN", "a value"),
        ("\"md5\":null", "md5:null", "a key"),
        ("\"md5\":null", "null", "a key"),
        ("\"shareType\":[]", "\"shareType\":[1,]", "a value"),
        ("\"shareType\":[]", "\"shareType\":[,1]", "a value"),
        ("\"shareType\":[]", "\"shareType\":[1 2]", "a comma or a closing bracket"),
        ("\"shareType\":[]", "\"shareType\":[\"a\":1]", "a comma or a closing bracket"),
        ("\"shareType\":[]", "\"shareType\":[}", "a value"),
        ("\"shareType\":[]", "\"shareType\":[{\"x\":null}}", "a comma or a closing bracket"),
        ("\"hash\":{", "\"hash\":[", "a comma or a closing bracket"),
        ("Bytes\":12", "Bytes\":012", "a value"),
        ("Bytes\":12", "Bytes\":+12", "a value"),
        ("Bytes\":12", "Bytes\":12.", "a value"),
        ("Bytes\":12", "Bytes\":1e", "a value"),
        ("Bytes\":12", "Bytes\":-", "a value"),
        ("Bytes\":12", "Bytes\":12\u{c}", "a value"),
    ] {
        let reason = reason_for(event_with(old, new));
        assert!(reason.starts_with(&format!("expected {what} at byte ")), "{new}: {reason}");
    }
}

#[test]
fn an_element_that_is_no_object_is_refused() {
    for bad in ["null", "7", "\"text\"", "[]", "[{\"event\":1}]", "true"] {
        assert_eq!(reason_for(bad), "not an object");
    }
    for bad in ["nul", "-", "'text'", "\"a\" \"b\"", "x[1,2]y", "\\"] {
        assert!(reason_for(bad).starts_with("expected "), "{bad}");
    }
}

#[test]
fn nesting_is_followed_to_128_levels_and_not_deeper() {
    let nested = |levels: usize| {
        event_with("\"shareType\":[]", &format!("\"x\":{}{}", "[".repeat(levels), "]".repeat(levels)))
    };
    let allowed = nested(126);
    assert_eq!(decode(FILE_EVENTS, page_of(&[&allowed])).payloads(), [allowed]);
    assert!(reason_for(nested(127)).starts_with("nested too deep at byte "));
    assert!(reason_for(nested(1_000_000)).starts_with("nested too deep at byte "));
}

#[test]
fn a_reason_shows_nothing_of_the_payload() {
    for bad in [
        "{\"secret\" 1}",
        "{\"secret\":1,\"secret\":2}",
        "secret",
        "{\"event\":{\"id\":[\"secret\"],\"inserted\":\"secret\"}}",
    ] {
        assert!(!reason_for(bad).contains("secret"));
    }
}

#[test]
fn one_bad_event_among_ten_thousand_costs_no_other() {
    let mut elements: Vec<String> = (0..10_000).map(|number| event(&format!("event {number}"))).collect();
    elements[5_000] = elements[5_000].replace(".txt", r"\E");
    let decoded = decode_chunks(FILE_EVENTS, page_of(&elements).chunks(16 * 1024));
    assert_eq!(decoded.block.events.len(), 9_999);
    assert_eq!(decoded.block.undecodable[0].raw, elements[5_000].as_bytes());
    elements.remove(5_000);
    assert!(decoded.payloads() == elements);
}
