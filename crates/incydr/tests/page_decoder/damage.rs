//! A page that is no document is an error, wherever the damage is.

use incydr_client::page_decoder::{Damage, PageDecoder};
use incydr_core::event::EventBlock;
use proptest::prelude::*;

use crate::pages::*;

fn damage_of(page: impl AsRef<[u8]>) -> Damage {
    decode(FILE_EVENTS, page).end.unwrap_err().damage
}

#[test]
fn a_truncated_page_is_refused_at_every_offset() {
    let elements = [compact(BROWSER_UPLOAD), GOOGLE_DRIVE.to_owned(), event("third")];
    let page = page_of(&elements);
    for length in 1..page.len() {
        let decoded = decode(FILE_EVENTS, &page[..length]);
        let error = decoded.end.unwrap_err();
        assert_eq!((error.damage, error.offset), (Damage::Truncated, length as u64));
        assert!(decoded.block.events.len() <= 3);
        assert_eq!(decoded.block.undecodable, []);
    }
    assert!(decode(FILE_EVENTS, &page).end.is_ok());
}

#[test]
fn an_empty_body_is_no_page() {
    assert_eq!(damage_of(""), Damage::Empty);
    assert_eq!(damage_of(" \r\n\t"), Damage::Empty);
}

#[test]
fn a_body_that_is_no_object_is_no_page() {
    for body in ["<!DOCTYPE html><html></html>", "[]", "null", "\"fileEvents\"", "\u{feff}{}", "]", "}"] {
        assert_eq!(damage_of(body), Damage::NotAnObject, "{body}");
    }
}

#[test]
fn text_after_the_document_is_damage() {
    for tail in ["}", "]", "{}", "x", "\0", "  ,"] {
        let page = [page_of(&[event("a")]), tail.as_bytes().to_vec()].concat();
        let decoded = decode(FILE_EVENTS, &page);
        assert_eq!(decoded.end.unwrap_err().damage, Damage::TextAfterDocument, "{tail}");
        assert_eq!(decoded.block.events.len(), 1);
    }
    let page = [page_of(&[event("a")]), b" \r\n".to_vec()].concat();
    assert!(decode(FILE_EVENTS, &page).end.is_ok());
}

#[test]
fn damage_between_elements_is_damage_of_the_page() {
    let event = event("a");
    for (page, message) in [
        (format!("{{\"fileEvents\":[{event},]}}"), "expected an element"),
        (format!("{{\"fileEvents\":[,{event}]}}"), "expected an element"),
        (format!("{{\"fileEvents\":[{event},,{event}]}}"), "expected an element"),
        (format!("{{\"fileEvents\":[{event}{event}]}}"), "expected a comma or the end of the array"),
        (format!("{{\"fileEvents\":[{event}}}"), "expected a comma or the end of the array"),
        (format!("{{\"fileEvents\":[{event}]]"), "expected a comma or the end of the document"),
        (
            format!("{{\"fileEvents\" [{event}]}}"),
            "a top-level member is malformed (expected nothing more at byte 13)",
        ),
        (format!("{{fileEvents:[{event}]}}"), "expected a key"),
        (format!("{{\"fileEvents\":[{event}],}}"), "expected a key"),
        (format!("{{,\"fileEvents\":[{event}]}}"), "expected a key"),
        ("{\"fileEvents\"}".to_owned(), "expected a colon"),
    ] {
        let error = decode(FILE_EVENTS, &page).error();
        assert!(error.starts_with(&format!("decoding a page: {message}")), "{page}: {error}");
    }
}

#[test]
fn an_error_says_where_and_shows_nothing_of_the_payload() {
    let page = "{\"totalCount\":3,\"secret\":\"secret\\E\"}";
    let error = decode(FILE_EVENTS, page).error();
    assert_eq!(
        error,
        "decoding a page: a top-level member is malformed (illegal escape at byte 7) at byte 25"
    );
}

#[test]
fn a_failed_decoder_stays_failed() {
    let mut decoder = PageDecoder::new(FILE_EVENTS);
    let mut block = EventBlock::default();
    let error = decoder.push(b"{\"fileEvents\":[]} x", &mut block).unwrap_err();
    assert_eq!(decoder.push(b"{", &mut block), Err(error.clone()));
    assert_eq!(decoder.finish(), Err(error));
}

#[test]
fn an_element_above_the_limit_is_refused_however_it_arrives() {
    let page = page_of(&[event("a"), event("b").replace(".txt", &"x".repeat(65 * 1024 * 1024))]);
    let begin = (b"{\"fileEvents\":[".len() + event("a").len() + 1) as u64;
    for chunk in [64 * 1024, usize::MAX] {
        let decoded = decode_chunks(FILE_EVENTS, page.chunks(chunk));
        let error = decoded.end.unwrap_err();
        assert_eq!((error.damage, error.offset), (Damage::ElementTooLarge, begin));
        assert_eq!(decoded.block.events.len(), 1);
    }
}

#[test]
fn a_million_brackets_are_refused_wherever_they_stand() {
    let brackets = "[".repeat(1_000_000);
    assert_eq!(damage_of(&brackets), Damage::NotAnObject);
    assert_eq!(damage_of(format!("{{\"fileEvents\":{brackets}")), Damage::Truncated);
    assert_eq!(damage_of(format!("{{\"fileEvents\":[{{\"a\":{brackets}")), Damage::Truncated);
    assert_eq!(damage_of(format!("{{\"x\":{brackets}")), Damage::EnvelopeTooLarge);
    assert_eq!(damage_of("{\"x\":[".repeat(1_000_000)), Damage::EnvelopeTooLarge);
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let decoded = decode(FILE_EVENTS, &bytes);
        prop_assert!(decoded.end.is_err());
        let inside = page_of(&[bytes]);
        drop(decode(FILE_EVENTS, inside));
    }

    #[test]
    fn arbitrary_json_like_text_never_panics(text in "[\\[\\]{}:,\"\\\\ 0-9eE.+\\-ntrufalsé\n]{0,200}") {
        drop(decode(FILE_EVENTS, page_of(&[&text])));
        drop(decode(FILE_EVENTS, format!("{{{text}}}")));
    }
}
