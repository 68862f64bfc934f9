//! One source on one collector, and what stands below its address.

use incydr_simulator::{RecordKind, SimulatedIncydr, SimulatedSumo, Verdict};
use serde_json::{Value, json};

use crate::client::{Answer, Request};
use crate::daemon::Daemon;

/// The program with a source that has been created.
pub(crate) struct OneSource {
    pub(crate) daemon: Daemon,
    /// Its address.
    address: String,
}

impl OneSource {
    /// With a tenant of so many file events of the last day; `prepare` sees the services before anything is collected.
    pub(crate) async fn with_file_events(
        file_events: u64,
        prepare: impl FnOnce(&SimulatedIncydr, &SimulatedSumo),
    ) -> Self {
        let daemon = Daemon::with_file_events(file_events).await;
        prepare(&daemon.incydr, &daemon.sumo);
        let collector = daemon.collector("Staging").await;
        let both = json!({ "dataCollection": ["fileEvents", "auditLogs"] });
        let address = daemon.source(&collector, "Code42", both).await;
        Self { daemon, address }
    }

    /// Status and JSON (or null) of a request to `below` the source.
    pub(crate) async fn ask(&self, method: &'static str, below: &str, body: Option<Value>) -> (u16, Value) {
        let request = Request::new(method, format!("{}{below}", self.address));
        let request = body.iter().fold(request, Request::json);
        outcome(&self.daemon.client.send(request).await)
    }

    /// The same of a `GET` that must succeed.
    pub(crate) async fn see(&self, below: &str) -> Value {
        self.daemon.get(&format!("{}{below}", self.address)).await.expect(200)
    }

    /// Looks at `below` the source until it is as it should be.
    pub(crate) async fn see_when(&self, below: &str, is_right: impl Fn(&Value) -> bool) -> Value {
        let address = format!("{}{below}", self.address);
        let is_wanted = |answer: &Answer| answer.status == 200 && is_right(&answer.json());
        self.daemon.until(&address, is_wanted).await.json()
    }

    /// The figures of the file events, once at least so many were fetched and no poll is under way.
    pub(crate) async fn settled(&self, fetched: u64) -> Value {
        let is_settled = |seen: &Value| {
            let stream = &seen["streams"][0];
            stream["fetched"].as_u64() >= Some(fetched)
                && stream["polling"] == false
                && !stream["watermark"].is_null()
        };
        self.see_when("/streams", is_settled).await["streams"][0].clone()
    }

    /// The answer to a `POST` below the source under its newest tag, or under `tag`.
    pub(crate) async fn change(&self, below: &str, tag: Option<&str>, body: Value) -> (u16, Value) {
        let newest = self.daemon.get(&self.address).await.etag();
        let request = Request::new("POST", format!("{}{below}", self.address));
        let request = request.header("If-Match", tag.unwrap_or(&newest)).json(&body);
        outcome(&self.daemon.client.send(request).await)
    }

    /// Status and text of a request without a key.
    pub(crate) async fn ask_as_nobody(&self, path: &str) -> (u16, String) {
        let answer = self.daemon.client.anonymous().get(path).await;
        (answer.status, answer.text())
    }

    /// The newest changes.
    pub(crate) async fn audit_log(&self) -> Value {
        self.daemon.get("/api/v1/incydr/auditLog").await.expect(200)
    }

    /// How what Sumo Logic received compares with the file events that were there.
    pub(crate) fn verdict(&self) -> Verdict {
        self.daemon.incydr.truth().compare(&self.daemon.sumo.received(), &[RecordKind::FileEvent])
    }
}

fn outcome(answer: &Answer) -> (u16, Value) {
    (answer.status, serde_json::from_slice(&answer.body).unwrap_or_default())
}
