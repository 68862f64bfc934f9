//! An installation in which everything that a page can show is there.

use std::path::Path;
use std::time::Duration;

use incydr_simulator::{
    BreakPoint, DataOptions, Fault, FaultRule, GivenEvent, Growth, IncydrOptions, SumoOptions, Target,
    Visibility, When,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::Answer;
use crate::daemon::{Daemon, tenant_with};

const POISON: &str = "poisoned-event";
const FILE_EVENTS: u64 = 30_000;

/// The daemon, and the addresses in its API of what the pages are about.
pub(crate) struct Scene {
    pub(crate) daemon: Daemon,
    collector: String,
    source: String,
    failing: String,
    backfill: String,
    letter: String,
    event: String,
    field: String,
    key: String,
    _configuration: TempDir,
}

impl Scene {
    pub(crate) async fn set() -> Self {
        let configuration = TempDir::new().expect("a folder");
        let file = configuration.path().join("collector.toml");
        std::fs::write(&file, "[pages]\ntail = true\n").expect("it can be written");
        let daemon = start(&file).await;
        let collector = daemon.collector("Head office").await;
        daemon.post("/api/v1/fields", &json!({ "fieldName": "department" })).await.expect(200);
        let field = daemon.post("/api/v1/fields", &json!({ "fieldName": "site" })).await.expect(200);
        let field = field["fieldId"].as_str().expect("an id").to_owned();
        let source = daemon
            .source(
                &collector,
                "Code42 production",
                json!({
                    "description": "All departments of the head office",
                    "category": "security/code42/production",
                    "dataCollection": ["fileEvents", "alerts", "auditLogs"],
                    "fields": { "department": "all", "cost_center": "4711" },
                    "pollingInterval": 10,
                }),
            )
            .await;
        let wrong = json!({ "category": "security/code42/subsidiary", "secretKey": "mistyped" });
        let failing = daemon.source(&collector, "Code42 subsidiary", wrong).await;
        daemon.reach(&failing, "Error").await;
        wait_for_idle(&daemon, &source).await;
        let rule = FaultRule::next(Target::Oauth, 1, Fault::Hang { at: BreakPoint::BeforeHead });
        daemon.incydr.faults().add(rule);
        let other = daemon.collector("Branch offices").await;
        let idle =
            daemon.source(&other, "Code42 laboratory", json!({ "category": "security/code42/lab" })).await;
        daemon.reach(&idle, "Initialized").await;
        daemon.collector("Archive").await;
        let backfill = begin_backfills(&daemon, &source).await;
        let letters = daemon.get(&format!("{source}/deadLetters")).await.expect(200);
        let events = daemon.get("/api/v1/healthEvents").await.expect(200);
        let key = json!({ "accessKey": { "label": "Dashboard", "role": "view" } });
        let key = daemon.post("/api/v1/incydr/accessKeys", &key).await.expect(201);
        Self {
            letter: letters["deadLetters"][0]["id"].to_string(),
            event: events["data"][0]["eventId"].as_str().expect("an id").to_owned(),
            key: key["accessKey"]["accessId"].as_str().expect("an id").to_owned(),
            _configuration: configuration,
            daemon,
            collector,
            source,
            failing,
            backfill,
            field,
        }
    }

    /// Each page with a name for its pictures.
    pub(crate) fn pages(&self) -> Vec<(&'static str, String)> {
        let [collector, source, failing] =
            [&self.collector, &self.source, &self.failing].map(|address| address.replace("/api/v1", ""));
        let Self { backfill, letter, event, field, key, .. } = self;
        vec![
            ("collection", "/collection".to_owned()),
            ("collection-search", "/collection?search=nothing+of+the+kind".to_owned()),
            ("add-collector", "/collectors/new".to_owned()),
            ("edit-collector", format!("{collector}/edit")),
            ("delete-collector", format!("{collector}/delete")),
            ("pick-source", format!("{collector}/sources/new")),
            ("add-source", format!("{collector}/sources/new/code42-incydr")),
            ("source", source.clone()),
            ("failing-source", failing),
            ("edit-source", format!("{source}/edit")),
            ("json", format!("{source}/json")),
            ("restart", format!("{source}/restart")),
            ("delete-source", format!("{source}/delete")),
            ("backfills", format!("{source}/backfills")),
            ("backfill", format!("{source}/backfills/{backfill}")),
            ("cancel-backfill", format!("{source}/backfills/{backfill}/cancel")),
            ("dead-letters", format!("{source}/dead-letters")),
            ("dead-letter", format!("{source}/dead-letters/{letter}")),
            ("discard-dead-letter", format!("{source}/dead-letters/{letter}/discard")),
            ("tail", format!("{source}/tail")),
            ("health-events", "/health-events?state=all".to_owned()),
            ("health-event", format!("/health-events/{event}")),
            ("fields", "/fields".to_owned()),
            ("delete-field", format!("/fields/{field}/delete")),
            ("access-keys", "/access-keys".to_owned()),
            ("revoke-access-key", format!("/access-keys/{key}/revoke")),
            ("about", "/about".to_owned()),
            ("problem", "/no-such-page".to_owned()),
            ("sign-in", "/sign-in".to_owned()),
        ]
    }
}

/// A tenant whose last day lies in the past, and that goes on; a few of its events are refused by Sumo Logic.
async fn start(configuration: &Path) -> Daemon {
    let data = DataOptions {
        period: Duration::from_secs(3 * 24 * 3_600),
        file_events: FILE_EVENTS,
        sessions: 300,
        audit_rows: 1_500,
        growth: Growth { file_events_per_second: 4.0, sessions_per_hour: 120.0, audit_rows_per_minute: 12.0 },
        event_visibility: Visibility::immediate(),
        audit_visibility: Visibility::immediate(),
        ..DataOptions::default()
    };
    let configuration = configuration.to_str().expect("text");
    let options = ["--config", configuration, "--api-requests-per-second", "100000"];
    let incydr = IncydrOptions { data, ..tenant_with(0) };
    let daemon = Daemon::with(incydr, SumoOptions::default(), &options).await;
    for hours in 1..=4 {
        let at = daemon.incydr.clock().now().minus(Duration::from_secs(hours * 3_600));
        daemon.incydr.add_events([GivenEvent::plain(&format!("{POISON}-{hours}"), at)], at);
    }
    let refusal = Fault::RefuseContaining { marker: POISON.to_owned(), status: 400 };
    daemon.sumo.faults().add(FaultRule::always(Target::Sumo, refusal));
    daemon
}

/// Waits until the streams of a source have been walked once.
async fn wait_for_idle(daemon: &Daemon, source: &str) {
    let has_watermark = |stream: &Value| stream["watermark"].is_string();
    let is_idle = |answer: &Answer| {
        answer.json()["streams"]
            .as_array()
            .is_some_and(|streams| streams.len() == 3 && streams.iter().all(has_watermark))
    };
    daemon.until(&format!("{source}/streams"), is_idle).await;
}

/// One that has ended, and one that is under way for as long as pictures are taken.
async fn begin_backfills(daemon: &Daemon, source: &str) -> String {
    let backfills = format!("{source}/backfills");
    let watermark =
        daemon.get(&format!("{source}/streams")).await.expect(200)["streams"][0]["watermark"].clone();
    let begin = async |stream: &str| {
        let wanted = json!({ "stream": stream, "from": "2020-01-01T00:00:00Z", "to": watermark });
        let begun = daemon.post(&backfills, &json!({ "backfill": wanted })).await.expect(201);
        begun["backfill"]["id"].to_string()
    };
    let ended = begin("auditLogs").await;
    let is_over = |answer: &Answer| answer.json()["backfill"]["state"] == "Completed";
    daemon.until(&format!("{backfills}/{ended}"), is_over).await;
    // The first pages come at once, the others while pictures are taken.
    let late = FaultRule::always(Target::FileEvents, Fault::Delay { millis: 120_000 });
    daemon.incydr.faults().add(late.when(When::between(5, u64::MAX)));
    let running = begin("fileEvents").await;
    let is_walking =
        |answer: &Answer| answer.json()["backfill"]["progress"]["acknowledged"].as_u64() > Some(0);
    daemon.until(&format!("{backfills}/{running}"), is_walking).await;
    running
}
