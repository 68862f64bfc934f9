//! What is collected, and the name under which its place is kept.

use std::fmt;

/// One of the three kinds of records that Incydr offers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Stream {
    /// Movements of files.
    FileEvents,
    /// Alerts, grouped in sessions.
    Alerts,
    /// What the users of Incydr itself did.
    AuditLogs,
}

impl Stream {
    /// All streams, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::FileEvents, Self::Alerts, Self::AuditLogs];

    /// The name in the configuration's `dataCollection`, in the ledger, in metrics and in the archive.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FileEvents => "fileEvents",
            Self::Alerts => "alerts",
            Self::AuditLogs => "auditLogs",
        }
    }

    /// Reads a name of `dataCollection`; later versions of the original call two of the streams otherwise.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "fileEvents" => Some(Self::FileEvents),
            "alerts" | "sessions" => Some(Self::Alerts),
            "auditLogs" | "auditEvents" => Some(Self::AuditLogs),
            _ => None,
        }
    }
}

impl fmt::Display for Stream {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// The name under which one stream of one source keeps its place in the ledger.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Place {
    /// Names the source and its tenant; another tenant is another place.
    pub source: String,
    /// The stream of that source.
    pub stream: Stream,
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} of {}", self.stream, self.source)
    }
}
