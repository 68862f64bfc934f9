//! Secrets are sent where they belong and are found nowhere else, not even at the most talkative log level.

use std::path::PathBuf;

use incydr_simulator::{ApiClient, Fault, FaultRule, IncydrOptions, SumoOptions, Target};
use serde_json::json;

use crate::stage::{Stage, files_below, tenant_with};

const SECRET: &str = "canary+secret/5d1c&b7=";
const CODE: &str = "ZaVcanarycode9e3f41d7aa==";

/// The forms in which a secret might be written by mistake, besides those that were seen on the wire.
fn forms(secret: &str) -> Vec<String> {
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let percent = |byte: u8| match byte.is_ascii_alphanumeric() {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    let percent_encoded = secret.bytes().map(percent).collect();
    let json_escaped = json!(secret).to_string().trim_matches('"').to_owned();
    vec![secret.to_owned(), hex, percent_encoded, json_escaped]
}

/// Everything that authenticated a request: the pair of the token request, and the tokens.
fn credentials_on_the_wire(stage: &Stage) -> Vec<String> {
    let requests = stage.incydr.requests();
    let headers = requests.iter().filter_map(|request| request.header("authorization"));
    headers.filter_map(|header| header.split_once(' ')).map(|(_, credential)| credential.to_owned()).collect()
}

fn assert_absent(canaries: &[String], place: &str, bytes: &[u8]) {
    for canary in canaries {
        let found = bytes.windows(canary.len()).any(|window| window == canary.as_bytes());
        assert!(!found, "{canary} stands in {place}");
    }
}

#[tokio::test]
async fn no_secret_is_written_anywhere_even_when_both_services_echo_it() {
    let client = ApiClient { secret: SECRET.to_owned(), ..ApiClient::default() };
    let incydr = IncydrOptions { clients: vec![client], ..tenant_with(500) };
    let stage = Stage::new(incydr, SumoOptions { code: CODE.to_owned(), ..SumoOptions::default() }).await;
    stage.write_source(&["fileEvents", "alerts", "auditLogs"], json!({ "secretKey": "env:INCYDR_SECRET" }));
    let echo = |text: &str| Fault::answer(503, format!("cannot serve {text}"));
    stage.incydr.faults().add(FaultRule::next(Target::Oauth, 1, echo(SECRET)));
    stage.sumo.faults().add(FaultRule::next(Target::Sumo, 2, echo(&stage.sumo.url())));

    let output = stage.path("events.ndjson");
    let collect = stage.collect().to_stdout(&output).to_archive().args(["--to", "env:SUMO_URL"]);
    let collect = collect.env("INCYDR_SECRET", SECRET).env("SUMO_URL", &stage.sumo.url());
    let running = collect.args(["--log-level", "trace"]).following().start();
    stage.sumo.wait_for_messages(500).await;
    running.signal("TERM").await;
    let ended = running.end().await;
    assert!(ended.status.success(), "{:?}", ended.log);
    stage.assert_complete(0);

    let mut canaries = credentials_on_the_wire(&stage);
    assert!(canaries.len() >= 4, "the pair and the tokens were sent");
    canaries.extend(forms(SECRET).into_iter().chain(forms(CODE)));
    assert_absent(&canaries, "the log", ended.log.join("\n").as_bytes());
    let files: Vec<PathBuf> = files_below(&stage.path("."));
    assert!(files.len() > 4, "{files:?}");
    for file in files {
        assert_absent(&canaries, &file.display().to_string(), &std::fs::read(&file).expect("readable"));
    }
}

#[tokio::test]
async fn credentials_that_are_refused_are_not_shown_either() {
    let stage = Stage::with_file_events(0).await;
    stage.write_source(&["fileEvents"], json!({ "secretKey": SECRET }));
    let refusal = format!("{{\"error\":\"invalid_client\",\"secret\":\"{SECRET}\"}}");
    stage.incydr.faults().add(FaultRule::always(Target::Oauth, Fault::answer(401, refusal)));
    let ended = stage.collect().to_sumo().args(["--log-level", "trace"]).start().end().await;
    assert_eq!(ended.status.code(), Some(1));
    let canaries = [credentials_on_the_wire(&stage), forms(SECRET)].concat();
    assert_absent(&canaries, "the log", ended.log.join("\n").as_bytes());
    let checked = stage.check(&stage.sumo.url()).await;
    assert_absent(&canaries, "the table", &checked.stdout);
    assert_absent(&canaries, "the errors of `check`", &checked.stderr);
}
