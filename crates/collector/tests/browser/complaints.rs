//! What a browser has complained about.

use serde_json::Value;

/// Something that a page made the browser complain about, in a line.
pub(crate) type Complaint = String;

/// The requests of a browser.
#[derive(Default)]
pub(crate) struct Traffic {
    /// In the order in which they were sent.
    pub(crate) requests: Vec<SentRequest>,
}

/// A request that the browser has sent.
#[derive(Clone, Debug)]
pub(crate) struct SentRequest {
    id: String,
    pub(crate) method: String,
    pub(crate) url: String,
    /// What for, as in `Document`, `EventSource` or `Fetch`.
    pub(crate) kind: String,
}

impl Traffic {
    /// Takes in what the performance log holds, and tells which requests have failed.
    pub(crate) fn take_in(&mut self, entries: &[Value]) -> Vec<Complaint> {
        let mut failures = Vec::new();
        for entry in entries {
            let message: Value =
                serde_json::from_str(entry["message"].as_str().expect("text")).expect("JSON");
            let (method, about) = (&message["message"]["method"], &message["message"]["params"]);
            match method.as_str().unwrap_or_default() {
                "Network.requestWillBeSent" => self.requests.push(SentRequest::of(about)),
                "Network.loadingFailed" => failures.extend(self.failure(about)),
                "Network.responseReceived" => failures.extend(self.refusal(about)),
                _ => {}
            }
        }
        failures
    }

    /// A page that is left ends its own requests, which is no failure.
    fn failure(&self, about: &Value) -> Option<Complaint> {
        let request = self.name_of(&about["requestId"]);
        (about["canceled"] != true)
            .then(|| format!("{request}: {} {}", about["errorText"], about["blockedReason"]))
    }

    fn refusal(&self, about: &Value) -> Option<Complaint> {
        let status = about["response"]["status"].as_u64().unwrap_or(0);
        (status >= 400).then(|| format!("{}: status {status}", self.name_of(&about["requestId"])))
    }

    fn name_of(&self, id: &Value) -> String {
        let request = self.requests.iter().rev().find(|request| *id == request.id.as_str());
        request.map_or_else(|| id.to_string(), |request| format!("{} {}", request.method, request.url))
    }
}

impl SentRequest {
    fn of(about: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Self {
            id: text(&about["requestId"]),
            method: text(&about["request"]["method"]),
            url: text(&about["request"]["url"]),
            kind: text(&about["type"]),
        }
    }
}

/// What the console shows that is no mere remark: errors, violations of the content security policy, failed requests.
pub(crate) fn of_console(entries: &[Value]) -> Vec<Complaint> {
    let is_bad = |entry: &&Value| matches!(entry["level"].as_str(), Some("SEVERE" | "WARNING"));
    let told = |entry: &Value| format!("console: {}", entry["message"].as_str().unwrap_or_default());
    entries.iter().filter(is_bad).map(told).collect()
}
