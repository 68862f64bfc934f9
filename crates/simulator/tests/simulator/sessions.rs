//! Listing sessions.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use incydr_simulator::{
    Clock, DataOptions, GivenRecord, IncydrBehavior, IncydrOptions, LargePage, Moment, RateOptions,
    RecordKind, SimulatedIncydr,
};
use serde_json::{Value, json};

use crate::client::{get, token};

const NOW: i64 = 1_768_000_000_000;

struct Lister {
    incydr: SimulatedIncydr,
    clock: Clock,
    token: String,
}

impl Lister {
    async fn start(sessions: u64, behavior: IncydrBehavior) -> Self {
        let clock = Clock::manual(Moment::from_millis(NOW));
        let incydr = SimulatedIncydr::start(IncydrOptions {
            clock: clock.clone(),
            data: DataOptions { sessions, ..DataOptions::default() },
            rate: RateOptions { per_minute: None, ..RateOptions::default() },
            token_lifetime: Duration::from_secs(1_000_000),
            behavior,
            ..IncydrOptions::default()
        })
        .await
        .unwrap();
        let token = token(&incydr).await;
        Self { incydr, clock, token }
    }

    async fn list(&self, query: &str) -> (u16, Value) {
        let reply = get(&self.incydr, &self.token, &format!("/v1/sessions?{query}")).await;
        (reply.status, reply.json())
    }

    async fn items(&self, query: &str) -> Vec<Value> {
        let (status, body) = self.list(query).await;
        assert_eq!(status, 200, "{body}");
        body["items"].as_array().unwrap().clone()
    }

    /// All sessions, with and without alerts, by id.
    async fn all(&self) -> HashMap<String, Value> {
        let mut all = HashMap::new();
        for has_alerts in ["true", "false"] {
            for page in 0.. {
                let items =
                    self.items(&format!("has_alerts={has_alerts}&page_size=50&page_number={page}")).await;
                let short = items.len() < 50;
                all.extend(
                    items.into_iter().map(|item| (item["sessionId"].as_str().unwrap().to_owned(), item)),
                );
                if short {
                    break;
                }
            }
        }
        all
    }
}

#[tokio::test]
async fn by_default_ten_sessions_with_alerts_come_newest_end_first() {
    let lister = Lister::start(120, IncydrBehavior::default()).await;
    let (_, body) = lister.list("").await;
    let items = body["items"].as_array().unwrap();
    assert_eq!(items.len(), 10);
    assert!(items.iter().all(|item| !item["triggeredAlerts"].as_array().unwrap().is_empty()));
    assert!(items.is_sorted_by_key(|item| -item["endTime"].as_i64().unwrap()));
    let (_, without) = lister.list("has_alerts=false").await;
    let totals = body["totalCount"].as_i64().unwrap() + without["totalCount"].as_i64().unwrap();
    assert_eq!(totals, lister.incydr.truth().of_kind(RecordKind::Session).count() as i64);
}

#[tokio::test]
async fn begin_times_are_filtered_with_an_inclusive_start_and_an_exclusive_end() {
    let lister = Lister::start(0, IncydrBehavior::default()).await;
    lister.incydr.add_sessions([100, 200, 300].map(|begin| {
        let session =
            json!({"sessionId": format!("s-{begin}"), "beginTime": begin, "endTime": 1_000 - begin});
        GivenRecord::session(session.to_string()).unwrap()
    }));
    let items = lister.items("has_alerts=false&on_or_after=100&before=300&sort_direction=ASC").await;
    let ids: Vec<_> = items.iter().map(|item| item["sessionId"].as_str().unwrap()).collect();
    assert_eq!(ids, ["s-200", "s-100"]);
}

#[tokio::test]
async fn repeated_parameters_mean_any_of_them_and_indicators_all_of_them() {
    let lister = Lister::start(200, IncydrBehavior::default()).await;
    let severity =
        |item: &Value| item["scores"].as_array().unwrap().last().unwrap()["severity"].as_i64().unwrap();
    let all = lister.all().await;
    let expected = all.values().filter(|item| [3, 4].contains(&severity(item))).count();
    let (_, body) = lister.list("severity=3&severity=4&page_size=50").await;
    assert_eq!(body["totalCount"].as_u64().unwrap(), expected as u64);
    let (_, none) = lister.list("risk_indicators=File%20mismatch&risk_indicators=unknown").await;
    assert_eq!(none["totalCount"], 0);
    let (_, some) = lister.list("risk_indicators=File%20mismatch&state=OPEN&state=CLOSED").await;
    assert!(some["totalCount"].as_u64().unwrap() > 0);
}

#[tokio::test]
async fn what_the_list_does_not_take_is_refused_with_a_message() {
    let lister = Lister::start(0, IncydrBehavior::default()).await;
    for query in [
        "page_size=51",
        "page_size=0",
        "page_number=-1",
        "sort_direction=asc",
        "order_by=beginTime",
        "has_alerts=yes",
        "on_or_after=2026-01-10T08:00:00Z",
    ] {
        let (status, body) = lister.list(query).await;
        assert_eq!((status, body["msg"].is_string()), (400, true), "{query}");
    }
    let lenient = IncydrBehavior {
        session_direction_ignores_case: true,
        large_session_page: LargePage::Cut,
        ..IncydrBehavior::default()
    };
    let lister = Lister::start(0, lenient).await;
    assert_eq!(lister.list("sort_direction=asc&page_size=1000").await.0, 200);
}

#[tokio::test]
async fn sessions_change_for_a_while_and_the_truth_knows_their_newest_version_and_those_served() {
    let lister = Lister::start(60, IncydrBehavior::default()).await;
    let before = lister.all().await;
    lister.clock.advance(Duration::from_secs(2 * 3_600));
    let after = lister.all().await;
    let changed: HashSet<&String> = before.keys().filter(|id| before[*id] != after[*id]).collect();
    assert!(!changed.is_empty() && changed.len() < before.len(), "{} of {}", changed.len(), before.len());
    for id in &changed {
        assert!(
            after[*id]["scores"].as_array().unwrap().len() > before[*id]["scores"].as_array().unwrap().len()
        );
        assert_eq!(after[*id]["beginTime"], before[*id]["beginTime"]);
    }
    let truth = lister.incydr.truth();
    let versions = truth.served_versions.iter().filter(|(_, id, _)| changed.contains(id)).count();
    assert_eq!(versions, 2 * changed.len());
    lister.clock.advance(Duration::from_secs(24 * 3_600));
    let settled = lister.all().await;
    lister.clock.advance(Duration::from_secs(24 * 3_600));
    assert_eq!(settled, lister.all().await);
}

#[tokio::test]
async fn one_session_can_be_asked_for_by_its_id() {
    let lister = Lister::start(40, IncydrBehavior::default()).await;
    let (id, session) = lister.all().await.into_iter().next().unwrap();
    let reply = get(&lister.incydr, &lister.token, &format!("/v1/sessions/{id}")).await;
    assert_eq!(reply.json(), session);
    assert_eq!(get(&lister.incydr, &lister.token, "/v1/sessions/unknown").await.status, 404);
}
