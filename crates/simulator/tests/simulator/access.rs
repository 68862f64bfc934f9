//! Tokens and the throttle.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use incydr_simulator::{
    ApiClient, Clock, DataOptions, IncydrBehavior, IncydrOptions, Moment, RateOptions, RateScope,
    SimulatedIncydr,
};
use serde_json::{Value, json};

use crate::client::{get, post, search, send, token, token_at};

async fn start(options: IncydrOptions) -> SimulatedIncydr {
    SimulatedIncydr::start(options).await.expect("it starts")
}

fn basic(client: &ApiClient) -> String {
    format!("Basic {}", STANDARD.encode(format!("{}:{}", client.id, client.secret)))
}

#[tokio::test]
async fn a_token_is_given_in_all_three_ways_of_asking() {
    let incydr = start(IncydrOptions::default()).await;
    let client = ApiClient::default();
    let authorization = basic(&client);
    let basic = [("authorization", authorization.as_str())];
    let with_query = "POST /v1/oauth?grant_type=client_credentials";
    for (head, headers) in [("POST /v1/oauth", &basic[..]), (with_query, &basic[..])] {
        let reply = send(incydr.port(), head, headers, b"").await;
        assert_eq!(reply.status, 200);
        assert_eq!(
            (&reply.json()["token_type"], &reply.json()["expires_in"]),
            (&json!("bearer"), &json!(900))
        );
    }
    let token = token(&incydr).await;
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(claims["tenantUid"], client.tenant);
    assert_eq!(get(&incydr, &token, "/v1/customer").await.json()["tenantId"], client.tenant);
}

#[tokio::test]
async fn a_wrong_secret_and_a_wrong_grant_type_are_refused() {
    let incydr = start(IncydrOptions::default()).await;
    let wrong = ApiClient { secret: "guess".to_owned(), ..ApiClient::default() };
    let reply = send(incydr.port(), "POST /v1/oauth", &[("authorization", &basic(&wrong))], b"").await;
    assert_eq!((reply.status, reply.json()), (401, json!({"error": "invalid_client"})));
    let right = basic(&ApiClient::default());
    let reply =
        send(incydr.port(), "POST /v1/oauth?grant_type=password", &[("authorization", &right)], b"").await;
    assert_eq!(reply.status, 400);
}

#[tokio::test]
async fn a_missing_a_garbage_an_expired_and_a_revoked_bearer_are_refused() {
    let clock = Clock::manual(Moment::from_millis(1_768_000_000_000));
    let behavior = IncydrBehavior { errors_have_bodies: true, ..IncydrBehavior::default() };
    let incydr = start(IncydrOptions { clock: clock.clone(), behavior, ..IncydrOptions::default() }).await;
    assert_eq!(send(incydr.port(), "GET /v1/customer", &[], b"").await.status, 401);
    assert_eq!(get(&incydr, "garbage", "/v1/customer").await.json(), json!({"error": "unauthorized"}));
    let token = token(&incydr).await;
    clock.advance(Duration::from_secs(899));
    assert_eq!(get(&incydr, &token, "/v1/customer").await.status, 200);
    clock.advance(Duration::from_secs(1));
    assert_eq!(get(&incydr, &token, "/v1/customer").await.status, 401);
    let fresh = crate::client::token(&incydr).await;
    incydr.revoke_tokens();
    assert_eq!(get(&incydr, &fresh, "/v1/customer").await.status, 401);
}

#[tokio::test]
async fn the_121st_request_of_a_minute_is_throttled_whatever_its_endpoint() {
    let clock = Clock::manual(Moment::from_millis(1_768_000_000_000));
    let incydr = start(IncydrOptions { clock: clock.clone(), ..IncydrOptions::default() }).await;
    let token = token(&incydr).await;
    for request in 0..120 {
        let reply = match request % 2 {
            0 => post(&incydr, &token, "/v2/file-events", &search(1, "")).await,
            _ => get(&incydr, &token, "/v1/sessions").await,
        };
        assert_eq!(reply.status, 200, "request {request}");
    }
    clock.advance(Duration::from_secs(20));
    let reply = get(&incydr, &token, "/v1/sessions").await;
    assert_eq!((reply.status, reply.headers["retry-after"].as_str()), (429, "40"));
    clock.advance(Duration::from_secs(40));
    assert_eq!(get(&incydr, &token, "/v1/sessions").await.status, 200);
    let traffic = incydr.traffic();
    assert_eq!(traffic.busiest_minute, 121);
    assert_eq!(traffic.endpoints["sessions"].statuses[&Some(429)], 1);
    assert_eq!(traffic.endpoints["oauth"].requests, 1);
}

#[tokio::test]
async fn tenants_and_if_so_wanted_clients_have_budgets_of_their_own() {
    for (scope, second_status) in [(RateScope::Tenant, 429), (RateScope::Client, 200)] {
        let one = ApiClient { id: "key-1".to_owned(), ..ApiClient::default() };
        let sibling = ApiClient { id: "key-2".to_owned(), ..ApiClient::default() };
        let stranger =
            ApiClient { id: "key-3".to_owned(), tenant: "other".to_owned(), ..ApiClient::default() };
        let clients = vec![one.clone(), sibling.clone(), stranger.clone()];
        let rate =
            RateOptions { per_minute: Some(1), scope, tells_retry_after: false, ..RateOptions::default() };
        let incydr = start(IncydrOptions { clients, rate, ..IncydrOptions::default() }).await;
        let mut statuses = Vec::new();
        for client in [one, sibling, stranger] {
            let token = token_at(incydr.port(), &client).await;
            let reply = get(&incydr, &token, "/v1/customer").await;
            assert!(!reply.headers.contains_key("retry-after"));
            statuses.push(reply.status);
        }
        assert_eq!(statuses, [200, second_status, 200]);
    }
}

#[tokio::test]
async fn answers_are_compressed_only_where_that_is_switched_on_and_asked_for() {
    let data = DataOptions { file_events: 5, event_visibility: Default::default(), ..DataOptions::default() };
    let behavior = IncydrBehavior { gzip: true, ..IncydrBehavior::default() };
    let incydr = start(IncydrOptions { data, behavior, ..IncydrOptions::default() }).await;
    let authorization = format!("Bearer {}", token(&incydr).await);
    let body = search(10, "").to_string();
    let mut headers = vec![("authorization", authorization.as_str())];
    let plain = send(incydr.port(), "POST /v2/file-events", &headers, body.as_bytes()).await;
    assert_eq!(plain.headers.get("content-encoding"), None);
    headers.push(("accept-encoding", "gzip, deflate"));
    let compressed = send(incydr.port(), "POST /v2/file-events", &headers, body.as_bytes()).await;
    assert_eq!(compressed.headers["content-encoding"], "gzip");
    assert_eq!(compressed.gunzipped(), plain.body);
}
