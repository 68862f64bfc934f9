//! `/v2/file-events`.

use incydr_client::source::{AlertsApi, source};
use incydr_core::checkpoint::Cursor;
use incydr_core::source::{PageEnd, Source, SourceError, SourceFault};
use incydr_core::stream::Stream;
use serde_json::json;

use crate::scripted_vendor::{Reply, ScriptedVendor};
use crate::walk::{Read, at, client, range, read};

fn event(number: u32) -> String {
    format!(
        r#"{{"event":{{"id":"e{number}","inserted":"2026-01-10T08:00:{number:02}.123456Z"}},"n":[{number}]}}"#
    )
}

fn page(numbers: std::ops::Range<u32>, token: &str) -> String {
    let events: Vec<_> = numbers.map(event).collect();
    format!(
        r#"{{"totalCount":17,"fileEvents":[{}],"nextPgToken":{token},"problems":null}}"#,
        events.join(",")
    )
}

fn file_events(vendor: &ScriptedVendor) -> Box<dyn Source> {
    source(client(vendor), Stream::FileEvents, AlertsApi::Sessions)
}

async fn read_one(reply: Reply) -> Result<Read, SourceError> {
    let vendor = ScriptedVendor::replying([reply]).await;
    read(&*file_events(&vendor), &range(), 100).await
}

async fn fault_of(reply: Reply) -> SourceError {
    read_one(reply).await.expect_err("a fault")
}

