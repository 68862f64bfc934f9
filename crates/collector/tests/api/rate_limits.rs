//! S08: how often clients may ask, and those who guess.

use serde_json::json;

use crate::client::Request;
use crate::daemon::{Daemon, tenant_with};
use crate::keys;

use incydr_simulator::SumoOptions;

const COLLECTORS: &str = "/api/v1/collectors";

#[tokio::test]
async fn four_requests_a_second_are_allowed_unless_configured_otherwise() {
    let daemon = Daemon::with(tenant_with(0), SumoOptions::default(), &[]).await;
    let answers = futures_util::future::join_all((0..12).map(|_| daemon.get(COLLECTORS))).await;
    let refused: Vec<_> = answers.iter().filter(|answer| answer.status == 429).collect();
    assert!(!refused.is_empty() && answers.iter().any(|answer| answer.status == 200));
    for answer in &refused {
        let wait = answer.header("retry-after").and_then(|wait| wait.parse::<u64>().ok());
        assert_eq!(wait, Some(1));
        let message = answer.problem(429, "rate.limit.exceeded");
        assert_eq!(message, "The API request rate is higher than 4 request per second.");
    }
}

#[tokio::test]
async fn the_limit_is_that_of_one_key_and_fields_have_their_own_envelope() {
    let daemon =
        Daemon::with(tenant_with(0), SumoOptions::default(), &["--api-requests-per-second", "1"]).await;
    let other = loop {
        let body = json!({ "accessKey": { "label": "other", "role": "view" } });
        let made = daemon.post("/api/v1/incydr/accessKeys", &body).await;
        if made.status == 201 {
            break made.json()["accessKey"].clone();
        }
    };
    let text = |name: &str| other[name].as_str().expect("text").to_owned();
    let other = daemon.client.with_key(&text("accessId"), &text("key"));
    let refused = loop {
        let answer = daemon.get("/api/v1/fields").await;
        if answer.status == 429 {
            break answer;
        }
    };
    refused.listed_problem(429, "rate.limit.exceeded");
    other.get(COLLECTORS).await.expect(200);
    let public = daemon.client.anonymous().get("/api/v1/openapi.json").await;
    assert_eq!(public.status, 200, "what is open to everybody belongs to no key");
}

#[tokio::test]
async fn guesses_are_slowed_down_for_the_guesser_alone() {
    let daemon = Daemon::start().await;
    let viewer = keys::make(&daemon, json!({ "label": "viewer", "role": "view" })).await;
    let (id, _) = viewer.credentials.clone().expect("credentials");
    daemon.get(COLLECTORS).await.expect(200);
    let guesser = viewer.with_key(&id, "a guess");
    for _ in 0..5 {
        guesser.get(COLLECTORS).await.problem(401, "unauthorized");
    }
    let slowed = guesser.get(COLLECTORS).await;
    let wait = slowed.header("retry-after").and_then(|wait| wait.parse::<u64>().ok()).expect("a wait");
    assert!((1..=15 * 60).contains(&wait), "{wait}");
    slowed.problem(429, "rate.limit.exceeded");
    daemon.get(COLLECTORS).await.expect(200);
    viewer.from(2).get(COLLECTORS).await.expect(200);
}

#[tokio::test]
async fn guesses_with_many_ids_slow_down_an_address_but_nobody_who_is_known_there() {
    let daemon = Daemon::start().await;
    daemon.get(COLLECTORS).await.expect(200);
    for number in 0..20 {
        let guesser = daemon.client.with_key(&format!("suGuess{number:07}"), "a guess");
        guesser.get(COLLECTORS).await.problem(401, "unauthorized");
    }
    let next = daemon.client.with_key("suAnotherGuess", "a guess").get(COLLECTORS).await;
    next.problem(429, "rate.limit.exceeded");
    daemon.get(COLLECTORS).await.expect(200);
    let missing = daemon.client.anonymous().send(Request::new("GET", COLLECTORS)).await;
    missing.problem(401, "unauthorized");
}
