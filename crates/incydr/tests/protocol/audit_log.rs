//! `/v1/audit/search-audit-log`.

use incydr_client::client::{Client, PageLimits};
use incydr_client::source::{AlertsApi, source};
use incydr_core::checkpoint::Cursor;
use incydr_core::source::{PageEnd, Source, SourceFault};
use incydr_core::stream::Stream;
use serde_json::json;
use std::sync::Arc;

use crate::scripted_vendor::{Reply, ScriptedVendor};
use crate::walk::{at, client, client_with, options, range, read};

fn row(timestamp: &str, actor: u32) -> String {
    format!(r#"{{"type$":"audit_log::logged_in/1","actorId":"{actor}","timestamp":"{timestamp}"}}"#)
}

fn page(rows: &[String]) -> Reply {
    let (rows, count) = (rows.join(","), rows.len());
    Reply::ok(format!(
        r#"{{"events":[{rows}],"paginationRangeStartIndex":0,"paginationRangeEndIndex":{count}}}"#
    ))
}

fn audit_log(client: Arc<Client>) -> Box<dyn Source> {
    source(client, Stream::AuditLogs, AlertsApi::Sessions)
}

#[tokio::test]
async fn a_page_asks_in_seconds_for_a_little_more_than_the_range_and_leaves_the_rest_to_its_neighbors() {
    let inside = [row("2026-01-10T08:00:59.999999999Z", 1), row("2026-01-10T08:00:00Z", 2)];
    let outside = [row("2026-01-10T08:01:00Z", 3), row("2026-01-10T07:59:59.999999999Z", 4)];
    let vendor = ScriptedVendor::replying([page(&[inside.clone(), outside].concat())]).await;
    let read = read(&*audit_log(client(&vendor)), &range(), 20_000).await.expect("a page");
    assert_eq!(read.payloads, inside);
    assert_eq!(read.end, PageEnd { next: None, total_count: None });
    let request = vendor.data_requests().remove(0);
    assert_eq!((request.method.as_str(), request.target.as_str()), ("POST", "/v1/audit/search-audit-log"));
    let date_range = json!({"startTime": 1_768_031_999.999, "endTime": 1_768_032_060.001});
    assert_eq!(request.json(), json!({"page": 0, "pageSize": 10_000, "dateRange": date_range}));
}

#[tokio::test]
async fn a_page_without_rows_lacks_their_key_and_is_empty_all_the_same() {
    let keyless = r#"{"paginationRangeStartIndex":0,"paginationRangeEndIndex":0,"totalResultCount":1593}"#;
    let vendor = ScriptedVendor::replying([Reply::ok(keyless)]).await;
    let read = read(&*audit_log(client(&vendor)), &range(), 100).await.expect("a page");
    assert_eq!((read.payloads.len(), read.end), (0, PageEnd::default()));
}

#[tokio::test]
async fn an_answer_that_is_no_page_is_an_error() {
    let vendor = ScriptedVendor::replying([Reply::ok(r#"{"message":"sorry"}"#)]).await;
    let error = read(&*audit_log(client(&vendor)), &range(), 100).await.expect_err("an error");
    assert_eq!(error.fault, SourceFault::ErrorIn200);
}

#[tokio::test]
async fn two_identical_actions_at_one_instant_stay_two_rows() {
    let twin = row("2026-01-10T08:00:07Z", 1);
    let vendor = ScriptedVendor::replying([page(&[twin.clone(), twin])]).await;
    let source = audit_log(client(&vendor));
    let mut page = source.fetch_page(&range(), 100).await.expect("a page");
    let block = page.next_block().await.expect("a block").expect("two rows");
    assert_eq!(block.events.len(), 2);
    assert_ne!(block.events[0].id, block.events[1].id);
}

#[tokio::test]
async fn a_full_page_may_hide_rows_so_half_the_span_is_asked_for() {
    let rows: Vec<_> = (0..3).map(|second| row(&format!("2026-01-10T08:00:0{second}Z"), second)).collect();
    let vendor = ScriptedVendor::replying([page(&rows), page(&rows[..2])]).await;
    let mut options = options(vendor.address);
    options.page_limits = PageLimits { audit_log: 3, ..PageLimits::default() };
    let read = read(&*audit_log(client_with(options)), &range(), 100).await.expect("a page");
    assert_eq!(read.payloads, rows[..2]);
    assert_eq!(read.end.next, Some(Cursor::At(at("2026-01-10T08:00:30Z"))));
    let end = vendor.data_requests().remove(1).json()["dateRange"]["endTime"].clone();
    assert_eq!(end, json!(1_768_032_030.001));
}

#[tokio::test]
async fn a_round_number_of_rows_is_counted_for_the_vendor_may_have_lowered_its_limit() {
    let rows: Vec<_> = (0..100).map(|actor| row("2026-01-10T08:00:07Z", actor)).collect();
    let count = |total: u64| Reply::ok(json!({ "totalResultCount": total }).to_string());
    let vendor = ScriptedVendor::replying([page(&rows), count(150), page(&rows), count(100)]).await;
    let read = read(&*audit_log(client(&vendor)), &range(), 10_000).await.expect("a page");
    assert_eq!(read.payloads, rows);
    assert_eq!(read.end.next, Some(Cursor::At(at("2026-01-10T08:00:30Z"))), "half the span, then it fits");
    let requests = vendor.data_requests();
    let targets: Vec<_> = requests.iter().map(|request| request.target.as_str()).collect();
    let (search, total) = ("/v1/audit/search-audit-log", "/v1/audit/search-results-count");
    assert_eq!(targets, [search, total, search, total]);
    assert_eq!(requests[1].json()["dateRange"], requests[0].json()["dateRange"]);
}

#[tokio::test]
async fn a_crowded_millisecond_is_walked_by_page_number_until_two_walks_agree() {
    let rows: Vec<_> = (0..3).map(|actor| row("2026-01-10T08:00:00.0005Z", actor)).collect();
    let first_walk = [page(&rows[..2]), page(&rows[1..2])];
    let good_walk = || [page(&rows[..2]), page(&rows[2..])];
    let script = [page(&rows[..2])].into_iter().chain(first_walk).chain(good_walk()).chain(good_walk());
    let vendor = ScriptedVendor::replying(script).await;
    let mut options = options(vendor.address);
    options.page_limits = PageLimits { audit_log: 2, ..PageLimits::default() };
    let mut range = range();
    range.to = range.from;
    let read = read(&*audit_log(client_with(options)), &range, 100).await.expect("a page");
    assert_eq!(read.payloads, rows);
    let numbers: Vec<_> =
        vendor.data_requests().iter().map(|request| request.json()["page"].clone()).collect();
    assert_eq!(numbers, [0, 0, 1, 0, 1, 0, 1]);
}

#[tokio::test]
async fn nothing_is_counted_but_a_probe_sees_whether_there_is_a_row() {
    let rows = [row("2026-01-10T08:00:00Z", 1)];
    let vendor = ScriptedVendor::replying([page(&rows)]).await;
    let client = client(&vendor);
    let (from, to) = (range().from, range().to);
    assert_eq!(audit_log(Arc::clone(&client)).count(from, to).await.expect("no count"), None);
    assert_eq!(client.probe(Stream::AuditLogs, AlertsApi::Sessions, from, to).await.expect("a row"), 1);
    assert_eq!(vendor.data_requests().remove(0).json()["pageSize"], 1);
}