#[tokio::test]
async fn a_page_asks_for_the_range_sorted_by_insertion_from_an_empty_token() {
    let vendor = ScriptedVendor::replying([Reply::ok(page(0..3, r#""e2""#))]).await;
    let read = read(&*file_events(&vendor), &range(), 3).await.expect("a page");
    assert_eq!(read.payloads, (0..3).map(event).collect::<Vec<_>>());
    assert_eq!(read.end, PageEnd { next: Some(Cursor::Token("e2".into())), total_count: Some(17) });
    let request = vendor.data_requests().remove(0);
    assert_eq!((request.method.as_str(), request.target.as_str()), ("POST", "/v2/file-events"));
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.header("authorization"), Some("Bearer token"));
    assert_eq!(request.header("user-agent"), Some("incydr-collector/0.1.0"));
    assert_eq!(request.header("accept-encoding"), Some("gzip"));
    let filters = json!([
        {"term": "event.inserted", "operator": "ON_OR_AFTER", "value": "2026-01-10T08:00:00.000Z"},
        {"term": "event.inserted", "operator": "ON_OR_BEFORE", "value": "2026-01-10T08:00:59.999Z"},
    ]);
    let query = json!({
        "groups": [{"filterClause": "AND", "filters": filters}], "groupClause": "AND", "pgNum": 1, "pgSize": 3,
        "pgToken": "", "srtDir": "asc", "srtKey": "event.inserted",
    });
    assert_eq!(request.json(), query);
}

#[tokio::test]
async fn the_next_page_sends_the_token_with_the_same_query() {
    let vendor = ScriptedVendor::replying([Reply::ok(page(0..1, "null"))]).await;
    let mut range = range();
    range.cursor = Cursor::Token(r#"0_"quoted"_7"#.into());
    let read = read(&*file_events(&vendor), &range, 20_000).await.expect("a page");
    assert_eq!(read.end, PageEnd { next: None, total_count: Some(17) });
    let query = vendor.data_requests().remove(0).json();
    assert_eq!(query["pgToken"], r#"0_"quoted"_7"#);
    assert_eq!((&query["pgSize"], &query["srtDir"]), (&json!(10_000), &json!("asc")));
    assert_eq!(query["groups"][0]["filters"][0]["value"], "2026-01-10T08:00:00.000Z");
}

#[tokio::test]
async fn an_instant_begins_a_new_walk_whose_total_is_not_that_of_the_range() {
    let vendor = ScriptedVendor::replying([Reply::ok(page(0..1, r#""e0""#))]).await;
    let mut range = range();
    range.cursor = Cursor::At(at("2026-01-10T08:00:30.5Z"));
    let read = read(&*file_events(&vendor), &range, 1).await.expect("a page");
    assert_eq!(read.end, PageEnd { next: Some(Cursor::Token("e0".into())), total_count: None });
    let query = vendor.data_requests().remove(0).json();
    assert_eq!(query["pgToken"], "");
    assert_eq!(query["groups"][0]["filters"][0]["value"], "2026-01-10T08:00:30.500Z");
}

#[tokio::test]
async fn every_way_to_say_that_there_is_no_more_ends_the_walk() {
    for body in [
        page(0..1, "null"),
        page(0..1, r#""""#),
        r#"{"fileEvents":[],"totalCount":0}"#.to_owned(),
        r#"{"fileEvents":null,"nextPgToken":null,"problems":null}"#.to_owned(),
        r#"{"nextPgToken":null,"fileEvents":null,"problems":[]}"#.to_owned(),
    ] {
        assert_eq!(read_one(Reply::ok(body.clone())).await.expect("a page").end.next, None, "{body}");
    }
}

#[tokio::test]
async fn an_empty_page_that_repeats_its_own_token_is_the_end_but_another_token_is_followed() {
    let empty = |token: &str| Reply::ok(format!(r#"{{"fileEvents":[],"nextPgToken":"{token}"}}"#));
    let vendor = ScriptedVendor::replying([empty("e7"), empty("e8"), Reply::ok(page(0..1, r#""e7""#))]).await;
    let source = file_events(&vendor);
    let mut range = range();
    range.cursor = Cursor::Token("e7".into());
    let mut ends = Vec::new();
    for _ in 0..3 {
        ends.push(read(&*source, &range, 10).await.expect("a page").end.next);
    }
    let follow = |token: &str| Some(Cursor::Token(token.into()));
    assert_eq!(ends, [None, follow("e8"), follow("e7")]);
}

#[tokio::test]
async fn counting_asks_for_one_event_by_page_number() {
    let vendor = ScriptedVendor::replying([Reply::ok(page(0..1, "null"))]).await;
    let (from, to) = (range().from, range().to);
    assert_eq!(file_events(&vendor).count(from, to).await.expect("a count"), Some(17));
    let query = vendor.data_requests().remove(0).json();
    assert_eq!((&query["pgSize"], &query["pgNum"], &query["pgToken"]), (&json!(1), &json!(1), &json!(null)));
}

#[tokio::test]
async fn a_compressed_page_is_read_like_a_plain_one() {
    let read = read_one(Reply::ok(page(0..50, "null")).gzip()).await.expect("a page");
    assert_eq!(read.payloads, (0..50).map(event).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_declared_content_type_does_not_matter() {
    let reply = Reply::ok(page(0..2, "null")).header("content-type", "application/octet-stream");
    assert_eq!(read_one(reply).await.expect("a page").payloads.len(), 2);
}

#[tokio::test]
async fn a_bad_event_leaves_its_neighbors_alone() {
    let body = format!(r#"{{"fileEvents":[{},{{"event":{{}}}},{}]}}"#, event(1), event(2));
    let read = read_one(Reply::ok(body)).await.expect("a page");
    assert_eq!((read.payloads, read.undecodable), (vec![event(1), event(2)], 1));
}

#[tokio::test]
async fn a_good_status_without_a_good_answer_is_an_error() {
    for (body, info) in [
        (
            r#"{"fileEvents":null,"problems":[{"type":"SEARCH_FAILED","description":"try later"}]}"#,
            "SEARCH_FAILED: try later",
        ),
        (r#"{"fileEvents":[],"problems":[{"type":"QUERY_TIMEOUT"}]}"#, "QUERY_TIMEOUT"),
        ("<html><body>maintenance</body></html>", "decoding a page: the body is not a JSON object at byte 0"),
        ("", "decoding a page: the body is empty at byte 0"),
        (r#"{"error":"oops"}"#, "the answer has no fileEvents"),
    ] {
        let error = fault_of(Reply::ok(body)).await;
        assert_eq!(
            (error.fault, error.code, error.info.as_str()),
            (SourceFault::ErrorIn200, Some(200), info)
        );
        assert!(error.to_string().starts_with("searching file events at 127.0.0.1: "), "{error}");
    }
}

#[tokio::test]
async fn a_truncated_page_is_refused_at_every_offset_however_it_was_framed() {
    let reply = Reply::ok(page(0..3, r#""e2""#));
    for offset in (0..reply.len()).step_by(7).chain([reply.len() - 1]) {
        let error = fault_of(reply.clone().cut_at(offset)).await;
        assert_eq!(error.fault, SourceFault::BadPayload, "offset {offset}: {error}");
        if offset > 0 {
            let error = fault_of(reply.clone().without_length().cut_at(offset)).await;
            assert_eq!(error.fault, SourceFault::BadPayload, "offset {offset}: {error}");
        }
    }
    let gzip = Reply::ok(page(0..3, r#""e2""#)).gzip();
    let cut = gzip.clone().without_length().cut_at(gzip.len() / 2);
    assert_eq!(fault_of(cut).await.fault, SourceFault::BadPayload);
}

#[tokio::test]
async fn events_before_the_damage_are_handed_on_first() {
    let reply = Reply::ok(page(0..40, "null"));
    let vendor = ScriptedVendor::replying([reply.clone().cut_at(reply.len() / 2)]).await;
    let mut page = file_events(&vendor).fetch_page(&range(), 100).await.expect("a good status");
    let block = page.next_block().await.expect("what came before").expect("a block");
    assert!(block.events.len() > 10);
    assert_eq!(page.next_block().await.expect_err("the damage").fault, SourceFault::BadPayload);
    assert_eq!(page.end(), PageEnd::default());
}

#[tokio::test]
async fn each_refusal_becomes_its_fault_with_the_vendors_words() {
    let problem =
        |kind: &str| format!(r#"{{"fileEvents":null,"problems":[{{"type":"{kind}","description":"why"}}]}}"#);
    for (status, body, fault, info) in [
        (400, problem("INVALID_PAGE_TOKEN"), SourceFault::InvalidCursor, "INVALID_PAGE_TOKEN: why"),
        (400, problem("ILLEGAL_VALUE"), SourceFault::InvalidQuery, "ILLEGAL_VALUE: why"),
        (
            500,
            problem("RESPONSE_CONTENT_TOO_LARGE"),
            SourceFault::TooLarge,
            "RESPONSE_CONTENT_TOO_LARGE: why",
        ),
        (500, problem("SEARCH_FAILED"), SourceFault::Upstream, "SEARCH_FAILED: why"),
        (403, "no\r\nway".to_owned(), SourceFault::Forbidden, "no\\r\\nway"),
        (404, String::new(), SourceFault::Upstream, ""),
        (502, "<html>".to_owned(), SourceFault::Upstream, "<html>"),
        (503, "x".repeat(100_000), SourceFault::Upstream, &"x".repeat(512)),
    ] {
        let error = fault_of(Reply::status(status, body)).await;
        assert_eq!((error.fault, error.code, error.info.as_str()), (fault, Some(status), info));
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let vendor = ScriptedVendor::replying([]).await;
    let elsewhere = format!("http://{}/stolen", vendor.address);
    let reply = Reply::status(302, "").header("location", &elsewhere);
    assert_eq!(fault_of(reply).await.fault, SourceFault::Upstream);
    assert!(vendor.requests().is_empty());
}

#[tokio::test]
async fn a_probe_says_how_many_events_are_visible() {
    let vendor = ScriptedVendor::replying([Reply::ok(page(0..1, "null")), Reply::status(403, "")]).await;
    let client = client(&vendor);
    let probe = || client.probe(Stream::FileEvents, AlertsApi::Sessions, range().from, range().to);
    assert_eq!(probe().await.expect("a count"), 17);
    assert_eq!(probe().await.expect_err("no permission").fault, SourceFault::Forbidden);
}
