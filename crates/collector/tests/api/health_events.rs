//! Health events: opened once, listed, closed, restricted to resources, and kept as history.

use incydr_simulator::{Fault, FaultRule, Target};
use serde_json::{Value, json};

use crate::client::Answer;
use crate::daemon::Daemon;

const OPEN: &str = "/api/v1/healthEvents";
const OF_RESOURCES: &str = "/api/v1/healthEvents/resources";
const HISTORY: &str = "/api/v1/incydr/healthEvents/history";

fn count(answer: &Answer) -> usize {
    answer.json()["data"].as_array().map_or(0, Vec::len)
}

fn number_of(address: &str) -> u64 {
    address.rsplit('/').next().and_then(|number| number.parse().ok()).expect("a number")
}

fn resource(kind: &str, id: &str) -> Value {
    json!({ "data": [{ "id": id, "type": kind, "name": "whatever" }] })
}

#[tokio::test]
async fn an_issue_opens_one_event_with_the_documented_members() {
    let daemon = Daemon::start().await;
    let rule =
        daemon.incydr.faults().add(FaultRule::always(Target::Oauth, Fault::answer(503, "down for now")));
    let collector = daemon.collector("Hosted").await;
    let source = daemon.source(&collector, "Code42", json!({})).await;
    daemon.until(OPEN, |answer| count(answer) == 1).await;
    daemon.incydr.faults().wait_until_struck(rule, 3).await;
    let events = daemon.get(OPEN).await.expect(200);
    assert_eq!((events["data"].as_array().map(Vec::len), &events["next"]), (Some(1), &Value::Null));
    let event = &events["data"][0];
    assert_eq!(event["eventName"], "ThirdPartyGenericError");
    assert_eq!((&event["subsystem"], &event["severityLevel"]), (&"Collection".into(), &"Error".into()));
    let details = &event["details"];
    assert_eq!(
        (&details["trackerId"], &details["errorCode"]),
        (&"ThirdPartyGenericError".into(), &503.into())
    );
    assert!(details["error"].is_string() && details["description"].is_string(), "{details}");
    let identity = &event["resourceIdentity"];
    let hex = |address: &str| format!("{:016X}", number_of(address));
    assert_eq!((&identity["id"], &identity["type"]), (&hex(&source).into(), &"Source".into()));
    assert_eq!((&identity["name"], &identity["collectorName"]), (&"Code42".into(), &"Hosted".into()));
    assert_eq!(identity["collectorId"], hex(&collector));
    let time = event["eventTime"].as_str().expect("text");
    assert!(time.ends_with('Z') && time.contains('T'), "{time}");

    daemon.incydr.faults().remove(rule);
    daemon.until(OPEN, |answer| count(answer) == 0).await;
    let history = daemon.get(HISTORY).await.expect(200);
    assert_eq!(history["data"].as_array().map(Vec::len), Some(1));
    assert_eq!(history["data"][0]["eventId"], event["eventId"]);
    assert!(history["data"][0]["closedTime"].is_string(), "{history}");
}

#[tokio::test]
async fn events_are_listed_by_resource_in_pages_and_end_with_their_source() {
    let daemon = Daemon::start().await;
    let (one, other) = (daemon.collector("one").await, daemon.collector("other").await);
    let wrong = json!({ "secretKey": "another secret" });
    let first = daemon.source(&one, "first", wrong.clone()).await;
    let second = daemon.source(&one, "second", wrong.clone()).await;
    daemon.source(&other, "third", wrong).await;
    daemon.until(OPEN, |answer| count(answer) == 3).await;

    let hex = |address: &str| format!("{:016X}", number_of(address));
    for (body, expected) in [
        (resource("Source", &hex(&first)), 1),
        (resource("Source", &hex(&first).to_lowercase()), 1),
        (resource("Collector", &hex(&one)), 2),
        (resource("Source", "00000000000FFFFF"), 0),
        (resource("IngestBudget", &hex(&first)), 0),
        (json!({ "data": [] }), 0),
    ] {
        assert_eq!(count(&daemon.post(OF_RESOURCES, &body).await), expected, "{body}");
    }
    for body in [json!({}), json!({ "data": {} }), resource("Source", "7"), resource("Planet", &hex(&first))]
    {
        let refused = daemon.post(OF_RESOURCES, &body).await.expect(400);
        assert!(refused["errors"][0]["message"].is_string(), "{refused}");
    }

    let mut met = Vec::new();
    let mut page = daemon.get(&format!("{OPEN}?limit=2")).await.expect(200);
    loop {
        met.extend(page["data"].as_array().expect("a list").iter().map(|event| event["eventId"].clone()));
        let Some(token) = page["next"].as_str().map(str::to_owned) else { break };
        page = daemon.get(&format!("{OPEN}?limit=2&token={token}")).await.expect(200);
    }
    met.dedup();
    assert_eq!(met.len(), 3);
    for query in ["limit=0", "limit=1001", "limit=x", "token=none"] {
        let refused = daemon.get(&format!("{OPEN}?{query}")).await.expect(400);
        assert!(refused["errors"][0]["code"].is_string(), "{query}: {refused}");
    }

    daemon.delete(&second).await.expect(200);
    daemon.until(OPEN, |answer| count(answer) == 2).await;
    daemon.delete(&one).await.expect(200);
    daemon.until(OPEN, |answer| count(answer) == 1).await;
    assert_eq!(count(&daemon.get(HISTORY).await), 3, "what is over is remembered");
}

#[tokio::test]
async fn an_event_stays_the_same_over_a_restart_of_the_process() {
    let mut daemon = Daemon::start().await;
    let collector = daemon.collector("c").await;
    let source = daemon.source(&collector, "Code42", json!({ "secretKey": "another secret" })).await;
    let open = daemon.until(OPEN, |answer| count(answer) == 1).await.json();
    daemon.reach(&source, "Error").await;
    daemon.restart().await;
    daemon.reach(&source, "Error").await;
    let after = daemon.get(OPEN).await.expect(200);
    assert_eq!(after["data"][0]["eventId"], open["data"][0]["eventId"]);
    assert_eq!(after["data"][0]["eventTime"], open["data"][0]["eventTime"]);
    assert_eq!(count(&daemon.get(HISTORY).await), 1);
}
