//! `/v1/sessions`.

use incydr_client::source::{AlertsApi, source};
use incydr_core::checkpoint::Cursor;
use incydr_core::source::{PageEnd, Source, SourceFault};
use incydr_core::stream::Stream;

use crate::scripted_vendor::{Reply, ScriptedVendor};
use crate::walk::{at, client, range, read};

/// The first millisecond of the range.
const BEGIN: i64 = 1_768_032_000_000;

fn session(begin: i64) -> String {
    format!(r#"{{"sessionId":"a_{begin}","beginTime":{begin},"endTime":1768035568279}}"#)
}

fn page(begins: impl IntoIterator<Item = i64>, total: u64) -> Reply {
    let items: Vec<_> = begins.into_iter().map(session).collect();
    Reply::ok(format!(r#"{{"items":[{}],"totalCount":{total}}}"#, items.join(",")))
}

fn sessions(vendor: &ScriptedVendor) -> Box<dyn Source> {
    source(client(vendor), Stream::Alerts, AlertsApi::Sessions)
}

#[tokio::test]
async fn a_page_asks_for_sessions_that_begin_in_the_range_with_its_last_millisecond() {
    let vendor = ScriptedVendor::replying([page([BEGIN + 5, BEGIN], 2)]).await;
    let read = read(&*sessions(&vendor), &range(), 10_000).await.expect("a page");
    assert_eq!(read.payloads, [session(BEGIN + 5), session(BEGIN)]);
    assert_eq!(read.end, PageEnd { next: None, total_count: Some(2) });
    let request = vendor.data_requests().remove(0);
    assert_eq!(request.method, "GET");
    assert_eq!(
        request.target,
        "/v1/sessions?on_or_after=1768032000000&before=1768032060000&has_alerts=true&order_by=end_time\
         &sort_direction=DESC&page_number=0&page_size=50"
    );
}

#[tokio::test]
async fn a_span_with_more_sessions_than_a_page_is_halved_and_the_walk_goes_on_at_its_end() {
    let crowded = || page((0..50).map(|at| BEGIN + at), 120);
    let vendor = ScriptedVendor::replying([crowded(), crowded(), page([BEGIN + 9], 1)]).await;
    let read = read(&*sessions(&vendor), &range(), 10_000).await.expect("a page");
    assert_eq!(read.payloads, [session(BEGIN + 9)]);
    let next = Some(Cursor::At(at("2026-01-10T08:00:15Z")));
    assert_eq!(read.end, PageEnd { next, total_count: None });
    let ends: Vec<_> = vendor.data_requests().iter().map(|request| request.target.clone()).collect();
    for (target, before) in ends.iter().zip(["1768032060000", "1768032030000", "1768032015000"]) {
        assert!(target.contains(&format!("before={before}&")), "{target}");
    }
}

#[tokio::test]
async fn a_page_that_the_vendor_made_smaller_than_asked_is_not_taken_for_the_end() {
    let vendor = ScriptedVendor::replying([page([BEGIN], 2), page([BEGIN], 1)]).await;
    let read = read(&*sessions(&vendor), &range(), 50).await.expect("a page");
    assert!(read.end.next.is_some());
}

#[tokio::test]
async fn a_session_that_changed_is_the_same_thing_in_another_version() {
    let changed = session(BEGIN).replace("1768035568279", "1768035568280");
    let changed = Reply::ok(format!(r#"{{"items":[{changed}],"totalCount":1}}"#));
    let vendor = ScriptedVendor::replying([page([BEGIN], 1), changed]).await;
    let source = sessions(&vendor);
    let mut ids = Vec::new();
    for _ in 0..2 {
        let mut page = source.fetch_page(&range(), 50).await.expect("a page");
        ids.push(page.next_block().await.expect("a block").expect("a session").events[0].id);
    }
    assert_eq!(ids[0].key, ids[1].key);
    assert_ne!(ids[0].version, ids[1].version);
}

#[tokio::test]
async fn counting_asks_for_one_session_and_takes_the_total() {
    let vendor = ScriptedVendor::replying([page([BEGIN], 77), page([BEGIN], 77)]).await;
    let (from, to) = (range().from, range().to);
    assert_eq!(sessions(&vendor).count(from, to).await.expect("a count"), Some(77));
    assert!(vendor.data_requests()[0].target.ends_with("page_number=0&page_size=1"));
    let probed = client(&vendor).probe(Stream::Alerts, AlertsApi::Sessions, from, to).await;
    assert_eq!(probed.expect("a count"), 77);
}

#[tokio::test]
async fn the_vendors_message_is_told() {
    let vendor = ScriptedVendor::replying([Reply::status(400, r#"{"msg":"bad sort_direction"}"#)]).await;
    let error = read(&*sessions(&vendor), &range(), 50).await.expect_err("a refusal");
    assert_eq!(
        (error.fault, error.info.as_str()),
        (SourceFault::InvalidQuery, r#"{"msg":"bad sort_direction"}"#)
    );
}

#[tokio::test]
async fn an_answer_without_items_is_an_error() {
    let vendor = ScriptedVendor::replying([Reply::ok(r#"{"totalCount":0}"#)]).await;
    let error = read(&*sessions(&vendor), &range(), 50).await.expect_err("an error");
    assert_eq!((error.fault, error.info.as_str()), (SourceFault::ErrorIn200, "the answer has no items"));
}
