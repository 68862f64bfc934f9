//! Collectors: list, show, create, update, delete.

use serde_json::{Value, json};

use crate::client::Request;
use crate::daemon::Daemon;

const COLLECTORS: &str = "/api/v1/collectors";

fn body(collector: Value) -> Value {
    json!({ "collector": collector })
}

fn names(listed: &Value) -> Vec<&str> {
    let collectors = listed["collectors"].as_array().expect("a list");
    collectors.iter().filter_map(|collector| collector["name"].as_str()).collect()
}

#[tokio::test]
async fn a_list_without_collectors_is_empty_and_pages_and_filters_work() {
    let daemon = Daemon::start().await;
    assert_eq!(daemon.get(COLLECTORS).await.expect(200), json!({ "collectors": [] }));
    for name in ["a", "b", "c", "d"] {
        daemon.collector(name).await;
    }
    for (query, expected) in [
        ("", vec!["a", "b", "c", "d"]),
        ("?limit=2", vec!["a", "b"]),
        ("?limit=2&offset=2", vec!["c", "d"]),
        ("?limit=1000&offset=4", vec![]),
        ("?filter=hosted", vec!["a", "b", "c", "d"]),
        ("?filter=alive&limit=1&offset=3", vec!["d"]),
        ("?filter=installed", vec![]),
        ("?filter=dead", vec![]),
        ("/offline?aliveBeforeDays=1", vec![]),
        ("/upgrades/collectors", vec![]),
    ] {
        let listed = daemon.get(&format!("{COLLECTORS}{query}")).await.expect(200);
        assert_eq!(names(&listed), expected, "{query}");
    }
    for query in ["limit=0", "limit=-1", "limit=x", "limit=1001", "offset=-1", "filter=x"] {
        let refused = daemon.get(&format!("{COLLECTORS}?{query}")).await;
        let message = refused.problem(400, "collectors.validation.query.invalid");
        assert!(message.contains(query.split('=').next().expect("a name")), "{message}");
    }
}

#[tokio::test]
async fn a_new_collector_has_the_documented_members_and_is_found_by_its_number() {
    let daemon = Daemon::start().await;
    let wanted = body(json!({
        "collectorType": "Hosted", "name": "incydr", "description": "d", "category": "sec/code42",
        "timeZone": "Etc/UTC", "fields": { "team": "ir" }, "ephemeral": false,
    }));
    let created = daemon.post(COLLECTORS, &wanted).await;
    let (etag, created) = (created.etag(), created.expect(201));
    let collector = &created["collector"];
    let id = collector["id"].as_u64().expect("an integer");
    assert!(collector["lastSeenAlive"].is_u64());
    for (key, value) in wanted["collector"].as_object().expect("an object") {
        assert_eq!(collector[key], *value, "{key}");
    }
    assert_eq!((&collector["alive"], &collector["collectorVersion"]), (&true.into(), &"".into()));
    let href = format!("/v1/collectors/{id}/sources");
    assert_eq!(collector["links"], json!([{ "rel": "sources", "href": href }]), "without `/api`");
    let shown = daemon.get(&format!("{COLLECTORS}/{id}")).await;
    assert_eq!(shown.etag(), etag);
    assert_eq!(etag.len(), 34, "32 hex digits in quotes");
    assert_eq!(shown.expect(200)["collector"]["name"], "incydr");
}

#[tokio::test]
async fn a_collector_is_found_by_its_name_however_that_is_written() {
    let daemon = Daemon::start().await;
    let named = [
        ("Staging.Area", "Staging.Area/"),
        ("with space", "with%20space"),
        ("Zürich", "Z%C3%BCrich"),
        ("a+b&c=d", "a+b&c=d"),
        ("per%cent/slash;\\", "per%25cent%2Fslash%3B%5C/"),
        ("100", "100"),
        ("offline", "offline"),
        ("?#", "%3F%23"),
    ];
    for (name, written) in named {
        let address = daemon.collector(name).await;
        let found = daemon.get(&format!("{COLLECTORS}/name/{written}")).await;
        assert_eq!(found.etag(), daemon.get(&address).await.etag());
        assert_eq!(found.expect(200)["collector"]["name"], name);
    }
    daemon.get(&format!("{COLLECTORS}/name/Staging.Area")).await.expect(200);
    for absent in ["nobody", "%FF", "Staging.Area/more"] {
        assert_eq!(daemon.get(&format!("{COLLECTORS}/name/{absent}")).await.status, 404, "{absent}");
    }
}

