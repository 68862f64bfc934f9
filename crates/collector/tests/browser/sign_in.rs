//! Who comes in, where to, and that nothing stays behind.

use serde_json::json;

use crate::browser::Browser;
use crate::client::Request;
use crate::daemon::Daemon;
use crate::locator::Locator;

fn first_pair(daemon: &Daemon) -> (String, String) {
    daemon.client.credentials.clone().expect("the first key")
}

#[tokio::test]
async fn a_wrong_key_is_told_and_the_right_one_leads_to_where_one_wanted_to_go() {
    let daemon = Daemon::start().await;
    let (id, key) = first_pair(&daemon);
    let browser = Browser::open(&daemon).await;
    browser.sign_in("/health-events?state=all", &id, "no such key").await;
    browser.read(&Locator::css("[role=alert]"), "There is no such pair of access ID and access key.").await;
    assert_eq!(browser.attribute(&Locator::labeled("Access ID"), "value").await.as_deref(), Some(&*id));
    assert_eq!(
        browser.attribute(&Locator::labeled("Access key"), "value").await,
        None,
        "secrets are never echoed"
    );
    browser.fill("Access key", &key).await;
    browser.click(&Locator::button("Sign in")).await;
    browser.arrive("/health-events").await;
    assert_eq!(browser.page().await, "/health-events?state=all");
    browser.close_after(&["/sign-in"]).await;
}

#[tokio::test]
async fn the_sign_in_leads_to_no_other_site() {
    let daemon = Daemon::start().await;
    let (id, key) = first_pair(&daemon);
    let browser = Browser::open(&daemon).await;
    browser.sign_in("/sign-in?next=%2F%2Fevil.example%2F", &id, &key).await;
    browser.arrive("/collection").await;
    browser.close().await;
}

#[tokio::test]
async fn after_a_sign_out_the_back_button_shows_nothing_and_the_old_cookie_is_worth_nothing() {
    let daemon = Daemon::start().await;
    let browser = Browser::signed_in(&daemon).await;
    browser.arrive("/collection").await;
    let cookies = browser.devtools("Network.getCookies", json!({})).await;
    let cookie = &cookies["cookies"][0];
    assert_eq!((&cookie["httpOnly"], &cookie["sameSite"]), (&json!(true), &json!("Strict")));
    assert_eq!(browser.script("return document.cookie", json!([])).await, "", "no script can read it");
    let pair = format!("{}={}", cookie["name"].as_str().unwrap(), cookie["value"].as_str().unwrap());
    let with_cookie =
        || Request::new("GET", "/collection").header("Cookie", &pair).header("Accept", "text/html");
    let nobody = daemon.client.anonymous();
    assert_eq!(nobody.send(with_cookie()).await.status, 200);

    browser.click(&Locator::button("Sign out")).await;
    browser.arrive("/sign-in").await;
    browser.see("You are signed out.").await;
    browser.go_back().await;
    browser.arrive("/sign-in").await;
    assert_eq!(nobody.send(with_cookie()).await.status, 303);
    browser.close().await;
}
