//! Where and when faults strike.

use serde::{Deserialize, Serialize};

use crate::faults::fault::Fault;

/// Faults, the place where they lie in wait, and the requests that they strike.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// The endpoint.
    #[serde(rename = "where")]
    pub target: Target,
    /// Which of the requests there; all of them when left out.
    #[serde(default)]
    pub when: When,
    /// What happens to them, all of it.
    pub faults: Vec<Fault>,
}

impl FaultRule {
    /// A rule that strikes every request to `target`.
    pub fn always(target: Target, fault: Fault) -> Self {
        Self { target, when: When::default(), faults: vec![fault] }
    }

    /// A rule that strikes the next `count` requests to `target`.
    pub fn next(target: Target, count: u64, fault: Fault) -> Self {
        Self::always(target, fault).when(When::next(count))
    }

    /// A rule that strikes the `nth` request to `target` from now, counted from 1.
    pub fn nth(target: Target, nth: u64, fault: Fault) -> Self {
        Self::always(target, fault).when(When::nth(nth))
    }

    /// The same faults at other times.
    #[must_use]
    pub fn when(mut self, when: When) -> Self {
        self.when = when;
        self
    }

    /// One more fault at the same time.
    #[must_use]
    pub fn and(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }
}

/// Where a rule lies in wait.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// Every request, but not the bare connection.
    Any,
    /// A new connection, before TLS and HTTP. It knows delays, and hangs and breaks before the head.
    Connection,
    /// `POST /v1/oauth`.
    Oauth,
    /// `GET /v1/customer`.
    Customer,
    /// `POST /v2/file-events`.
    FileEvents,
    /// `GET /v1/sessions` and what lies under it.
    Sessions,
    /// `POST /v1/alerts/query-alerts`.
    Alerts,
    /// `POST /v1/alerts/query-details`.
    AlertDetails,
    /// `POST /v1/audit/search-audit-log`.
    Audit,
    /// `POST /v1/audit/search-results-count`.
    AuditCount,
    /// Posting to Sumo.
    Sumo,
    /// A path that the server does not have.
    Unknown,
}

impl Target {
    /// As written in a fault plan.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Connection => "connection",
            Self::Oauth => "oauth",
            Self::Customer => "customer",
            Self::FileEvents => "file-events",
            Self::Sessions => "sessions",
            Self::Alerts => "alerts",
            Self::AlertDetails => "alert-details",
            Self::Audit => "audit",
            Self::AuditCount => "audit-count",
            Self::Sumo => "sumo",
            Self::Unknown => "unknown",
        }
    }

    /// Whether a rule for `self` concerns a request that met `endpoint`.
    pub(crate) fn covers(self, endpoint: Self) -> bool {
        self == endpoint || self == Self::Any && endpoint != Self::Connection
    }
}

/// Which requests a rule strikes: those that meet every condition given here.
///
/// Requests are counted from 1, by each rule for itself, from the moment when it joins the plan.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct When {
    /// Only this request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nth: Option<u64>,
    /// Only the first so many requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
    /// This request and later ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<u64>,
    /// This request and earlier ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<u64>,
    /// Every so manyth request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<u64>,
    /// A part of them by chance, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// Makes that chance repeatable.
    pub seed: u64,
    /// Not before so many seconds have passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_seconds: Option<f64>,
    /// Not after so many seconds have passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until_seconds: Option<f64>,
}

impl When {
    /// Only the `nth` request.
    pub fn nth(nth: u64) -> Self {
        Self { nth: Some(nth), ..Self::default() }
    }

    /// The next `count` requests.
    pub fn next(count: u64) -> Self {
        Self { next: Some(count), ..Self::default() }
    }

    /// Requests `from` to `to`, both included.
    pub fn between(from: u64, to: u64) -> Self {
        Self { from: Some(from), to: Some(to), ..Self::default() }
    }

    /// Every `every`th request.
    pub fn every(every: u64) -> Self {
        Self { every: Some(every), ..Self::default() }
    }

    /// A part of the requests, repeatable by `seed`.
    pub fn by_chance(probability: f64, seed: u64) -> Self {
        Self { probability: Some(probability), seed, ..Self::default() }
    }

    /// Whether the request with this number, so many seconds after the rule joined, is one of them. `draw` is
    /// asked for a number from 0 to 1 only when everything else holds.
    pub(crate) fn holds(&self, number: u64, seconds: f64, draw: impl FnOnce() -> f64) -> bool {
        self.nth.is_none_or(|nth| number == nth)
            && self.next.is_none_or(|count| number <= count)
            && self.from.is_none_or(|from| number >= from)
            && self.to.is_none_or(|to| number <= to)
            && self.every.is_none_or(|every| every > 0 && number.is_multiple_of(every))
            && self.after_seconds.is_none_or(|after| seconds >= after)
            && self.until_seconds.is_none_or(|until| seconds <= until)
            && self.probability.is_none_or(|probability| draw() < probability)
    }
}