#[tokio::test]
async fn an_unknown_number_is_404_for_every_method() {
    let daemon = Daemon::start().await;
    for id in ["999", "0", "-1", "abc", "99999999999999999999", "1e3"] {
        let address = format!("{COLLECTORS}/{id}");
        let message = daemon.get(&address).await.problem(404, "collectors.collector.invalid");
        assert_eq!(message, "The specified collector ID is invalid.");
        daemon.put(&address, "*", &body(json!({}))).await.problem(404, "collectors.collector.invalid");
        daemon.delete(&address).await.problem(404, "collectors.collector.invalid");
        daemon.get(&format!("{address}/sources")).await.problem(404, "collectors.collector.invalid");
        daemon.get(&format!("{address}/sources/1")).await.problem(404, "collectors.collector.invalid");
    }
}

#[tokio::test]
async fn an_update_needs_the_newest_etag() {
    let daemon = Daemon::start().await;
    let address = daemon.collector("one").await;
    let renamed = body(json!({ "name": "two" }));
    let old = daemon.get(&address).await.etag();
    daemon.send_put(&address, None, &renamed).await.problem(403, "forbidden");
    daemon.send_put(&address, Some(""), &renamed).await.problem(403, "forbidden");
    daemon
        .put(&address, "\"5f6bbe49f8b5a19dd43c806411225a5f\"", &renamed)
        .await
        .problem(412, "precondition.failed");
    let updated = daemon.put(&address, &old, &renamed).await;
    assert_ne!(updated.etag(), old);
    updated.expect(200);
    daemon.put(&address, &old, &renamed).await.problem(412, "precondition.failed");
    let unquoted = daemon.get(&address).await.etag().trim_matches('"').to_owned();
    daemon.put(&address, &unquoted, &renamed).await.expect(200);
    daemon.put(&address, "*", &renamed).await.expect(200);
}

#[tokio::test]
async fn of_two_updates_made_from_the_same_version_one_is_stale() {
    let daemon = Daemon::start().await;
    let address = daemon.collector("one").await;
    let etag = daemon.get(&address).await.etag();
    let (two, three) = (body(json!({ "name": "two" })), body(json!({ "name": "three" })));
    let (one, other) = tokio::join!(daemon.put(&address, &etag, &two), daemon.put(&address, &etag, &three));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
}

#[tokio::test]
async fn the_whole_body_of_a_get_can_be_put_back_with_one_member_changed() {
    let daemon = Daemon::start().await;
    let wanted =
        json!({ "name": "one", "description": "d", "timeZone": "Etc/UTC", "fields": { "team": "ir" } });
    let id = daemon.post(COLLECTORS, &body(wanted)).await.expect(201)["collector"]["id"].clone();
    let address = format!("{COLLECTORS}/{id}");
    let shown = daemon.get(&address).await;
    let (etag, mut whole) = (shown.etag(), shown.expect(200));
    whole["collector"]["description"] = json!("changed");
    whole["collector"]["osName"] = json!("Linux");
    daemon.put(&address, &etag, &whole).await.expect(200);
    let collector = daemon.get(&address).await.expect(200)["collector"].clone();
    assert_eq!((&collector["description"], &collector["fields"]["team"]), (&"changed".into(), &"ir".into()));
    assert_eq!(collector.get("osName"), None);
}

#[tokio::test]
async fn optional_members_that_an_update_leaves_out_are_gone() {
    let daemon = Daemon::start().await;
    let wanted = json!({
        "name": "one", "description": "d", "category": "c", "timeZone": "Etc/UTC", "fields": { "team": "ir" },
    });
    let id = daemon.post(COLLECTORS, &body(wanted)).await.expect(201)["collector"]["id"].clone();
    let address = format!("{COLLECTORS}/{id}");
    let updated = daemon.put(&address, "*", &body(json!({ "id": id, "name": "one" }))).await.expect(200);
    for key in ["description", "category", "timeZone", "fields"] {
        assert_eq!(updated["collector"].get(key), None, "{key}");
    }
    let other = body(json!({ "id": 4_711, "name": "one" }));
    assert!(
        daemon
            .put(&address, "*", &other)
            .await
            .problem(400, "collectors.validation.fields.invalid")
            .contains("id")
    );
}

#[tokio::test]
async fn names_are_taken_once_and_free_again_after_the_deletion() {
    let daemon = Daemon::start().await;
    let (one, two) = (daemon.collector("one").await, daemon.collector("two").await);
    let named_one = body(json!({ "name": "one" }));
    let duplicate = "collectors.validation.name.duplicate";
    let message = daemon.post(COLLECTORS, &named_one).await.problem(400, duplicate);
    assert_eq!(message, "A resource with the same name already exists.");
    daemon.put(&two, "*", &named_one).await.problem(400, duplicate);
    daemon.put(&one, "*", &named_one).await.expect(200);
    let deleted = daemon.delete(&one).await;
    assert_eq!((deleted.status, deleted.body.len()), (200, 0));
    daemon.get(&one).await.problem(404, "collectors.collector.invalid");
    daemon.delete(&one).await.problem(404, "collectors.collector.invalid");
    daemon.put(&two, "*", &named_one).await.expect(200);
}

