//! The Source page, its JSON, and what asks before a source is restarted or deleted.

use incydr_simulator::{Fault, FaultRule, Target};
use serde_json::json;

use crate::client::Answer;
use crate::daemon::Daemon;
use crate::html::{HOSTILE, assert_hides, assert_inert, assert_only_to_look_at, assert_shows};
use crate::visitor::{Visitor, page_of};

#[tokio::test]
async fn a_source_shows_its_states_its_streams_and_how_they_did() {
    let daemon = Daemon::with_file_events(20).await;
    let collector = daemon.collector("Office").await;
    let source = daemon.source(&collector, "Code42", json!({})).await;
    let is_done = |count: &serde_json::Value| *count == 20;
    daemon
        .until(&format!("{source}/streams"), |answer| is_done(&answer.json()["streams"][0]["acknowledged"]))
        .await;
    let visitor = Visitor::new(&daemon).await;
    let page = page_of(&source);
    let shown = visitor.look(page).await;
    assert_shows(
        &shown,
        &[
            "<h1 class=\"name\">Code42</h1>",
            ">Healthy</span>",
            "Initialized",
            "<dt>Delivered</dt><dd>20</dd>",
            "<b>Events a minute</b> <span>20 in all, at most 20</span>",
            "<b>Request latency</b>",
            "requests in the last minute",
            "None: every event that was collected could be delivered.",
            "No backfill yet.",
            &format!("action=\"{page}/poll\""),
            &format!("href=\"{page}/edit\""),
            &format!("href=\"{page}/tail\""),
        ],
    );
    let day = visitor.look(&format!("{page}?span=day")).await;
    assert_shows(&day, &["<b>Events in 15 minutes</b> <span>20 in all, at most 20</span>"]);
    assert_eq!(visitor.get(&format!("{page}?span=year")).await.status, 400);
    assert_eq!(visitor.change(&format!("{page}/poll"), &[]).await, format!("{page}?notice=poll-initiated"));
    assert_shows(&visitor.look(&format!("{page}?notice=poll-initiated")).await, &["The source polls now."]);
}

#[tokio::test]
async fn whoever_may_only_look_sees_no_control_of_a_source() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("Office").await;
    let source = daemon.source(&collector, "Code42", json!({})).await;
    let visitor = Visitor::of_role(&daemon, "view").await;
    let page = page_of(&source);
    for below in ["", "/json", "/backfills", "/dead-letters", "/tail"] {
        let shown = visitor.look(&format!("{page}{below}")).await;
        assert_only_to_look_at(&shown);
        assert_hides(&shown, &["/restart\"", "/poll\"", "New backfill"]);
    }
    for below in ["/restart", "/delete", "/backfills/1/cancel", "/dead-letters/1", "/dead-letters/1/discard"]
    {
        assert_eq!(visitor.get(&format!("{page}{below}")).await.status, 403, "{below}");
    }
    for below in
        ["/restart", "/delete", "/poll", "/backfills", "/backfills/1/cancel", "/dead-letters/1/redeliver"]
    {
        assert_eq!(visitor.send(&format!("{page}{below}"), &[]).await.status, 403, "{below}");
    }
    daemon.get(&source).await.expect(200);
}

#[tokio::test]
async fn what_people_and_the_vendor_wrote_about_a_source_is_only_text() {
    let daemon = Daemon::start().await;
    let answer = Fault::answer(401, json!({ "error": HOSTILE }).to_string());
    daemon.incydr.faults().add(FaultRule::always(Target::Oauth, answer));
    let collector = daemon.collector(HOSTILE).await;
    let source = daemon.source(&collector, HOSTILE, json!({ "description": HOSTILE })).await;
    daemon.reach(&source, "Error").await;
    daemon.until("/api/v1/healthEvents", |answer| answer.json()["data"][0].is_object()).await;
    let visitor = Visitor::new(&daemon).await;
    let page = page_of(&source);
    for below in ["", "/json", "/restart", "/delete", "/backfills", "/dead-letters", "/tail"] {
        assert_inert(&visitor.look(&format!("{page}{below}")).await);
    }
    let shown = visitor.look(page).await;
    assert_shows(
        &shown,
        &["<b>Error Code:</b> 401", "<b>Error Details:</b> {&#34;error&#34;:", "/health-events/"],
    );
}

