//! What is decoded does not depend on how the body was cut.

use proptest::prelude::*;

use crate::pages::*;

/// A page with everything that a cut could spoil.
fn page_with_everything() -> Vec<u8> {
    let upload = compact(BROWSER_UPLOAD);
    let elements: [&[u8]; 9] = [
        upload.as_bytes(),
        GOOGLE_DRIVE.as_bytes(),
        br#"{"event":{"id":"\\\"\\","inserted":"2026-01-10T08:04:10Z"},"x":"\ud83d\ude00 \u00e9 \\","y":-1.5e-7}"#,
        br#"{"event":{"id":"a","inserted":"2026-01-10T08:04:10Z","id":"b"}}"#,
        r#"{"event":{"id":"é😀","inserted":"2026-01-10T08:04:10Z"}, "x" : [ ] }"#.as_bytes(),
        b"nul [1,2] ",
        br#"{"x":"\E","y":[[[{}]]]}"#,
        b"{\"x\":\"\xff\"}",
        br#"{"event":{"id":"z","inserted":"2026-01-10T08:04:10Z"},"n":[1,-2,3.25,true,false,null]}"#,
    ];
    let page = page_of(&elements);
    [b" {\"first\" : {\"a\":[\"\\\"]\"]} ,".as_slice(), &page[1..], b"\n"].concat()
}

#[test]
fn a_page_cut_anywhere_once_decodes_the_same() {
    let page = page_with_everything();
    let whole = decode(FILE_EVENTS, &page);
    assert!(whole.end.is_ok());
    assert_eq!((whole.block.events.len(), whole.block.undecodable.len()), (5, 4));
    for at in 0..page.len() {
        let (left, right) = page.split_at(at);
        assert_eq!(decode_chunks(FILE_EVENTS, [left, right]), whole, "cut at {at}");
    }
}

#[test]
fn a_page_in_chunks_of_any_one_size_decodes_the_same() {
    let page = page_with_everything();
    let whole = decode(FILE_EVENTS, &page);
    for size in 1..300 {
        assert_eq!(decode_chunks(FILE_EVENTS, page.chunks(size)), whole, "chunks of {size}");
    }
}

/// Cuts `page` at these places.
fn cut<'a>(page: &'a [u8], places: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = places.iter().map(|place| place.index(page.len() + 1)).collect();
    places.extend([0, page.len()]);
    places.sort_unstable();
    places.windows(2).map(|pair| &page[pair[0]..pair[1]]).collect()
}

proptest! {
    #[test]
    fn a_damaged_page_gives_the_same_events_and_error_however_it_is_cut(
        spots in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
    ) {
        let mut page = page_with_everything();
        for (spot, byte) in spots {
            let spot = spot.index(page.len());
            page[spot] = byte;
        }
        prop_assert_eq!(decode_chunks(FILE_EVENTS, cut(&page, &places)), decode(FILE_EVENTS, &page));
    }

    #[test]
    fn json_like_text_gives_the_same_however_it_is_cut(
        text in "[\\[\\]{}:,\"\\\\ 0-9e.\\-nulé\n]{0,200}",
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..9),
    ) {
        for page in [page_of(&[&text]), format!("{{\"a\":{text}").into_bytes()] {
            prop_assert_eq!(decode_chunks(FILE_EVENTS, cut(&page, &places)), decode(FILE_EVENTS, &page));
        }
    }
}
