//! How a collector or a source does, as one colored word that leads to its health events.

use incydr_core::health::SourceState;

use crate::printable::excerpt;

/// The word, what it means, and where it leads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HealthBadge {
    /// The color: `good`, `warn` or `bad`.
    pub class: &'static str,
    /// `Healthy`, `Warning` or `Error`.
    pub word: &'static str,
    /// The number of health events, and what else there is to say.
    pub explanation: String,
    /// The list of the health events, where there are any.
    pub href: Option<String>,
}

/// The color of a state. Collecting and Error have one; what lies between and after them has none.
pub const fn state_class(state: SourceState) -> &'static str {
    match state {
        SourceState::Collecting => "good",
        SourceState::Error => "bad",
        SourceState::Pending
        | SourceState::Started
        | SourceState::Initialized
        | SourceState::Authenticated
        | SourceState::Stopping => "quiet",
    }
}

impl HealthBadge {
    /// Of a source in `state` with so many open health events, of which these fields are dropped.
    pub fn of_source(id: u64, state: SourceState, open_events: usize, dropped_fields: &[String]) -> Self {
        let explanation = match (open_events, dropped_fields) {
            (1, _) => "1 open health event".to_owned(),
            (2.., _) => format!("{open_events} open health events"),
            (0, []) => "No open health events".to_owned(),
            (0, dropped) => {
                let names: Vec<_> = dropped.iter().map(|name| excerpt(name, 40)).collect();
                format!("Fields that the schema does not have are dropped: {}", names.join(", "))
            }
        };
        let (class, word) = match (state, open_events, dropped_fields.is_empty()) {
            (SourceState::Error, _, _) | (_, 1.., _) => ("bad", "Error"),
            (_, 0, false) => ("warn", "Warning"),
            (_, 0, true) => ("good", "Healthy"),
        };
        let href = (open_events > 0).then(|| format!("/health-events?source={id}"));
        Self { class, word, explanation, href }
    }

    /// Of a collector with so many sources in error.
    pub fn of_collector(id: u64, in_error: u64) -> Self {
        match in_error {
            0 => Self {
                class: "good",
                word: "Healthy",
                explanation: "All sources are healthy".to_owned(),
                href: None,
            },
            _ => Self {
                class: "bad",
                word: "Error",
                explanation: format!("{in_error} of its sources in error"),
                href: Some(format!("/health-events?collector={id}")),
            },
        }
    }
}
