//! Good elements become events with the vendor's bytes, a name and a time.

use incydr_core::event::EventId;
use incydr_core::timestamp::Timestamp;

use crate::pages::*;

fn time(text: &str) -> Timestamp {
    Timestamp::parse(text.as_bytes()).unwrap()
}

#[test]
fn a_compact_element_leaves_as_the_very_bytes_that_came() {
    let elements = [compact(BROWSER_UPLOAD), compact(GOOGLE_DRIVE), event("third")];
    let decoded = decode(FILE_EVENTS, page_of(&elements));
    assert_eq!(decoded.payloads(), elements);
    assert_eq!(decoded.block.undecodable, []);
}

#[test]
fn spaces_and_tabs_between_tokens_are_left_alone() {
    let element =
        "{ \"event\" : {\"id\": \"a\",\t\"inserted\": \"2026-01-10T08:04:10Z\"} , \"x\": [ 1 , 2 ] }";
    let decoded = decode(FILE_EVENTS, format!("{{\"fileEvents\": [ {element} , {element} ] }}"));
    assert_eq!(decoded.payloads(), [element, element]);
}

#[test]
fn an_element_with_line_breaks_between_tokens_loses_only_white_space_that_means_nothing() {
    for sample in [BROWSER_UPLOAD, GOOGLE_DRIVE] {
        let decoded = decode(FILE_EVENTS, page_of(&[sample]));
        assert_eq!(decoded.payloads(), [compact(sample)]);
    }
}

#[test]
fn a_carriage_return_alone_counts_as_a_line_break() {
    let element = "{\"event\":\r{\"id\":\"a\", \"inserted\":\"2026-01-10T08:04:10Z\"},\"x\":\" y \\n\"}";
    let decoded = decode(FILE_EVENTS, page_of(&[element]));
    assert_eq!(decoded.payloads(), [compact(element)]);
    assert!(decoded.payloads()[0].contains(" y \\n"));
}

#[test]
fn a_file_event_is_named_by_its_id_and_dated_by_its_insertion() {
    let decoded = decode(FILE_EVENTS, page_of(&[BROWSER_UPLOAD]));
    let entry = decoded.block.events[0];
    assert_eq!(entry.id, EventId::of_immutable(b"2-event-id-100"));
    assert_eq!(entry.time, time("2022-07-14T16:57:00.913917Z"));
}

#[test]
fn a_session_is_named_by_its_id_and_content() {
    let changed = SESSION.replace("\"noRiskEvents\": 241", "\"noRiskEvents\": 242");
    let page = format!("{{\"items\":[{SESSION},{changed}],\"totalCount\":2}}");
    let decoded = decode(SESSIONS, page);
    let [first, second] = decoded.block.events[..] else { panic!("two sessions") };
    let id = b"1004440923549707297_1711129878056";
    assert_eq!(first.id, EventId::of_mutable(id, compact(SESSION).as_bytes()));
    assert_eq!(second.id, EventId::of_mutable(id, compact(&changed).as_bytes()));
    assert_eq!(first.id.key, second.id.key);
    assert_ne!(first.id.version, second.id.version);
    assert_eq!(first.time, Timestamp::from_millis(1_711_129_878_056));
}

#[test]
fn alerts_are_read_from_summaries_and_details() {
    for (page, id, created) in [
        (ALERT_SUMMARIES, "d020eee5-0a2d-4255-9f09-83aa7015dabc", "2022-09-15T20:48:25.519828Z"),
        (ALERT_DETAILS, "7239dede-da58-4214-8bc0-275e0ba8fda5", "2022-08-11T20:30:29.789018Z"),
    ] {
        let decoded = decode(ALERTS, page);
        assert_eq!(decoded.block.events.len(), 2);
        assert_eq!(decoded.block.undecodable, []);
        assert_eq!(decoded.block.events[0].time, time(created));
        let content = decoded.payloads()[0];
        assert_eq!(decoded.block.events[0].id, EventId::of_mutable(id.as_bytes(), content.as_bytes()));
    }
}

