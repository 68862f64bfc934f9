//! The terms that a filter can name, and which operators each kind of term understands.

/// What kind of value stands under a term.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TermKind {
    Text,
    Number,
    Time,
}

const TIMES: [&str; 6] = [
    "@timestamp",
    "event.inserted",
    "event.ingested",
    "file.created",
    "file.modified",
    "file.acquiredFrom.agentTimestamp",
];

const NUMBERS: [&str; 6] = [
    "risk.score",
    "risk.indicators.weight",
    "file.sizeInBytes",
    "report.count",
    "source.removableMedia.capacity",
    "destination.removableMedia.capacity",
];

/// The service gains terms often, so everything under a known branch of a document is a term.
const BRANCHES: [&str; 11] = [
    "event.",
    "user.",
    "file.",
    "report.",
    "source.",
    "destination.",
    "process.",
    "risk.",
    "responseControls.",
    "git.",
    "paste.",
];

impl TermKind {
    /// The kind of `term`; `None` when no document can have it.
    pub(crate) fn of(term: &str) -> Option<Self> {
        if TIMES.contains(&term) {
            Some(Self::Time)
        } else if NUMBERS.contains(&term) {
            Some(Self::Number)
        } else {
            BRANCHES
                .iter()
                .any(|branch| term.len() > branch.len() && term.starts_with(branch))
                .then_some(Self::Text)
        }
    }

    /// Whether a filter on a term of this kind may use `operator`.
    pub(crate) fn understands(self, operator: &str) -> bool {
        match operator {
            "EXISTS" | "DOES_NOT_EXIST" => true,
            "IS" | "IS_NOT" | "IS_ANY" | "IS_NONE" => self != Self::Time,
            "GREATER_THAN" | "LESS_THAN" => self == Self::Number,
            "ON" | "ON_OR_AFTER" | "ON_OR_BEFORE" | "WITHIN_THE_LAST" => self == Self::Time,
            _ => false,
        }
    }
}

/// The durations that `WITHIN_THE_LAST` understands, in seconds.
pub(crate) fn listed_duration(text: &str) -> Option<u64> {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    [
        ("PT15M", 15 * MINUTE),
        ("PT1H", HOUR),
        ("PT3H", 3 * HOUR),
        ("PT12H", 12 * HOUR),
        ("P1D", DAY),
        ("P3D", 3 * DAY),
        ("P7D", 7 * DAY),
        ("P14D", 14 * DAY),
        ("P30D", 30 * DAY),
        ("P90D", 90 * DAY),
    ]
    .iter()
    .find(|(name, _)| *name == text)
    .map(|&(_, seconds)| seconds)
}
