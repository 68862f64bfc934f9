//! The list of health events, and one of them.

use serde_json::json;

use crate::client::Answer;
use crate::daemon::Daemon;
use crate::html::{HOSTILE, assert_hides, assert_inert, assert_only_to_look_at, assert_shows};
use crate::visitor::{Visitor, number_of};

/// A source that Incydr refuses, once its health event is open; its address, and the page of the event.
async fn refused(daemon: &Daemon, collector: &str, name: &str) -> (String, String) {
    let source = daemon.source(collector, name, json!({ "secretKey": "wrong" })).await;
    daemon.reach(&source, "Error").await;
    let id = format!("{:016X}", number_of(&source));
    let own = |answer: &Answer| {
        let events = answer.json()["data"].clone();
        let mut events = events.as_array().expect("a list").clone().into_iter();
        events.find(|event| event["resourceIdentity"]["id"] == id.as_str())
    };
    let open = daemon.until("/api/v1/healthEvents", |answer| own(answer).is_some()).await;
    let event = own(&open).expect("it is open")["eventId"].as_str().expect("an id").to_owned();
    (source, format!("/health-events/{event}"))
}

#[tokio::test]
async fn an_event_is_shown_with_everything_that_is_known_of_it() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector(HOSTILE).await;
    let (source, event) = refused(&daemon, &collector, HOSTILE).await;
    let visitor = Visitor::of_role(&daemon, "view").await;
    let list = visitor.look("/health-events").await;
    assert_shows(
        &list,
        &["ThirdPartyConfigError", "Invalid client", "1 to 1 of 1", &format!("href=\"{event}\"")],
    );
    let page = visitor.look(&event).await;
    for page in [list, page.clone()] {
        assert_inert(&page);
        assert_only_to_look_at(&page);
    }
    let id = format!("{:016X}", number_of(&source));
    let source_page = source.strip_prefix("/api/v1").expect("an address of the API");
    assert_shows(
        &page,
        &[
            "<span class=\"badge bad\">Open</span>",
            "<dt>Error Code</dt><dd>401</dd>",
            "{&#34;error&#34;:&#34;invalid_client&#34;}",
            "Check client ID and secret key",
            &format!("<code>{id}</code>"),
            &format!("href=\"{source_page}\""),
            &format!("_index=sumologic_system_events &#34;{id}&#34; &#34;ThirdPartyConfigError&#34;"),
        ],
    );
}

#[tokio::test]
async fn events_are_searched_filtered_and_sorted_by_links() {
    let daemon = Daemon::start().await;
    let (office, plant) = (daemon.collector("Office").await, daemon.collector("Plant").await);
    let (alpha, _) = refused(&daemon, &office, "alpha").await;
    refused(&daemon, &plant, "Beta").await;
    let visitor = Visitor::new(&daemon).await;
    let id = format!("{:016X}", number_of(&alpha));
    for (query, shows, hides) in [
        ("?search=ALPHA".to_owned(), "alpha</a>", "Beta</a>"),
        ("?search=plant".to_owned(), "Beta</a>", "alpha</a>"),
        (format!("?search={id}"), "alpha</a>", "Beta</a>"),
        (format!("?source={}", number_of(&alpha)), "Only those of <strong>alpha</strong>", "Beta</a>"),
        (format!("?collector={}", number_of(&plant)), "Only those of <strong>Plant</strong>", "alpha</a>"),
        ("?state=resolved".to_owned(), "There was no health event yet.", "alpha</a>"),
        ("?severity=Warning".to_owned(), "No health event matches.", "alpha</a>"),
        ("?severity=Error&name=ThirdPartyConfigError&state=all".to_owned(), "Beta</a>", "No health event"),
        ("?name=FirstPartyGenericError".to_owned(), "No health event matches.", "alpha</a>"),
        ("?page=2".to_owned(), "This page is empty.", "alpha</a>"),
    ] {
        let page = visitor.look(&format!("/health-events{query}")).await;
        assert_shows(&page, &[shows]);
        assert_hides(&page, &[hides]);
    }
    let order = |page: &str| page.find("alpha</a>").expect("there") < page.find("Beta</a>").expect("there");
    let newest = visitor.look("/health-events").await;
    assert!(!order(&newest));
    assert_shows(
        &newest,
        &["aria-sort=\"descending\"><a href=\"/health-events?sort=opened\"", "?sort=resource\""],
    );
    assert!(order(&visitor.look("/health-events?sort=opened").await));
    assert!(order(&visitor.look("/health-events?sort=resource").await));
    assert!(!order(&visitor.look("/health-events?sort=-resource").await));
    assert_eq!(visitor.get("/health-events?page=0").await.status, 400);
}

#[tokio::test]
async fn a_resolved_event_is_history() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("Office").await;
    let (source, event) = refused(&daemon, &collector, "Code42").await;
    let etag = daemon.get(&source).await.etag();
    daemon.put(&source, &etag, &daemon.source_json("Code42", json!({}))).await.expect(200);
    daemon.until("/api/v1/healthEvents", |answer| answer.json()["data"] == json!([])).await;
    let visitor = Visitor::new(&daemon).await;
    assert_shows(&visitor.look("/health-events").await, &["No health event is open."]);
    assert_shows(&visitor.look("/health-events?state=resolved").await, &["Code42</a>"]);
    assert_shows(&visitor.look(&event).await, &["<span class=\"badge good\">Resolved</span>", "Resolved At"]);
    daemon.delete(&source).await.expect(200);
    daemon.until(&source, |answer| answer.status == 404).await;
    let page = visitor.look(&event).await;
    assert_shows(&page, &["Code42 <span class=\"quiet\">(deleted)</span>"]);
    assert_hides(&page, &[&format!("href=\"{}\"", source.trim_start_matches("/api/v1"))]);
}

#[tokio::test]
async fn whoever_sees_one_collector_sees_its_events_only() {
    let daemon = Daemon::start().await;
    let (own, other) = (daemon.collector("Own").await, daemon.collector("Other").await);
    let (_, own_event) = refused(&daemon, &own, "mine").await;
    let (other_source, other_event) = refused(&daemon, &other, "theirs").await;
    let visitor = Visitor::of_collector(&daemon, "view", &own).await;
    let page = visitor.look("/health-events?state=all").await;
    assert_shows(&page, &["mine</a>"]);
    assert_hides(&page, &["theirs"]);
    visitor.look(&own_event).await;
    assert_eq!(visitor.get(&other_event).await.status, 404);
    for query in
        [format!("?collector={}", number_of(&other)), format!("?source={}", number_of(&other_source))]
    {
        let page = visitor.look(&format!("/health-events{query}")).await;
        assert_hides(&page, &["theirs", "Other"]);
    }
}
