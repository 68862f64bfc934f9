//! The health events in the log of a run.

use serde_json::Value;

/// The trackers of the health events that a run opened and closed, in order.
#[derive(Debug, Default)]
pub(crate) struct HealthLog {
    pub(crate) opened: Vec<String>,
    pub(crate) closed: Vec<String>,
}

impl HealthLog {
    /// Reads the JSON log of a run that has ended.
    pub(crate) fn of(log: &[String]) -> Self {
        let mut health = Self::default();
        for line in log {
            let Ok(line) = serde_json::from_str::<Value>(line) else { continue };
            let (message, tracker) = (line["message"].as_str().unwrap_or_default(), &line["tracker"]);
            let tracker = tracker.as_str().unwrap_or_default().to_owned();
            if message.starts_with("health event opened") {
                health.opened.push(tracker);
            } else if message.starts_with("health event closed") {
                health.closed.push(tracker);
            }
        }
        health
    }

    /// Nothing but `tracker` went wrong, and that is over.
    pub(crate) fn assert_only(&self, tracker: &str) {
        assert!(!self.opened.is_empty(), "{tracker} was never told");
        assert!(self.opened.iter().chain(&self.closed).all(|told| told == tracker), "{self:?}");
        assert!(!self.closed.is_empty(), "{tracker} never ended");
    }

    /// Nothing went wrong.
    pub(crate) fn assert_none(&self) {
        assert!(self.opened.is_empty(), "{self:?}");
    }
}
