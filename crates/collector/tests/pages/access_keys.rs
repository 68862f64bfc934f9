//! The page of access keys.

use serde_json::json;

use crate::daemon::Daemon;
use crate::html::{HOSTILE, assert_hides, assert_inert, assert_shows, tag};
use crate::visitor::{Visitor, number_of};

const KEYS: &str = "/access-keys";

/// What stands between two texts on a page.
#[track_caller]
fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = page.split_once(before).expect("the text before");
    rest.split_once(after).expect("the text after").0
}

#[tokio::test]
async fn a_new_key_is_shown_once_and_works() {
    let daemon = Daemon::start().await;
    let visitor = Visitor::new(&daemon).await;
    let collector = daemon.collector(HOSTILE).await;
    let number = number_of(&collector).to_string();
    let values = [("label", HOSTILE), ("role", "view"), ("collector", &number), ("expires", "2199-12-31")];
    let page = visitor.page_after(KEYS, &values, 201).await;
    assert_inert(&page);
    let id = between(&page, "<dt>Access ID</dt><dd class=\"copied\" data-copied><code>", "</code>");
    let key = between(&page, "<code class=\"secret\">", "</code>");
    let client = daemon.client.with_key(id, key);
    assert_eq!(client.get(&collector).await.status, 200);
    assert_eq!(client.delete(&collector).await.status, 403);
    let list = visitor.look(KEYS).await;
    assert_inert(&list);
    assert_shows(&list, &[id, "(you)", "2199-12-31T23:59:59.000Z"]);
    assert_hides(&list, &[key]);
    assert_hides(&daemon.log(), &[key]);
}

#[tokio::test]
async fn each_mistake_is_told_at_its_place() {
    let daemon = Daemon::start().await;
    let visitor = Visitor::new(&daemon).await;
    for (values, id, sentence) in [
        ([("label", ""), ("role", "view")], "label", "Label is empty; say what the key is for."),
        ([("label", "x"), ("role", "owner")], "role", "Role names no role"),
        ([("label", "x"), ("role", "")], "role", "Role is empty"),
    ] {
        let page = visitor.page_after(KEYS, &values, 400).await;
        assert_shows(tag(&page, &format!("id=\"{id}\"")), &["aria-invalid=\"true\""]);
        assert_shows(&page, &[sentence]);
    }
    let past = [("label", "kept"), ("role", "manage"), ("expires", "2020-01-01")];
    let page = visitor.page_after(KEYS, &past, 400).await;
    assert_shows(tag(&page, "id=\"expires\""), &["aria-invalid=\"true\"", "value=\"2020-01-01\""]);
    assert_shows(
        &page,
        &[
            "Expires after must be today or a later day, before 2262.",
            "value=\"kept\"",
            "value=\"manage\" selected",
        ],
    );
    let nobody = [("label", "x"), ("role", "view"), ("collector", "7")];
    assert_shows(
        tag(&visitor.page_after(KEYS, &nobody, 400).await, "id=\"collectorId\""),
        &["aria-invalid=\"true\""],
    );
    let keys = daemon.get("/api/v1/incydr/accessKeys").await.expect(200);
    assert_eq!(keys["accessKeys"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_key_is_revoked_after_a_question_and_the_own_one_with_a_warning() {
    let daemon = Daemon::start().await;
    let visitor = Visitor::new(&daemon).await;
    let (first, _) = daemon.client.credentials.clone().expect("a key");
    let own = format!("{KEYS}/{first}/revoke");
    assert_shows(&visitor.look(&own).await, &["You are signed in with this key."]);
    let last = visitor.page_after(&own, &[], 400).await;
    assert_shows(&last, &["role=\"alert\">This is the last key that may manage everything"]);
    let wanted = json!({ "accessKey": { "label": HOSTILE, "role": "manage" } });
    let other = daemon.post("/api/v1/incydr/accessKeys", &wanted).await.expect(201)["accessKey"].clone();
    let (id, key) = (other["accessId"].as_str().expect("an id"), other["key"].as_str().expect("a key"));
    let client = daemon.client.with_key(id, key);
    let revoke = format!("{KEYS}/{id}/revoke");
    let question = visitor.look(&revoke).await;
    assert_inert(&question);
    assert_hides(&question, &["You are signed in with this key."]);
    let third = Visitor::of_role(&daemon, "manage").await;
    assert_eq!(visitor.change(&revoke, &[]).await, "/access-keys?notice=key-revoked");
    assert_eq!(client.get("/api/v1/collectors").await.status, 401);
    assert_eq!(visitor.get(&revoke).await.status, 404);
    assert_eq!(visitor.change(&own, &[]).await, "/sign-in?notice=key-revoked");
    assert_eq!(visitor.get(KEYS).await.status, 303);
    assert_eq!(third.get(KEYS).await.status, 200);
}

#[tokio::test]
async fn keys_are_shown_to_those_who_manage_everything() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("Office").await;
    let guest = Visitor::of_role(&daemon, "view").await;
    let keeper = Visitor::of_collector(&daemon, "manage", &collector).await;
    for visitor in [guest, keeper] {
        assert_eq!(visitor.get(KEYS).await.status, 403);
        assert_eq!(visitor.send(KEYS, &[("label", "x"), ("role", "manage")]).await.status, 403);
        let (first, _) = daemon.client.credentials.clone().expect("a key");
        let revoke = format!("{KEYS}/{first}/revoke");
        assert_eq!(visitor.get(&revoke).await.status, 403);
        assert_eq!(visitor.send(&revoke, &[]).await.status, 403);
        assert_hides(&visitor.look("/about").await, &["href=\"/access-keys\""]);
    }
    assert_eq!(daemon.get("/api/v1/collectors").await.status, 200);
}
