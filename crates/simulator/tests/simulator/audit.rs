//! Searching the audit log.

use std::time::Duration;

use incydr_simulator::{
    Clock, DataOptions, GivenRecord, IncydrBehavior, IncydrOptions, LargePage, Moment, RateOptions,
    RecordKind, SimulatedIncydr, Visibility,
};
use serde_json::{Value, json};

use crate::client::{post, search, token};

const NOW: i64 = 1_768_000_000_000;

struct Auditor {
    incydr: SimulatedIncydr,
    clock: Clock,
    token: String,
}

impl Auditor {
    async fn start(audit_rows: u64, audit_visibility: Visibility, behavior: IncydrBehavior) -> Self {
        let clock = Clock::manual(Moment::from_millis(NOW));
        let incydr = SimulatedIncydr::start(IncydrOptions {
            clock: clock.clone(),
            data: DataOptions { audit_rows, audit_visibility, ..DataOptions::default() },
            rate: RateOptions { per_minute: None, ..RateOptions::default() },
            behavior,
            ..IncydrOptions::default()
        })
        .await
        .unwrap();
        let token = token(&incydr).await;
        Self { incydr, clock, token }
    }

    async fn search(&self, body: &Value) -> (u16, Value) {
        let reply = post(&self.incydr, &self.token, "/v1/audit/search-audit-log", body).await;
        (reply.status, reply.json())
    }

    async fn times(&self, body: &Value) -> Vec<Moment> {
        let (_, page) = self.search(body).await;
        let rows = page["events"].as_array().cloned().unwrap_or_default();
        rows.iter().map(|row| Moment::parse(row["timestamp"].as_str().unwrap()).unwrap()).collect()
    }

    async fn count(&self, body: &Value) -> u64 {
        let reply = post(&self.incydr, &self.token, "/v1/audit/search-results-count", body).await;
        reply.json()["totalResultCount"].as_u64().unwrap()
    }
}

#[tokio::test]
async fn pages_count_from_zero_and_the_one_past_the_end_has_no_events() {
    let auditor = Auditor::start(250, Visibility::immediate(), IncydrBehavior::default()).await;
    let total = auditor.count(&json!({})).await;
    assert!((250..260).contains(&total), "a few rows have twins");
    let (_, page) = auditor.search(&json!({"page": 2, "pageSize": 100, "dateRange": null})).await;
    assert_eq!(page["events"].as_array().unwrap().len() as u64, total - 200);
    assert_eq!(
        (&page["paginationRangeStartIndex"], &page["paginationRangeEndIndex"]),
        (&json!(200), &json!(total))
    );
    assert_eq!(page.get("totalResultCount"), None);
    let (status, past) = auditor.search(&json!({"page": 3, "pageSize": 100})).await;
    assert_eq!(status, 200);
    assert_eq!(
        past,
        json!({"paginationRangeStartIndex": 300, "paginationRangeEndIndex": 300, "totalResultCount": total})
    );
}

#[tokio::test]
async fn newest_rows_come_first_unless_switched() {
    for audit_oldest_first in [false, true] {
        let behavior =
            IncydrBehavior { audit_oldest_first, audit_end_lacks_events: false, ..IncydrBehavior::default() };
        let auditor = Auditor::start(100, Visibility::immediate(), behavior).await;
        let times = auditor.times(&json!({"page": 0, "pageSize": 10_000})).await;
        let ordered = if audit_oldest_first { times.is_sorted() } else { times.iter().rev().is_sorted() };
        assert!(ordered);
        let (_, past) = auditor.search(&json!({"page": 9, "pageSize": 100})).await;
        assert_eq!(past["events"], json!([]));
    }
}

