//! Changes that another site makes a browser ask for.

use crate::daemon::Daemon;
use crate::visitor::{Visitor, form_of};

/// What it is, its headers, and its body.
type Shape<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn a_change_that_another_site_asks_for_is_refused() {
    let daemon = Daemon::start().await;
    let browser = Visitor::new(&daemon).await;
    let own = format!("http://{}", browser.client.address);
    let token = browser.token.clone();
    let (with_token, without) = (form_of(&[("token", &token)]), String::new());
    let shapes: [Shape<'_>; 12] = [
        ("no origin", &[("Content-Type", FORM)], &with_token),
        ("null origin", &[("Content-Type", FORM), ("Origin", "null")], &with_token),
        ("another site", &[("Content-Type", FORM), ("Origin", "https://evil.example")], &with_token),
        ("a subdomain", &[("Content-Type", FORM), ("Origin", "http://x.127.0.0.1")], &with_token),
        ("another port", &[("Content-Type", FORM), ("Origin", "http://127.0.0.1:1")], &with_token),
        ("text", &[("Content-Type", "text/plain"), ("Origin", "https://evil.example")], &with_token),
        ("fetched by another site", &[("Sec-Fetch-Site", "cross-site"), ("Origin", &own)], &with_token),
        ("fetched by a sibling", &[("Sec-Fetch-Site", "same-site"), ("Origin", &own)], &with_token),
        ("typed", &[("Sec-Fetch-Site", "none"), ("Origin", &own)], &with_token),
        ("no token", &[("Content-Type", FORM), ("Origin", &own)], &without),
        ("another token", &[("Content-Type", FORM), ("Origin", &own)], "token=AAAA"),
        ("no token in JSON", &[("Content-Type", "application/json"), ("Origin", &own)], "{}"),
    ];
    for (name, headers, body) in shapes {
        let request = headers
            .iter()
            .fold(browser.request("POST", "/sign-out"), |request, (name, value)| request.header(name, value));
        let answer = browser.client.send(request.body(body)).await;
        assert_eq!(answer.status, 403, "{name}: {}", answer.text());
    }
    assert_eq!(browser.get("/collection").await.status, 200, "nobody was signed out");
}

#[tokio::test]
async fn nobody_can_be_signed_in_by_another_site() {
    let daemon = Daemon::start().await;
    let browser = Visitor::stranger(&daemon);
    let (id, key) = daemon.client.credentials.clone().expect("the first key");
    let body = form_of(&[("access_id", &id), ("access_key", &key)]);
    let request = browser.request("POST", "/sign-in").header("Origin", "https://evil.example").body(body);
    let answer = browser.client.send(request).await;
    assert_eq!((answer.status, answer.header("set-cookie")), (403, None));
}
