//! S10, S11, S12: a secret is sent to Incydr and is found nowhere else, whatever the process writes or answers.

use std::os::unix::fs::PermissionsExt;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use incydr_simulator::{ApiClient, Fault, FaultRule, IncydrOptions, SumoOptions, Target};
use serde_json::json;

use crate::client::Request;
use crate::daemon::{Daemon, files_below, tenant_with};

const SECRET: &str = "canary+\"secret\"/5d1c&b7=";
const CODE: &str = "ZaVcanarycode9e3f41d7aa==";

/// The forms in which a secret might be written by mistake.
fn forms(secret: &str) -> Vec<String> {
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let percent = |byte: u8| match byte.is_ascii_alphanumeric() {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    let percent_encoded = secret.bytes().map(percent).collect();
    let json_escaped = json!(secret).to_string().trim_matches('"').to_owned();
    let base64 = [STANDARD.encode(secret), URL_SAFE_NO_PAD.encode(secret)];
    [vec![secret.to_owned(), hex.to_uppercase(), hex, percent_encoded, json_escaped], base64.to_vec()]
        .concat()
}

fn assert_absent(canaries: &[String], place: &str, bytes: &[u8]) {
    for canary in canaries {
        let found = bytes.windows(canary.len()).any(|window| window == canary.as_bytes());
        assert!(!found, "{canary} stands in {place}");
    }
}

#[tokio::test]
async fn no_secret_is_written_or_answered_even_when_both_services_echo_it() {
    let client = ApiClient { secret: SECRET.to_owned(), ..ApiClient::default() };
    let incydr = IncydrOptions { clients: vec![client], ..tenant_with(200) };
    let sumo = SumoOptions { code: CODE.to_owned(), ..SumoOptions::default() };
    let options =
        ["--log-level", "trace", "--api-requests-per-second", "100000", "--api-requests-at-once", "1000"];
    let mut daemon = Daemon::with(incydr, sumo, &options).await;
    let echo = |text: &str| Fault::answer(503, format!("cannot serve {text}"));
    daemon.incydr.faults().add(FaultRule::next(Target::Oauth, 1, echo(SECRET)));
    daemon.sumo.faults().add(FaultRule::next(Target::Sumo, 1, echo(&daemon.sumo.url())));
    let collector = daemon.collector("c").await;
    let more = json!({ "secretKey": SECRET, "dataCollection": ["fileEvents", "alerts", "auditLogs"] });
    let source = daemon.source(&collector, "Code42", more).await;
    daemon.receive_all().await;
    daemon.reach(&source, "Collecting").await;
    let refusal = format!("{{\"error\":\"invalid_client\",\"secret\":\"{SECRET}\"}}");
    let rule = daemon.incydr.faults().add(FaultRule::always(Target::Oauth, Fault::answer(401, refusal)));
    daemon.incydr.revoke_tokens();
    daemon.post(&format!("{source}/action/restart"), &json!({})).await.expect(200);
    daemon.reach(&source, "Error").await;

    let (_, own_key) = daemon.client.credentials.clone().expect("credentials");
    let mut canaries = [forms(SECRET), forms(CODE), forms(&own_key)].concat();
    let requests = daemon.incydr.requests();
    let sent = requests.iter().filter_map(|request| request.header("authorization")?.split_once(' '));
    canaries.extend(sent.map(|(_, credential)| credential.to_owned()));
    assert!(canaries.len() > 23, "the pair and the tokens were sent");
    let description = daemon.get("/api/v1/openapi.json").await.expect(200);
    for path in description["paths"].as_object().expect("an object").keys() {
        let number = |address: &str| address.rsplit('/').next().unwrap_or_default().to_owned();
        let target = path
            .replace("{collectorId}", &number(&collector))
            .replace("{sourceId}", &number(&source))
            .replace("{name}", "c")
            .replace("{stream}", "fileEvents");
        let answer = daemon.get(&target).await;
        assert_absent(&canaries, &target, &answer.body);
        assert_absent(&canaries, &target, format!("{:?}", answer.headers).as_bytes());
    }
    let metrics = daemon.client.anonymous().get("/metrics").await;
    assert_absent(&canaries, "the metrics", &metrics.body);
    for query in ["sources?download=true", "sources/"] {
        assert_absent(&canaries, query, &daemon.get(&format!("{collector}/{query}")).await.body);
    }
    let body = daemon.source_json("Code42", json!({ "secretKey": format!("{SECRET}\n") }));
    let refused = daemon.post(&format!("{collector}/sources"), &body).await;
    assert_eq!(refused.status, 400);
    assert_absent(&canaries, "a refusal", &refused.body);
    let broken = format!("{{\"source\":{{\"config\":{{\"secretKey\":\"{}\" oops", "canary-in-broken-json");
    let refused = daemon.client.send(Request::new("POST", format!("{collector}/sources")).body(broken)).await;
    assert_absent(&["canary-in-broken-json".to_owned()], "a refusal", &refused.body);

    daemon.incydr.faults().remove(rule);
    assert_files_are_clean(&daemon, &canaries);
    daemon.kill().await;
    daemon.begin().await;
    daemon.stop().await;
    assert_files_are_clean(&daemon, &canaries);
    assert_absent(&canaries, "the log", daemon.log().as_bytes());
    assert_absent(&["canary-in-broken-json".to_owned()], "the log", daemon.log().as_bytes());
    let without_key = [forms(SECRET), forms(CODE)].concat();
    assert_absent(&without_key, "the standard output", daemon.printed().join("\n").as_bytes());
    let shown = daemon.printed().iter().filter(|line| line.contains(&own_key)).count();
    assert_eq!(shown, 1, "the first key is shown once");
}

/// The data folder with the state, its write-ahead log and everything else.
fn assert_files_are_clean(daemon: &Daemon, canaries: &[String]) {
    let files = files_below(&daemon.data_dir());
    assert!(files.iter().any(|file| file.ends_with("state.db")), "{files:?}");
    for file in files {
        assert_absent(canaries, &file.display().to_string(), &std::fs::read(&file).expect("readable"));
    }
}

#[tokio::test]
async fn only_the_owner_can_read_what_is_kept() {
    let daemon = Daemon::with_file_events(10).await;
    let collector = daemon.collector("c").await;
    daemon.source(&collector, "Code42", json!({})).await;
    daemon.receive_all().await;
    let mode = |path: &std::path::Path| path.metadata().expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(&daemon.data_dir()), 0o700);
    let files = files_below(&daemon.data_dir());
    assert!(files.len() >= 3, "{files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[tokio::test]
async fn no_secret_stands_in_the_environment_or_the_command_line_of_the_process() {
    let daemon = Daemon::start().await;
    let collector = daemon.collector("c").await;
    let source = daemon.source(&collector, "Code42", json!({ "secretKey": SECRET })).await;
    daemon.reach(&source, "Error").await;
    let read = |file: &str| std::fs::read(format!("/proc/{}/{file}", daemon.pid()));
    assert_absent(&forms(SECRET), "the command line", &read("cmdline").expect("readable"));
    // Only the superuser can read the environment of a process that may not be dumped.
    assert_absent(&forms(SECRET), "the environment", &read("environ").unwrap_or_default());
}
