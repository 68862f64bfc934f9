//! How a simulated Incydr is set up.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::data::options::DataOptions;
use crate::faults::plan::FaultPlan;
use crate::http::tls::TlsOptions;

/// Results that page numbers reach; beyond, only page tokens do.
pub(crate) const PAGE_NUMBER_REACH: i64 = 10_000;

/// Everything about a simulated Incydr.
#[derive(Clone, Debug)]
pub struct IncydrOptions {
    /// Port on 127.0.0.1; 0 for any free one.
    pub port: u16,
    /// HTTPS, if wanted.
    pub tls: Option<TlsOptions>,
    /// What time it is.
    pub clock: Clock,
    /// Who may ask for tokens.
    pub clients: Vec<ApiClient>,
    /// How long a token lives.
    pub token_lifetime: Duration,
    /// The throttle.
    pub rate: RateOptions,
    /// What there is to collect; every tenant sees the same.
    pub data: DataOptions,
    /// How the undocumented parts behave.
    pub behavior: IncydrBehavior,
    /// How long every answer takes, besides what the fault plan adds.
    pub latency: Duration,
    /// What goes wrong.
    pub faults: FaultPlan,
}

impl Default for IncydrOptions {
    fn default() -> Self {
        Self {
            port: 0,
            tls: None,
            clock: Clock::system(),
            clients: vec![ApiClient::default()],
            token_lifetime: Duration::from_secs(900),
            rate: RateOptions::default(),
            data: DataOptions::default(),
            behavior: IncydrBehavior::default(),
            latency: Duration::ZERO,
            faults: FaultPlan::default(),
        }
    }
}

/// An API client as created in the console.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApiClient {
    /// As in `key-<uuid>`.
    pub id: String,
    /// The secret that goes with it.
    pub secret: String,
    /// The tenant that it belongs to.
    pub tenant: String,
}

impl Default for ApiClient {
    fn default() -> Self {
        Self {
            id: "key-42000000-0000-4000-8000-000000000042".to_owned(),
            secret: "simulated-secret".to_owned(),
            tenant: "11111111-2222-3333-4444-555555555555".to_owned(),
        }
    }
}

/// The throttle over all endpoints that take a bearer token.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateOptions {
    /// Requests a minute; none for no throttle.
    pub per_minute: Option<u32>,
    /// How the minute is counted.
    pub window: RateWindow,
    /// Who shares one count.
    pub scope: RateScope,
    /// Whether 429 comes with `Retry-After`, in seconds.
    pub tells_retry_after: bool,
}

impl Default for RateOptions {
    fn default() -> Self {
        Self {
            per_minute: Some(120),
            window: RateWindow::Fixed,
            scope: RateScope::Tenant,
            tells_retry_after: true,
        }
    }
}

/// How the minute is counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RateWindow {
    /// From its first request, for 60 seconds; then anew.
    #[default]
    Fixed,
    /// The 60 seconds before each request.
    Sliding,
}

/// Who shares one count.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RateScope {
    /// All clients of a tenant.
    #[default]
    Tenant,
    /// Each API client has its own.
    Client,
}

/// How the service behaves where its documentation says nothing. The defaults are the likeliest answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IncydrBehavior {
    /// Bodies of 401, 403, 404 and 429 outside of `/v1/oauth`: `{"error":…}` instead of nothing.
    pub errors_have_bodies: bool,
    /// A token request without a grant type is refused.
    pub grant_type_is_required: bool,
    /// What `nextPgToken` says at the end of a walk.
    pub last_token: LastToken,
    /// A last page that is exactly full still has a token, which leads to an empty page.
    pub full_last_page_has_token: bool,
    /// `fileEvents` of an empty page is `null` instead of `[]`.
    pub empty_events_are_null: bool,
    /// `fileEvents` of a 400 is `null` instead of `[]`.
    pub failed_events_are_null: bool,
    /// `fileEvents` is the last key of an answer instead of the first.
    pub events_come_last: bool,
    /// What is cut to milliseconds before times are compared.
    pub filter_precision: FilterPrecision,
    /// Each value of `IS_ANY` and `IS_NONE` counts against the 1,024 criteria, instead of each filter.
    pub list_values_are_criteria: bool,
    /// What `/v1/sessions` does with a `page_size` above 50.
    pub large_session_page: LargePage,
    /// `/v1/sessions` understands `asc` and `desc`, not only `ASC` and `DESC`.
    pub session_direction_ignores_case: bool,
    /// Audit rows come oldest first instead of newest first.
    pub audit_oldest_first: bool,
    /// An audit page past the end has no key `events`, but `totalResultCount`; otherwise an empty list.
    pub audit_end_lacks_events: bool,
    /// What the audit search does with a `pageSize` above 10,000.
    pub large_audit_page: LargePage,
    /// Every file event search adds a `search_issued` row to the audit log.
    pub searches_are_audited: bool,
    /// Answers are compressed for clients that accept gzip.
    pub gzip: bool,
}

impl Default for IncydrBehavior {
    fn default() -> Self {
        Self {
            errors_have_bodies: false,
            grant_type_is_required: false,
            last_token: LastToken::Null,
            full_last_page_has_token: true,
            empty_events_are_null: false,
            failed_events_are_null: true,
            events_come_last: false,
            filter_precision: FilterPrecision::ValuesOnly,
            list_values_are_criteria: false,
            large_session_page: LargePage::Refused,
            session_direction_ignores_case: false,
            audit_oldest_first: false,
            audit_end_lacks_events: true,
            large_audit_page: LargePage::Refused,
            searches_are_audited: false,
            gzip: false,
        }
    }
}

/// What `nextPgToken` says at the end of a walk.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LastToken {
    /// `null`.
    #[default]
    Null,
    /// `""`.
    Empty,
    /// Nothing: the key is absent.
    Absent,
}

/// What is cut to milliseconds before times are compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FilterPrecision {
    /// The value in the filter; an event 1 µs after an `ON_OR_BEFORE` of whole milliseconds does not match.
    #[default]
    ValuesOnly,
    /// The event's time as well; it matches.
    Both,
}

/// What happens to a page size above the documented limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LargePage {
    /// 400.
    #[default]
    Refused,
    /// The limit is used instead.
    Cut,
}
