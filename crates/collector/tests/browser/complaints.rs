//! What a browser has complained about.

use serde_json::Value;

/// Something that a page made the browser complain about, in a line.
pub(crate) type Complaint = String;

/// Requests that a page made, and how they ended.
#[derive(Default)]
pub(crate) struct Traffic {
    /// Method and address of each request, in their order; whether it was for the page itself.
    pub(crate) requests: Vec<SentRequest>,
    pub(crate) failures: Vec<Complaint>,
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
    /// Takes in what the performance log holds.
    pub(crate) fn take_in(&mut self, entries: &[Value]) {
        for entry in entries {
            let message: Value =
                serde_json::from_str(entry["message"].as_str().expect("text")).expect("JSON");
            let (method, about) = (&message["message"]["method"], &message["message"]["params"]);
            match method.as_str().unwrap_or_default() {
                "Network.requestWillBeSent" => self.requests.push(SentRequest::of(about)),
                "Network.loadingFailed" => self.fail(about),
                "Network.responseReceived" => self.judge(about),
                _ => {}
            }
        }
    }

    fn fail(&mut self, about: &Value) {
        // A page that is left ends its own requests.
        if about["canceled"] != true {
            let request = self.name_of(&about["requestId"]);
            self.failures.push(format!("{request}: {} {}", about["errorText"], about["blockedReason"]));
        }
    }

    fn judge(&mut self, about: &Value) {
        let status = about["response"]["status"].as_u64().unwrap_or(0);
        if status >= 400 {
            let request = self.name_of(&about["requestId"]);
            self.failures.push(format!("{request}: status {status}"));
        }
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
pub(crate) fn of_console(entries: &[Value]) -> impl Iterator<Item = Complaint> {
    let is_bad = |entry: &&Value| matches!(entry["level"].as_str(), Some("SEVERE" | "WARNING"));
    entries
        .iter()
        .filter(is_bad)
        .map(|entry| format!("console: {}", entry["message"].as_str().unwrap_or_default()))
}