#[tokio::test]
async fn the_json_of_a_source_is_what_the_api_shows_with_its_secrets_masked() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("Office").await;
    let source = daemon.source(&collector, "Code42", json!({ "pollingInterval": 300 })).await;
    let visitor = Visitor::new(&daemon).await;
    let page = page_of(&source);
    let shown = visitor.look(&format!("{page}/json")).await;
    assert_shows(
        &shown,
        &[
            "API usage information",
            "&#34;secretKey&#34;: &#34;********&#34;",
            "&#34;pollingInterval&#34;: 300",
            &format!("href=\"{page}/restart\" data-dialog>Restart Source"),
            "data-copy",
            ">Done</a>",
        ],
    );
    assert_hides(&shown, &["simulated-secret"]);
}

#[tokio::test]
async fn a_source_is_restarted_after_a_confirmation() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("Office").await;
    let source = daemon.source(&collector, "Code42", json!({})).await;
    daemon.reach(&source, "Collecting").await;
    let visitor = Visitor::new(&daemon).await;
    let restart = format!("{}/restart", page_of(&source));
    assert_shows(&visitor.look(&restart).await, &["Restart Code42?", ">Confirm</button>"]);
    let authenticated = daemon.requests_to("oauth");
    let next = visitor.change(&restart, &[]).await;
    assert_eq!(next, format!("{}?notice=restart-initiated", page_of(&source)));
    assert_shows(&visitor.look(&next).await, &["The restart of the source was initiated successfully."]);
    let is_anew = |answer: &Answer| answer.text().matches("\"Collecting\"").count() > 1;
    daemon.until(&format!("{source}/history"), is_anew).await;
    assert!(daemon.requests_to("oauth") > authenticated, "a new life authenticates");
}

#[tokio::test]
async fn a_source_is_deleted_after_a_confirmation() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("Office").await;
    let source = daemon.source(&collector, "Code42", json!({})).await;
    let visitor = Visitor::new(&daemon).await;
    let delete = format!("{}/delete", page_of(&source));
    assert_shows(&visitor.look(&delete).await, &["Delete Code42?", "<b>Stopping</b>", "the audit log"]);
    daemon.get(&source).await.expect(200);
    assert_eq!(visitor.change(&delete, &[]).await, "/collection?notice=source-deleted");
    daemon.until(&source, |answer| answer.status == 404).await;
    for below in ["", "/json", "/delete", "/backfills", "/dead-letters", "/tail"] {
        assert_eq!(visitor.get(&format!("{}{below}", page_of(&source))).await.status, 404, "{below}");
    }
}

#[tokio::test]
async fn a_source_that_is_kept_in_a_file_is_not_deleted_here() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("Office").await;
    let source = daemon.source(&collector, "Code42", json!({})).await;
    let local =
        json!({ "collector": { "collectorType": "Hosted", "name": "Office", "sourceSyncMode": "Json" } });
    daemon.put(&collector, "*", &local).await.expect(200);
    let visitor = Visitor::new(&daemon).await;
    let page = page_of(&source);
    let shown = visitor.look(page).await;
    assert_shows(&shown, &["kept in a file", "Restart Source"]);
    assert_hides(&shown, &["/edit\"", "/delete\""]);
    let refused = visitor.page_after(&format!("{page}/delete"), &[], 403).await;
    assert_shows(&refused, &["role=\"alert\"", "user cannot create, delete, or update sources"]);
    daemon.get(&source).await.expect(200);
}

#[tokio::test]
async fn a_key_of_another_collector_finds_no_such_source() {
    let daemon = Daemon::start().await;
    let (own, other) = (daemon.collector("Own").await, daemon.collector("Other").await);
    let source = daemon.source(&other, "Code42", json!({})).await;
    let visitor = Visitor::of_collector(&daemon, "manage", &own).await;
    for below in ["", "/json", "/restart", "/delete", "/backfills", "/dead-letters", "/tail"] {
        assert_eq!(visitor.get(&format!("{}{below}", page_of(&source))).await.status, 404, "{below}");
    }
    assert_eq!(visitor.send(&format!("{}/delete", page_of(&source)), &[]).await.status, 404);
}