#[tokio::test]
async fn both_ends_of_the_date_range_are_inclusive_in_every_form() {
    let auditor = Auditor::start(0, Visibility::immediate(), IncydrBehavior::default()).await;
    let rows = ["08:00:00.000001Z", "08:00:01.5Z", "08:00:03Z"].map(|time| {
        let row = json!({"type$": "audit_log::logged_in/1", "timestamp": format!("2026-01-10T{time}")});
        GivenRecord::audit(row.to_string()).unwrap()
    });
    auditor.incydr.add_audit_rows(rows, Moment::default());
    let start = 1_768_032_000.000_001;
    for (from, to, expected) in [
        (json!(start), json!(start + 1.499_999), 2),
        (json!("2026-01-10T08:00:00.000001Z"), json!("2026-01-10T08:00:01.500000Z"), 2),
        (json!("2026-01-10T08:00:00.000002Z"), json!("2026-01-10T08:00:03.000Z"), 2),
        (Value::Null, json!(1_768_032_003), 3),
    ] {
        let body = json!({"page": 0, "pageSize": 100, "dateRange": {"startTime": from, "endTime": to}});
        assert_eq!(auditor.count(&body).await, expected, "{body}");
    }
    assert_eq!(auditor.search(&json!({"dateRange": {"startTime": "now"}})).await.0, 400);
}

#[tokio::test]
async fn lists_mean_any_inside_and_all_between() {
    let auditor = Auditor::start(300, Visibility::immediate(), IncydrBehavior::default()).await;
    let (_, page) = auditor.search(&json!({"pageSize": 10_000})).await;
    let rows = page["events"].as_array().unwrap();
    let is =
        |row: &Value, name: &str| row["type$"].as_str().unwrap().starts_with(&format!("audit_log::{name}/"));
    let expected = rows.iter().filter(|row| is(row, "logged_in") || is(row, "file_download")).count();
    let types = json!({"eventTypes": ["logged_in", "file_download"], "userTypes": ["USER"], "actorIds": []});
    assert_eq!(auditor.count(&types).await, expected as u64);
    let contradiction = json!({"eventTypes": ["logged_in"], "userTypes": ["SYSTEM"]});
    assert_eq!(auditor.count(&contradiction).await, 0);
}

#[tokio::test]
async fn a_page_above_the_limit_is_refused_or_cut() {
    let body = json!({"page": 0, "pageSize": 10_001});
    let auditor = Auditor::start(0, Visibility::immediate(), IncydrBehavior::default()).await;
    assert_eq!(auditor.search(&body).await.0, 400);
    let behavior = IncydrBehavior { large_audit_page: LargePage::Cut, ..IncydrBehavior::default() };
    let auditor = Auditor::start(0, Visibility::immediate(), behavior).await;
    assert_eq!(auditor.search(&body).await.0, 200);
}

#[tokio::test]
async fn rows_can_turn_up_behind_newer_ones() {
    let auditor = Auditor::start(8_000, Visibility::within(300.0), IncydrBehavior::default()).await;
    let body = json!({"page": 0, "pageSize": 10_000});
    let before = auditor.times(&body).await;
    auditor.clock.advance(Duration::from_secs(300));
    let after = auditor.times(&body).await;
    assert!(after.len() > before.len());
    let newest_before = before[0];
    let older = |times: &[Moment]| times.iter().filter(|&&at| at < newest_before).count();
    assert!(older(&after) > older(&before));
}

#[tokio::test]
async fn searches_leave_rows_behind_only_if_switched() {
    for searches_are_audited in [false, true] {
        let behavior = IncydrBehavior { searches_are_audited, ..IncydrBehavior::default() };
        let auditor = Auditor::start(0, Visibility::immediate(), behavior).await;
        let request = search(10, "");
        post(&auditor.incydr, &auditor.token, "/v2/file-events", &request).await;
        let (_, page) = auditor.search(&json!({"pageSize": 10})).await;
        match page["events"].as_array() {
            None => assert!(!searches_are_audited),
            Some(rows) => {
                assert_eq!((rows.len(), &rows[0]["type$"]), (1, &json!("audit_log::search_issued/1")));
                assert_eq!(rows[0]["requestJson"], json!(request.to_string()));
                let truth = auditor.incydr.truth();
                assert_eq!(truth.of_kind(RecordKind::AuditRow).count(), 1);
            }
        }
    }
}
