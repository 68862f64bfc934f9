//! Health events on their way to Sumo Logic.

use std::time::Duration;

use incydr_simulator::{IncydrOptions, Keep, RequestRecord, SimulatedIncydr, SimulatedSumo, SumoOptions};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::daemon::{Daemon, source_json, told};

const PATIENCE: Duration = Duration::from_secs(60);

fn header<'a>(request: &'a RequestRecord, name: &str) -> &'a str {
    request.headers.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value)
}

#[test]
fn wrong_credentials_are_told_as_the_index_of_system_events_would_hold_them() {
    let runtime = Runtime::new().expect("a runtime");
    let (incydr, sumo) = runtime.block_on(async {
        let options = SumoOptions { keep: Keep::Messages, ..SumoOptions::default() };
        let incydr = SimulatedIncydr::start(IncydrOptions::default()).await.expect("a free port");
        (incydr, SimulatedSumo::start(options).await.expect("a free port"))
    });
    let folder = tempfile::tempdir().expect("folder");
    let text = format!(
        "allowed_base_urls = [\"{}\"]\n[[destinations]]\nto = \"{}\"\nallow_plain_http = true\n\
         [health_events]\ndeliver = true\n",
        incydr.base_url(),
        sumo.url(),
    );
    std::fs::write(folder.path().join("collector.toml"), text).expect("write");
    let daemon = Daemon::start(&folder, &["--config", "collector.toml"]);
    let source = source_json("Code42", "canary-7f3a").replace("http://127.0.0.1:9", &incydr.base_url());
    std::fs::write(folder.path().join("code42.json"), source).expect("write");
    told(&daemon.run(&["collectors", "create", "office"]));
    told(&daemon.run(&["sources", "create", "office", "--file", "code42.json"]));
    let wait = |messages| {
        let arrived = runtime
            .block_on(async { tokio::time::timeout(PATIENCE, sumo.wait_for_messages(messages)).await });
        arrived.expect("in time");
    };
    wait(1);
    told(&daemon.run(&["sources", "delete", "office", "Code42"]));
    wait(2);

    let told: Vec<Value> =
        sumo.received().kept.iter().map(|kept| serde_json::from_slice(kept).expect("json")).collect();
    let states: Vec<_> = told.iter().map(|event| event["status"].as_str()).collect();
    assert_eq!(states, [Some("UnHealthy"), Some("Healthy")]);
    assert_eq!(told[0]["details"]["trackerId"], "ThirdPartyConfigError");
    assert_eq!(told[0]["details"]["errorCode"], "401");
    assert_eq!(told[0]["resourceIdentity"]["name"], "Code42");
    assert_eq!(told[0]["resourceIdentity"]["collectorName"], "office");
    let posts = sumo.requests();
    assert_eq!(header(&posts[0], "x-sumo-category"), "Collection");
    assert_eq!(header(&posts[0], "x-sumo-name"), "TrackerUnHealthy");
    assert_eq!(header(&posts[1], "x-sumo-name"), "TrackerHealthy");
}
