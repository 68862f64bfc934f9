//! The budget of requests, as seen on the wire.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use incydr_client::client::Client;
use incydr_client::rate_limit::{RateBudget, Reservation, Reserve};
use incydr_client::source::{AlertsApi, source};
use incydr_core::ledger::{LedgerError, LedgerFault};
use incydr_core::source::{SourceError, SourceFault};
use incydr_core::stream::Stream;

use crate::scripted_vendor::{Reply, ScriptedVendor};
use crate::walk::{client_with, options, range, read};

async fn read_file_events(client: Client) -> Result<(), SourceError> {
    let source = source(Arc::new(client), Stream::FileEvents, AlertsApi::Sessions);
    read(&*source, &range(), 10).await.map(drop)
}

#[tokio::test]
async fn every_request_is_reserved_before_it_is_sent_the_one_for_the_token_included() {
    let vendor = ScriptedVendor::replying([Reply::ok(r#"{"fileEvents":[]}"#)]).await;
    let reserved = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&reserved);
    let reserve: Reserve = Box::new(move |limit| -> Reservation {
        assert_eq!(limit, 77);
        counter.fetch_add(1, Ordering::Relaxed);
        Box::pin(std::future::ready(Ok(Duration::ZERO)))
    });
    let budget = Arc::new(RateBudget::new(77, reserve));
    read_file_events(Client::new(options(vendor.address), budget).expect("a client")).await.expect("a page");
    assert_eq!((reserved.load(Ordering::Relaxed), vendor.requests().len()), (2, 2));
}

#[tokio::test]
async fn nothing_is_sent_while_the_budget_cannot_be_recorded() {
    let vendor = ScriptedVendor::replying([]).await;
    let reserve: Reserve = Box::new(|_| {
        let attempt = "recording a request".to_owned();
        let error = LedgerError { attempt, fault: LedgerFault::Io, info: String::new() };
        Box::pin(std::future::ready(Err(error)))
    });
    let budget = Arc::new(RateBudget::new(100, reserve));
    let client = Client::new(options(vendor.address), budget).expect("a client");
    let error = read_file_events(client).await.expect_err("no budget");
    assert_eq!(error.fault, SourceFault::BudgetUnavailable { tracker: "StorageIo" });
    assert!(vendor.requests().is_empty());
}

#[tokio::test]
async fn too_many_requests_are_told_with_the_wait_that_the_vendor_names() {
    let dated = ("Sun, 06 Nov 1994 08:49:07 GMT", "Sun, 06 Nov 1994 08:49:37 GMT");
    for (date, value, wait) in [
        ("", "0", Some(0)),
        ("", "1", Some(1)),
        ("", "60", Some(60)),
        ("", "86400", Some(900)),
        ("", "-5", None),
        ("", "soon", None),
        (dated.0, dated.1, Some(30)),
    ] {
        let reply = Reply::status(429, "").header("retry-after", value).header("date", date);
        let vendor = ScriptedVendor::replying([reply]).await;
        let client = client_with(options(vendor.address));
        let source = source(client, Stream::FileEvents, AlertsApi::Sessions);
        let error = read(&*source, &range(), 10).await.expect_err("too many requests");
        assert_eq!(error.fault, SourceFault::RateLimited);
        assert_eq!(error.retry_after, wait.map(Duration::from_secs), "{value}");
    }
}

#[tokio::test]
async fn the_wait_that_the_vendor_names_holds_all_streams_and_no_wait_halves_their_pace() {
    let named = Reply::status(429, "").header("retry-after", "30");
    let vendor = ScriptedVendor::replying([Reply::status(429, ""), named]).await;
    let budget = Arc::new(RateBudget::in_memory(100));
    let client = Arc::new(Client::new(options(vendor.address), Arc::clone(&budget)).expect("a client"));
    let file_events = source(Arc::clone(&client), Stream::FileEvents, AlertsApi::Sessions);
    read(&*file_events, &range(), 10).await.expect_err("too many requests");
    assert_eq!(budget.requests_per_minute(), 50);
    read(&*file_events, &range(), 10).await.expect_err("too many requests");
    assert_eq!(budget.requests_per_minute(), 50);
    let sent = vendor.requests().len();
    let sessions = source(client, Stream::Alerts, AlertsApi::Sessions);
    tokio::time::pause();
    tokio::time::timeout(Duration::from_secs(29), read(&*sessions, &range(), 10))
        .await
        .expect_err("the other stream holds");
    assert_eq!(vendor.requests().len(), sent);
}

#[tokio::test]
async fn a_service_that_is_unavailable_may_name_a_wait_too() {
    let vendor = ScriptedVendor::replying([Reply::status(503, "").header("retry-after", "7")]).await;
    let source = source(client_with(options(vendor.address)), Stream::FileEvents, AlertsApi::Sessions);
    let error = read(&*source, &range(), 10).await.expect_err("unavailable");
    assert_eq!((error.fault, error.retry_after), (SourceFault::Upstream, Some(Duration::from_secs(7))));
}
