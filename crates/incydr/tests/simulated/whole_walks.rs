//! A day of records, walked on small pages.

use std::collections::BTreeMap;
use std::sync::Arc;

use incydr_client::client::{Client, ClientOptions, PageLimits};
use incydr_client::rate_limit::RateBudget;
use incydr_client::source::{AlertsApi, source};
use incydr_core::checkpoint::{Cursor, WalkRange};
use incydr_core::secret::Secret;
use incydr_core::source::Source;
use incydr_core::stream::Stream;
use incydr_core::timestamp::Timestamp;
use incydr_simulator::{
    ApiClient, Clock, DataOptions, Digest, IncydrBehavior, IncydrOptions, Moment, RateOptions, RecordKind,
    SimulatedIncydr, Visibility,
};

const LIMITS: PageLimits =
    PageLimits { file_events: 97, sessions: 7, alerts: 11, alert_details: 5, audit_log: 23 };

async fn vendor(behavior: IncydrBehavior) -> SimulatedIncydr {
    let data = DataOptions {
        file_events: 1_000,
        sessions: 300,
        audit_rows: 700,
        event_visibility: Visibility::immediate(),
        audit_visibility: Visibility::immediate(),
        ..DataOptions::default()
    };
    let clock = Clock::manual(Moment::parse("2026-01-10T08:00:00Z").expect("a moment"));
    let rate = RateOptions { per_minute: None, ..RateOptions::default() };
    let options = IncydrOptions { clock, rate, data, behavior, ..IncydrOptions::default() };
    SimulatedIncydr::start(options).await.expect("a server")
}

fn client(vendor: &SimulatedIncydr) -> Arc<Client> {
    let ApiClient { id, secret, .. } = ApiClient::default();
    let base_url = vendor.base_url().parse().expect("a URL");
    let options =
        ClientOptions { page_limits: LIMITS, ..ClientOptions::new(base_url, id, Secret::new(secret)) };
    Arc::new(Client::new(options, Arc::new(RateBudget::in_memory(100_000))).expect("a client"))
}

fn whole_week() -> WalkRange {
    let at = |text: &str| Timestamp::parse(text.as_bytes()).expect("a timestamp");
    WalkRange::new(0, at("2026-01-04T00:00:00Z"), at("2026-01-11T00:00:00Z"), true)
}

/// How often each document is there, by the digest of its bytes.
type Documents = BTreeMap<String, u32>;

fn note(documents: &mut Documents, digest: Digest) {
    *documents.entry(format!("{digest:?}")).or_default() += 1;
}

/// Everything that a walk gives; no identity may come twice.
async fn walk(source: &dyn Source) -> Documents {
    let mut range = whole_week();
    let mut met = std::collections::HashSet::new();
    let mut documents = Documents::new();
    loop {
        let mut page = source.fetch_page(&range, 10_000).await.expect("a page");
        while let Some(block) = page.next_block().await.expect("a block") {
            assert!(block.undecodable.is_empty());
            for entry in &block.events {
                assert!(met.insert(entry.id), "an identity was given twice");
                note(&mut documents, Digest::of_line(block.payload(entry)));
            }
        }
        match page.end().next {
            Some(next) => range.cursor = next,
            None => return documents,
        }
    }
}

fn truth(vendor: &SimulatedIncydr, kind: RecordKind) -> Documents {
    let mut documents = Documents::new();
    for entry in vendor.truth().of_kind(kind) {
        note(&mut documents, entry.digest);
    }
    documents
}

#[tokio::test]
async fn all_file_events_are_walked_by_token_whatever_ends_the_walk() {
    for empty_events_are_null in [false, true] {
        let vendor = vendor(IncydrBehavior { empty_events_are_null, ..IncydrBehavior::default() }).await;
        let source = source(client(&vendor), Stream::FileEvents, AlertsApi::Sessions);
        let documents = walk(&*source).await;
        assert_eq!(documents.len(), 1_000);
        assert!(documents == truth(&vendor, RecordKind::FileEvent));
        let range = whole_week();
        assert_eq!(source.count(range.from, range.to).await, Ok(Some(1_000)));
        vendor.stop().await;
    }
}

#[tokio::test]
async fn a_walk_may_be_reopened_by_time_and_go_on_by_token() {
    let vendor = vendor(IncydrBehavior::default()).await;
    let source = source(client(&vendor), Stream::FileEvents, AlertsApi::Sessions);
    let mut range = whole_week();
    range.cursor = Cursor::At(Timestamp::parse(b"2026-01-10T00:00:00Z").expect("a timestamp"));
    let mut page = source.fetch_page(&range, 50).await.expect("a page");
    let first = page.next_block().await.expect("a block").expect("events").events[0];
    assert!(Cursor::At(first.time) != range.cursor && first.time.since(range.from).as_secs() > 6 * 86_400);
    while page.next_block().await.expect("a block").is_some() {}
    range.cursor = page.end().next.expect("a token");
    let mut page = source.fetch_page(&range, 50).await.expect("the next page");
    let next = page.next_block().await.expect("a block").expect("events").events[0];
    assert!(next.time > first.time);
    vendor.stop().await;
}

#[tokio::test]
async fn all_sessions_with_alerts_are_met_once() {
    let vendor = vendor(IncydrBehavior::default()).await;
    let source = source(client(&vendor), Stream::Alerts, AlertsApi::Sessions);
    let documents = walk(&*source).await;
    let range = whole_week();
    let counted = source.count(range.from, range.to).await.expect("a count").expect("a number");
    assert!(counted > 50);
    assert_eq!(documents.len() as u64, counted);
    let truth = truth(&vendor, RecordKind::Session);
    assert!(documents.keys().all(|document| truth.contains_key(document)));
    vendor.stop().await;
}

#[tokio::test]
async fn all_alerts_are_met_once_with_their_details() {
    let vendor = vendor(IncydrBehavior::default()).await;
    let source = source(client(&vendor), Stream::Alerts, AlertsApi::Alerts);
    let documents = walk(&*source).await;
    assert!(documents.len() > 50);
    assert!(documents == truth(&vendor, RecordKind::Alert));
    vendor.stop().await;
}

#[tokio::test]
async fn all_audit_rows_are_met_once_in_whatever_order_the_vendor_lists_them() {
    for audit_oldest_first in [false, true] {
        let behavior = IncydrBehavior {
            audit_oldest_first,
            audit_end_lacks_events: true,
            searches_are_audited: false,
            ..IncydrBehavior::default()
        };
        let vendor = vendor(behavior).await;
        let documents = walk(&*source(client(&vendor), Stream::AuditLogs, AlertsApi::Sessions)).await;
        assert!(documents.values().any(|&times| times == 2), "some rows have a twin, byte for byte");
        assert!(documents == truth(&vendor, RecordKind::AuditRow));
        vendor.stop().await;
    }
}

#[tokio::test]
async fn tokens_that_are_revoked_between_pages_are_renewed_unnoticed() {
    let vendor = vendor(IncydrBehavior::default()).await;
    let client = client(&vendor);
    client.authenticate().await.expect("a token");
    vendor.revoke_tokens();
    let source = source(client, Stream::FileEvents, AlertsApi::Sessions);
    assert_eq!(walk(&*source).await.len(), 1_000);
    vendor.stop().await;
}
