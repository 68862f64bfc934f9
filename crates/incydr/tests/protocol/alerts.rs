//! `/v1/alerts/query-alerts` and `/v1/alerts/query-details`.

use incydr_client::client::PageLimits;
use incydr_client::source::{AlertsApi, source};
use incydr_core::source::{PageEnd, Source, SourceFault};
use incydr_core::stream::Stream;
use serde_json::json;

use crate::scripted_vendor::{Reply, ScriptedVendor};
use crate::walk::{client, client_with, options, range, read};

fn summary(id: &str) -> String {
    format!(r#"{{"type$":"ALERT_SUMMARY","id":"{id}","createdAt":"2026-01-10T08:00:25.5198281Z"}}"#)
}

fn detail(id: &str) -> String {
    format!(
        r#"{{"type$":"ALERT_DETAILS","id":"{id}","createdAt":"2026-01-10T08:00:25.5198281Z","observations":[]}}"#
    )
}

fn page(alerts: impl IntoIterator<Item = String>, total: u64) -> Reply {
    let alerts: Vec<_> = alerts.into_iter().collect();
    Reply::ok(format!(r#"{{"alerts":[{}],"totalCount":{total},"problems":[]}}"#, alerts.join(",")))
}

fn details(alerts: impl IntoIterator<Item = String>) -> Reply {
    let alerts: Vec<_> = alerts.into_iter().collect();
    Reply::ok(format!(r#"{{"type$":"ALERT_DETAILS_RESPONSE","alerts":[{}]}}"#, alerts.join(",")))
}

fn customer() -> Reply {
    Reply::ok(r#"{"tenantId":"tenant-7"}"#)
}

fn alerts(vendor: &ScriptedVendor) -> Box<dyn Source> {
    let mut options = options(vendor.address);
    options.page_limits = PageLimits { alert_details: 2, ..PageLimits::default() };
    source(client_with(options), Stream::Alerts, AlertsApi::Alerts)
}

#[tokio::test]
async fn each_alert_is_delivered_with_its_details_which_are_asked_for_in_portions() {
    let summaries = page([summary("a"), summary("b"), summary("c")], 3);
    let portions = [details([detail("b"), detail("a")]), details([detail("c")])];
    let vendor = ScriptedVendor::replying([customer(), summaries].into_iter().chain(portions)).await;
    let read = read(&*alerts(&vendor), &range(), 10_000).await.expect("a page");
    assert_eq!(read.payloads, [detail("b"), detail("a"), detail("c")]);
    assert_eq!(read.end, PageEnd { next: None, total_count: Some(3) });
    let requests = vendor.data_requests();
    let targets: Vec<_> = requests.iter().map(|request| request.target.as_str()).collect();
    let (query, ask) = ("/v1/alerts/query-alerts", "/v1/alerts/query-details");
    assert_eq!(targets, ["/v1/customer", query, ask, ask]);
    let filters = json!([
        {"term": "CreatedAt", "operator": "ON_OR_AFTER", "value": "2026-01-10T08:00:00.000Z"},
        {"term": "CreatedAt", "operator": "ON_OR_BEFORE", "value": "2026-01-10T08:01:00.000Z"},
    ]);
    let expected = json!({
        "tenantId": "tenant-7", "groups": [{"filterClause": "AND", "filters": filters}], "groupClause": "AND",
        "pgNum": 0, "pgSize": 500, "srtKey": "CreatedAt", "srtDirection": "ASC",
    });
    assert_eq!(requests[1].json(), expected);
    assert_eq!(requests[2].json(), json!({"alertIds": ["a", "b"]}));
    assert_eq!(requests[3].json(), json!({"alertIds": ["c"]}));
}

#[tokio::test]
async fn an_alert_that_belongs_to_the_next_span_is_left_to_it() {
    let next = summary("b").replace("08:00:25.5198281", "08:01:00.0000000");
    let script = [customer(), page([summary("a"), next], 2), details([detail("a")])];
    let vendor = ScriptedVendor::replying(script).await;
    let read = read(&*alerts(&vendor), &range(), 10_000).await.expect("a page");
    assert_eq!(read.payloads, [detail("a")]);
    assert_eq!(read.end, PageEnd::default());
}

#[tokio::test]
async fn missing_details_are_asked_for_once_more() {
    let script =
        [customer(), page([summary("a"), summary("b")], 2), details([detail("a")]), details([detail("b")])];
    let vendor = ScriptedVendor::replying(script).await;
    let read = read(&*alerts(&vendor), &range(), 100).await.expect("a page");
    assert_eq!(read.payloads, [detail("a"), detail("b")]);
    assert_eq!(vendor.data_requests().remove(3).json(), json!({"alertIds": ["b"]}));
}

#[tokio::test]
async fn an_alert_whose_details_never_come_fails_the_page() {
    let script = [customer(), page([summary("a")], 1), details([]), details([])];
    let vendor = ScriptedVendor::replying(script).await;
    let error = read(&*alerts(&vendor), &range(), 100).await.expect_err("an error");
    assert_eq!(error.fault, SourceFault::BadPayload);
    assert_eq!(error.info, "the details of 1 alerts did not come");
}

#[tokio::test]
async fn details_that_cannot_be_decoded_are_kept_as_they_came() {
    let broken = || details([detail("a"), r#"{"id":"b","createdAt":"yesterday"}"#.to_owned()]);
    let script = [customer(), page([summary("a"), summary("b")], 2), broken(), broken()];
    let vendor = ScriptedVendor::replying(script).await;
    let read = read(&*alerts(&vendor), &range(), 100).await.expect("a page");
    assert_eq!((read.payloads, read.undecodable), (vec![detail("a")], 1));
}

#[tokio::test]
async fn a_summary_that_cannot_be_decoded_is_kept_as_it_came() {
    let nameless = r#"{"createdAt":"2026-01-10T08:00:25Z"}"#.to_owned();
    let script = [customer(), page([nameless, summary("a")], 2), details([detail("a")])];
    let vendor = ScriptedVendor::replying(script).await;
    let read = read(&*alerts(&vendor), &range(), 100).await.expect("a page");
    assert_eq!((read.payloads, read.undecodable), (vec![detail("a")], 1));
}

#[tokio::test]
async fn problems_beside_a_good_status_are_an_error() {
    let reply = Reply::ok(r#"{"alerts":null,"problems":[{"type":"SearchFailed","badFilter":"x"}]}"#);
    let vendor = ScriptedVendor::replying([customer(), reply]).await;
    let error = read(&*alerts(&vendor), &range(), 100).await.expect_err("an error");
    assert_eq!((error.fault, error.info.as_str()), (SourceFault::ErrorIn200, "SearchFailed"));
}

#[tokio::test]
async fn a_probe_counts_the_alerts_without_their_details() {
    let vendor = ScriptedVendor::replying([customer(), page([summary("a")], 33)]).await;
    let (from, to) = (range().from, range().to);
    let probed = client(&vendor).probe(Stream::Alerts, AlertsApi::Alerts, from, to).await;
    assert_eq!(probed.expect("a count"), 33);
    assert_eq!(vendor.data_requests().len(), 2);
}