#[test]
fn equal_audit_rows_stay_two_rows() {
    let [row, other, _] = AUDIT_ROWS.map(compact);
    let decoded = decode(AUDIT_LOG, format!("{{\"events\":[{row},{other},{row},{row}]}}"));
    let ids: Vec<EventId> = decoded.block.events.iter().map(|entry| entry.id).collect();
    assert_eq!(
        ids,
        [
            EventId::of_row(row.as_bytes(), 0),
            EventId::of_row(other.as_bytes(), 0),
            EventId::of_row(row.as_bytes(), 1),
            EventId::of_row(row.as_bytes(), 2),
        ]
    );
}

#[test]
fn every_audit_sample_is_dated() {
    let decoded = decode(AUDIT_LOG, format!("{{\"events\":[{}]}}", AUDIT_ROWS.join(",")));
    let times: Vec<Timestamp> = decoded.block.events.iter().map(|entry| entry.time).collect();
    assert_eq!(
        times,
        [
            time("2022-10-03T13:14:46.962Z"),
            time("2023-06-16T21:49:21.072416Z"),
            time("2022-09-28T19:57:10.072Z"),
        ]
    );
}

#[test]
fn an_id_is_read_before_it_is_hashed() {
    let decoded = decode(FILE_EVENTS, page_of(&[event(r#"a\"b\\c\u00e9\ud83d\ude00"#)]));
    assert_eq!(decoded.block.events[0].id, EventId::of_immutable("a\"b\\cé😀".as_bytes()));
}

#[test]
fn ids_elsewhere_in_an_element_do_not_count() {
    let element = r#"{"id":"top","x":{"id":"x","inserted":"1999-01-01T00:00:00Z"},"list":[{"event":{"id":"l"}}],"event":{"deep":{"id":"deep"},"id":"right","inserted":"2026-01-10T08:04:10Z"},"y":{"event":{"id":"y"},"id":"z"}}"#;
    let decoded = decode(FILE_EVENTS, page_of(&[element]));
    assert_eq!(decoded.block.events[0].id, EventId::of_immutable(b"right"));
    assert_eq!(decoded.block.events[0].time, time("2026-01-10T08:04:10Z"));
}

#[test]
fn unknown_fields_and_values_pass_untouched() {
    let element =
        event("a").replace("\"shareType\":[]", "\"brandNew\":{\"x\":[1e9,-0.5,true,{}]},\"shareType\":7");
    let decoded = decode(FILE_EVENTS, page_of(&[&element]));
    assert_eq!(decoded.payloads(), [element]);
}

#[test]
fn the_same_key_in_different_objects_is_no_repetition() {
    let element = event("a").replace("\"shareType\":[]", r#""list":[{"id":1},{"id":2},{"id":{"id":3}}]"#);
    assert_eq!(decode(FILE_EVENTS, page_of(&[&element])).payloads(), [element]);
}

#[test]
fn an_event_of_ten_megabytes_passes() {
    let element =
        event("a").replace("\"md5\":null", &format!("\"md5\":\"{}\"", "0123456789abcdef".repeat(655_360)));
    let page = page_of(&[event("before"), element.clone(), event("after")]);
    let decoded = decode_chunks(FILE_EVENTS, page.chunks(16 * 1024));
    assert_eq!(decoded.block.events.len(), 3);
    assert!(decoded.payloads()[1] == element);
}

#[test]
fn an_object_with_very_many_different_keys_passes() {
    let members: Vec<String> =
        (0..100_000).map(|number| format!("\"key number {number}\":{number}")).collect();
    let element = event("a").replace("\"shareType\":[]", &members.join(","));
    assert!(decode(FILE_EVENTS, page_of(&[&element])).payloads() == [element]);
}
