//! The deprecated alerts.

use std::collections::HashSet;

use incydr_simulator::{
    ApiClient, DataOptions, IncydrOptions, Moment, RateOptions, RecordKind, SimulatedIncydr,
};
use serde_json::{Value, json};

use crate::client::{post, token};

struct Watcher {
    incydr: SimulatedIncydr,
    token: String,
}

impl Watcher {
    async fn start() -> Self {
        let data = DataOptions { sessions: 300, ..DataOptions::default() };
        let rate = RateOptions { per_minute: None, ..RateOptions::default() };
        let incydr =
            SimulatedIncydr::start(IncydrOptions { data, rate, ..IncydrOptions::default() }).await.unwrap();
        let token = token(&incydr).await;
        Self { incydr, token }
    }

    async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let reply = post(&self.incydr, &self.token, path, body).await;
        (reply.status, reply.json())
    }

    async fn query(&self, filters: Value, size: i64, page: i64, direction: &str) -> Vec<Value> {
        let body = json!({
            "tenantId": ApiClient::default().tenant, "groups": [{"filterClause": "AND", "filters": filters}],
            "groupClause": "AND", "pgSize": size, "pgNum": page, "srtKey": "CreatedAt", "srtDirection": direction,
        });
        let (status, answer) = self.post("/v1/alerts/query-alerts", &body).await;
        assert_eq!((status, &answer["type$"]), (200, &json!("ALERT_QUERY_RESPONSE")), "{answer}");
        answer["alerts"].as_array().unwrap().clone()
    }
}

fn created(alert: &Value) -> Moment {
    Moment::parse(alert["createdAt"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn pages_count_from_zero_and_follow_the_direction() {
    let watcher = Watcher::start().await;
    let all = watcher.query(json!([]), 500, 0, "ASC").await;
    assert!(all.len() > 50);
    assert!(all.is_sorted_by_key(created));
    let mut paged = watcher.query(json!([]), 30, 0, "desc").await;
    paged.extend(watcher.query(json!([]), 30, 1, "DESC").await);
    let expected: Vec<Value> = all.iter().rev().take(paged.len()).cloned().collect();
    assert_eq!(paged, expected);
}

#[tokio::test]
async fn times_of_creation_and_other_terms_are_filtered() {
    let watcher = Watcher::start().await;
    let all = watcher.query(json!([]), 500, 0, "ASC").await;
    let (from, to) = (&all[10]["createdAt"], &all[20]["createdAt"]);
    let range = json!([
        {"term": "CreatedAt", "operator": "ON_OR_AFTER", "value": from},
        {"term": "CreatedAt", "operator": "LESS_THAN", "value": to},
    ]);
    assert_eq!(watcher.query(range, 500, 0, "ASC").await, all[10..20]);
    let by_actor = json!([{"term": "Actor", "operator": "IS", "value": all[5]["actor"]}]);
    assert!(watcher.query(by_actor, 500, 0, "ASC").await.contains(&all[5]));
}

#[tokio::test]
async fn details_come_in_another_order_with_json_inside_of_text() {
    let watcher = Watcher::start().await;
    let all = watcher.query(json!([]), 100, 0, "ASC").await;
    let ids: Vec<&str> = all.iter().map(|alert| alert["id"].as_str().unwrap()).collect();
    let (_, answer) = watcher.post("/v1/alerts/query-details", &json!({"alertIds": ids})).await;
    let details = answer["alerts"].as_array().unwrap();
    let found: Vec<&str> = details.iter().map(|alert| alert["id"].as_str().unwrap()).collect();
    assert_ne!(found, ids);
    assert_eq!(found.iter().collect::<HashSet<_>>(), ids.iter().collect::<HashSet<_>>());
    let data = details[0]["observations"][0]["data"].as_str().unwrap();
    assert_eq!(serde_json::from_str::<Value>(data).unwrap()["type$"], "OBSERVED_ENDPOINT_ACTIVITY");
    assert!(watcher.incydr.truth().of_kind(RecordKind::Alert).count() >= ids.len());
}

#[tokio::test]
async fn what_the_search_does_not_take_is_refused_with_the_problem_that_fits() {
    let watcher = Watcher::start().await;
    let tenant = ApiClient::default().tenant;
    for (body, problem) in [
        (json!({"pgSize": 10, "pgNum": 0}), "MissingValue"),
        (json!({"tenantId": "other", "pgSize": 10, "pgNum": 0}), "IllegalValue"),
        (json!({"tenantId": tenant, "pgSize": 501, "pgNum": 0}), "InvalidPageSize"),
        (json!({"tenantId": tenant, "pgSize": 10, "pgNum": -1}), "InvalidPageNumber"),
        (
            json!({"tenantId": tenant, "pgSize": 10, "pgNum": 0, "groups": [
                {"filters": [{"term": "CreatedAt", "operator": "CONTAINS", "value": "2026-01-10T08:00:00Z"}]}]}),
            "IllegalOperator",
        ),
    ] {
        let (status, answer) = watcher.post("/v1/alerts/query-alerts", &body).await;
        assert_eq!((status, &answer["problems"][0]["type"]), (400, &json!(problem)), "{body}");
    }
    let too_many = json!({"alertIds": (0..101).map(|number| number.to_string()).collect::<Vec<_>>()});
    assert_eq!(watcher.post("/v1/alerts/query-details", &too_many).await.0, 400);
}
