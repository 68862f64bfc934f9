//! Who gets in, and how they leave.

use serde_json::json;

use crate::client::Request;
use crate::daemon::Daemon;
use crate::visitor::Visitor;

#[tokio::test]
async fn a_page_leads_to_the_sign_in_and_back() {
    let daemon = Daemon::start().await;
    let browser = Visitor::stranger(&daemon);
    let sent = browser.get("/collection").await;
    assert_eq!((sent.status, sent.header("location")), (303, Some("/sign-in?next=%2Fcollection")));
    let (id, key) = daemon.client.credentials.clone().expect("the first key");
    let values = [("access_id", id.as_str()), ("access_key", &key), ("next", "/fields")];
    let entered = browser.send_without_token("/sign-in", &values).await;
    assert_eq!((entered.status, entered.header("location")), (303, Some("/fields")));
    let cookie = entered.header("set-cookie").expect("a cookie");
    for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"] {
        assert!(cookie.contains(part), "{cookie}");
    }
}

#[tokio::test]
async fn a_wrong_key_is_told_and_shown_to_nobody() {
    let daemon = Daemon::start().await;
    let browser = Visitor::stranger(&daemon);
    let refused = browser
        .send_without_token("/sign-in", &[("access_id", "suNobody<b>"), ("access_key", "hunter2")])
        .await;
    assert_eq!(refused.status, 401);
    assert!(refused.header("set-cookie").is_none());
    let page = refused.text();
    assert!(page.contains("There is no such pair") && page.contains("suNobody&#60;b&#62;"), "{page}");
    assert!(!page.contains("hunter2"), "{page}");
}

#[tokio::test]
async fn signing_out_ends_all_sessions_of_the_key() {
    let daemon = Daemon::start().await;
    let (one, other) = (Visitor::new(&daemon).await, Visitor::new(&daemon).await);
    assert_ne!(one.cookie, other.cookie, "every sign-in has a number of its own");
    assert_eq!(other.get("/collection").await.status, 200);
    let left = one.send("/sign-out", &[]).await;
    assert_eq!(left.status, 303);
    assert!(left.header("set-cookie").is_some_and(|cookie| cookie.contains("Max-Age=0")));
    for browser in [one, other] {
        assert_eq!(browser.get("/collection").await.status, 303, "replayed after the sign-out");
    }
}

#[tokio::test]
async fn a_session_outlives_a_restart_and_ends_with_its_key() {
    let mut daemon = Daemon::start().await;
    let mut viewer = Visitor::of_role(&daemon, "view").await;
    daemon.restart().await;
    viewer.client = daemon.client.anonymous();
    assert_eq!(viewer.get("/collection").await.status, 200);
    let keys = daemon.get("/api/v1/incydr/accessKeys").await.expect(200);
    let keys = keys["accessKeys"].as_array().expect("a list").clone();
    let id = keys.iter().find(|key| key["role"] == "view").expect("the viewer's")["accessId"].clone();
    let address = format!("/api/v1/incydr/accessKeys/{}", id.as_str().expect("text"));
    assert_eq!(daemon.delete(&address).await.status, 204);
    assert_eq!(viewer.get("/collection").await.status, 303);
}

#[tokio::test]
async fn a_cookie_is_worth_nothing_at_the_api_and_a_key_nothing_at_a_page() {
    let daemon = Daemon::start().await;
    let browser = Visitor::new(&daemon).await;
    let by_cookie = browser.client.send(browser.request("GET", "/api/v1/collectors")).await;
    assert_eq!(by_cookie.status, 401);
    let by_key = daemon.client.send(Request::new("GET", "/collection")).await;
    assert_eq!(by_key.status, 303);
}

#[tokio::test]
async fn guessing_keys_is_slowed_down() {
    let daemon = Daemon::start().await;
    let browser = Visitor::stranger(&daemon);
    let mut last = String::new();
    for _ in 0..6 {
        last = browser
            .send_without_token("/sign-in", &[("access_id", "suNobody"), ("access_key", "guess")])
            .await
            .text();
    }
    assert!(last.contains("Try again in"), "{last}");
}

#[tokio::test]
async fn a_sign_in_and_a_sign_out_are_in_the_audit_log() {
    let daemon = Daemon::start().await;
    let browser = Visitor::new(&daemon).await;
    browser.send("/sign-out", &[]).await;
    let log = daemon.get("/api/v1/incydr/auditLog").await.expect(200);
    let text = log.to_string();
    assert!(text.contains("SignedIn") && text.contains("SignedOut"), "{}", json!(log));
}

#[tokio::test]
async fn pages_tell_the_browser_to_trust_nothing_else() {
    let daemon = Daemon::start().await;
    let answer = Visitor::stranger(&daemon).get("/sign-in").await;
    let policy = answer.header("content-security-policy").expect("a policy");
    for part in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("cross-origin-opener-policy"), Some("same-origin"));
}