#[tokio::test]
async fn the_deletion_of_a_collector_ends_its_sources_even_while_one_is_stopping() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("one").await;
    let (first, second) =
        (daemon.source(&collector, "1", json!({})).await, daemon.source(&collector, "2", json!({})).await);
    daemon.reach(&second, "Collecting").await;
    daemon.delete(&first).await.expect(200);
    daemon.delete(&collector).await.expect(200);
    for gone in [&collector, &first, &second, &format!("{collector}/sources")] {
        daemon.get(gone).await.problem(404, "collectors.collector.invalid");
    }
    daemon.hear(&["2", "source deleted"]).await;
    let again = daemon.collector("one").await;
    let listed = daemon.get(&format!("{again}/sources")).await.expect(200);
    assert_eq!(listed, json!({ "sources": [] }));
}

#[tokio::test]
async fn other_types_than_hosted_are_refused() {
    let daemon = Daemon::start().await;
    let installed = body(json!({ "name": "one", "collectorType": "Installable" }));
    let message =
        daemon.post(COLLECTORS, &installed).await.problem(400, "collectors.validation.fields.invalid");
    assert!(message.contains("collectorType"), "{message}");
    let deleted = daemon.delete(&format!("{COLLECTORS}/offline?aliveBeforeDays=7")).await;
    assert_eq!((deleted.status, deleted.text().as_str()), (200, "The delete task has been initiated"));
}

#[tokio::test]
async fn what_a_collector_says_is_inherited_by_what_its_sources_deliver() {
    let daemon = Daemon::with_file_events(5).await;
    let wanted = json!({ "collector": { "name": "one", "category": "inherited", "fields": { "team": "ir" } },
        "autoActivateFields": true });
    let id = daemon.post(COLLECTORS, &wanted).await.expect(201)["collector"]["id"].clone();
    let mut source = daemon.source_json("Code42", json!({}));
    source["source"]["config"].as_object_mut().expect("an object").remove("category");
    daemon.post(&format!("{COLLECTORS}/{id}/sources"), &source).await.expect(201);
    daemon.receive_all().await;
    let requests = daemon.sumo.requests();
    let request = requests.first().expect("one");
    assert_eq!(request.header("x-sumo-category"), Some("inherited"));
    assert!(request.header("x-sumo-fields").is_some_and(|fields| fields.contains("team=ir")), "{request:?}");
}

#[tokio::test]
async fn a_version_that_the_caller_has_is_not_sent_again() {
    let daemon = Daemon::start().await;
    let address = daemon.collector("one").await;
    let etag = daemon.get(&address).await.etag();
    let conditional = |method| Request::new(method, &*address).header("If-None-Match", &etag);
    let same = daemon.client.send(conditional("GET")).await;
    assert_eq!((same.status, same.body.len(), same.etag()), (304, 0, etag.clone()));
    let unchanged = body(json!({ "name": "one", "collectorType": "Hosted" }));
    let put = conditional("PUT").header("If-Match", "*").json(&unchanged);
    assert_eq!(daemon.client.send(put).await.status, 200, "a change is answered whole");
}

#[tokio::test]
async fn a_time_zone_is_one_of_the_database_and_comes_back_as_it_was_sent() {
    let daemon = Daemon::start().await;
    for (number, zone) in ["UTC", "Etc/UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "EST5EDT"]
        .into_iter()
        .enumerate()
    {
        let named = body(json!({ "name": format!("c{number}"), "timeZone": zone }));
        assert_eq!(daemon.post(COLLECTORS, &named).await.expect(201)["collector"]["timeZone"], zone);
    }
    for (zone, remedy) in [
        ("Europe/Atlantis", "Europe/Berlin"),
        ("europe/berlin", "write it \"Europe/Berlin\""),
        ("GMT+1:30", "Etc/UTC"),
        ("", "Etc/UTC"),
    ] {
        let refused = daemon.post(COLLECTORS, &body(json!({ "name": "c", "timeZone": zone }))).await;
        let message = refused.problem(400, "collectors.validation.fields.invalid");
        assert!(message.starts_with("`collector.timeZone` names no zone"), "{message}");
        assert!(message.contains(remedy), "{message}");
    }
}
