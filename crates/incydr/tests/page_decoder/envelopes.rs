//! What stands around the elements.

use incydr_client::page_decoder::{ArrayState, Damage};

use crate::pages::*;

#[test]
fn the_elements_may_stand_anywhere_among_the_members() {
    let event = event("a");
    for page in [
        format!(r#"{{"fileEvents":[{event}],"totalCount":7,"nextPgToken":"t","problems":null}}"#),
        format!(r#"{{"totalCount":7,"fileEvents":[{event}],"problems":null,"nextPgToken":"t"}}"#),
        format!(
            r#" {{ "nextPgToken" : "t" , "totalCount" : 7 , "x":{{"fileEvents":[1]}},"fileEvents" : [ {event} ] }} "#
        ),
    ] {
        let decoded = decode(FILE_EVENTS, &page);
        assert_eq!(decoded.payloads(), [event.as_str()]);
        let envelope = decoded.envelope();
        assert_eq!(envelope.array(), ArrayState::Present(1));
        assert_eq!(envelope.next_page_token().as_deref(), Some("t"));
        assert_eq!(envelope.total_count(), Some(7));
        assert_eq!(envelope.problems(), None);
    }
}

#[test]
fn an_array_may_be_absent_null_or_empty() {
    for (page, state) in [
        ("{}", ArrayState::Absent),
        ("{\"items\":[1]}", ArrayState::Absent),
        ("{\"fileEvents\":null}", ArrayState::Null),
        ("{\"fileEvents\": null , \"x\":1}", ArrayState::Null),
        ("{\"fileEvents\":[]}", ArrayState::Present(0)),
        ("{\"fileEvents\": [ ] }", ArrayState::Present(0)),
    ] {
        let decoded = decode(FILE_EVENTS, page);
        assert_eq!(decoded.envelope().array(), state, "{page}");
        assert_eq!(decoded.block.events, []);
    }
}

#[test]
fn bad_elements_count_as_elements() {
    let decoded = decode(FILE_EVENTS, page_of(&["{}", "null", &event("a")]));
    assert_eq!(decoded.envelope().array(), ArrayState::Present(3));
}

#[test]
fn the_empty_answer_of_the_audit_log_is_read() {
    let page =
        r#"{"paginationRangeStartIndex":10000,"paginationRangeEndIndex":10000,"totalResultCount":1593}"#;
    let decoded = decode(AUDIT_LOG, page);
    assert_eq!(decoded.envelope().array(), ArrayState::Absent);
    assert_eq!(decoded.envelope().total_count(), Some(1593));
    assert_eq!(decoded.envelope().member("paginationRangeStartIndex"), Some("10000"));
}

#[test]
fn a_token_that_is_absent_null_or_empty_means_the_last_page() {
    for member in ["\"x\":1", "\"nextPgToken\":null", "\"nextPgToken\":\"\""] {
        assert_eq!(decode(FILE_EVENTS, format!("{{{member}}}")).envelope().next_page_token(), None);
    }
    let page = r#"{"nextPgToken":"0_a\"b\u00e9_1"}"#;
    assert_eq!(decode(FILE_EVENTS, page).envelope().next_page_token().as_deref(), Some("0_a\"bé_1"));
}

#[test]
fn a_token_of_another_type_never_ends_a_walk_in_silence() {
    for token in ["7", "[]", "{}", "true"] {
        let decoded = decode(FILE_EVENTS, format!("{{\"nextPgToken\":{token}}}"));
        assert_eq!(decoded.end.unwrap_err().damage, Damage::BadPageToken);
    }
}

#[test]
fn problems_are_kept_as_the_vendor_wrote_them() {
    let problems = r#"[ {"type": "SEARCH_FAILED", "badFilter": null} ]"#;
    let page = format!(r#"{{"fileEvents":null,"problems": {problems} ,"totalCount":0}}"#);
    assert_eq!(decode(FILE_EVENTS, page).envelope().problems(), Some(problems));
    for none in ["null", "[]", "[ ]"] {
        assert_eq!(decode(FILE_EVENTS, format!("{{\"problems\":{none}}}")).envelope().problems(), None);
    }
}

#[test]
fn a_member_that_is_no_json_is_damage() {
    for value in
        ["nul", "01", "{\"a\":1,\"a\":2}", "[1,]", "\"\\ud83d\"", "\"\u{1}\"", "", "1 2", "{]", "x\"}\""]
    {
        let error = decode(FILE_EVENTS, format!("{{\"x\":{value}}}")).end.unwrap_err();
        assert!(matches!(error.damage, Damage::BadMember(_)), "{value}: {error}");
    }
}

#[test]
fn a_repeated_member_is_damage() {
    for page in [
        "{\"fileEvents\":[],\"fileEvents\":[]}",
        "{\"fileEvents\":null,\"fileEvents\":[]}",
        "{\"nextPgToken\":\"a\",\"nextPgToken\":null}",
    ] {
        assert_eq!(decode(FILE_EVENTS, page).end.unwrap_err().damage, Damage::RepeatedMember);
    }
}

#[test]
fn elements_in_anything_but_an_array_are_damage() {
    for value in ["{}", "7", "\"\"", "true"] {
        let decoded = decode(FILE_EVENTS, format!("{{\"fileEvents\":{value}}}"));
        assert_eq!(decoded.end.unwrap_err().damage, Damage::NotAnArray);
    }
}

#[test]
fn an_envelope_above_the_limit_is_refused_however_it_arrives() {
    let page = format!("{{\"a\":\"{0}\",\"b\":\"{0}\"}}", "x".repeat(200_000));
    for chunk in [1_000, usize::MAX] {
        let error = decode_chunks(FILE_EVENTS, page.as_bytes().chunks(chunk)).end.unwrap_err();
        assert_eq!((error.damage, error.offset), (Damage::EnvelopeTooLarge, 200_012));
    }
}
