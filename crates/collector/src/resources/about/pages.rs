//! The page about this installation.

use askama::Template;
use incydr_core::health::ErrorType;
use incydr_store::{AuditEntry, AuditVerdict, HealthSearch, OverviewFilter, Role};

use super::Installation;
use crate::figures::grouped;
use crate::pages::{Frame, Moment, Section, show};
use crate::printable::printable;
use crate::resources::{collection, health_events};
use crate::web::answer::Answer;
use crate::web::call::Call;
use crate::web::problem::Problem;
use crate::web::route::Route;

const ABOUT: &str = "/about";
/// Entries of the audit log on a page.
const PAGE_SIZE: u32 = 20;

#[derive(Template)]
#[template(path = "about/page.html")]
struct AboutPage {
    frame: Frame,
    version: &'static str,
    started: Moment,
    collectors: String,
    sources: String,
    has_public_metrics: bool,
    /// What concerns all collectors; `None` for whoever sees one of them.
    installation: Option<ShownInstallation>,
    audit: Option<ShownAudit>,
}

struct ShownInstallation {
    url: String,
    is_secure: bool,
    data_dir: String,
    destinations: Vec<String>,
    delivers_health_events: bool,
    /// Whether events do not get to a destination, or cannot be kept.
    has_trouble: bool,
    /// Where the health events about it are.
    trouble: String,
}

/// The audit log, for whoever may manage everything.
struct ShownAudit {
    entries: Vec<ShownEntry>,
    /// As in `1,234 entries`, if the chain is whole.
    whole: Option<String>,
    broken_at: String,
    is_first_page: bool,
    older: Option<String>,
}

struct ShownEntry {
    at: Moment,
    actor: String,
    action: String,
    resource: String,
}

/// The route of the page.
pub fn routes() -> Vec<Route> {
    vec![Route::page(ABOUT, |call| Box::pin(show_page(call)))]
}

async fn show_page(call: Call) -> Result<Answer, Problem> {
    let (api, caller) = (&call.api, &call.caller);
    let overview = collection::overview(api, caller, OverviewFilter::default(), 0, 0).await?;
    let counts = overview.sources;
    let sources = counts.running + counts.error + counts.stopping;
    let sees_all = caller.collector.is_none();
    show(&AboutPage {
        frame: Frame::of(&call, Section::About),
        version: env!("CARGO_PKG_VERSION"),
        started: Moment::new(api.installation.started, api.clock.now()),
        collectors: grouped(overview.total.saturating_sub(sources)),
        sources: grouped(sources),
        has_public_metrics: api.terms.has_public_metrics,
        installation: if sees_all { Some(ShownInstallation::of(&call).await?) } else { None },
        audit: if sees_all && caller.has_role(Role::Manage) {
            Some(ShownAudit::of(&call).await?)
        } else {
            None
        },
    })
}

impl ShownInstallation {
    async fn of(call: &Call) -> Result<Self, Problem> {
        let Installation { url, is_secure, data_dir, destinations, delivers_health_events, .. } =
            call.api.installation.as_ref();
        let name = ErrorType::FirstPartyGeneric.event_name();
        let trouble = HealthSearch { name: Some(name.to_owned()), ..HealthSearch::default() };
        let open = health_events::search(&call.api, &call.caller, trouble, 1, 0).await?;
        Ok(Self {
            url: url.clone(),
            is_secure: *is_secure,
            data_dir: printable(data_dir).into_owned(),
            destinations: destinations.clone(),
            delivers_health_events: *delivers_health_events,
            has_trouble: !open.events.is_empty(),
            trouble: format!("/health-events?name={name}"),
        })
    }
}

impl ShownAudit {
    async fn of(call: &Call) -> Result<Self, Problem> {
        let now = call.api.clock.now();
        let from = call.page_token()?;
        let page = call.api.store.audit_log(from, PAGE_SIZE).await?;
        let (whole, broken_at) = match call.api.store.verify_audit_log().await? {
            AuditVerdict::Whole { entries: 1, .. } => (Some("1 entry".to_owned()), 0),
            AuditVerdict::Whole { entries, .. } => (Some(format!("{} entries", grouped(entries))), 0),
            AuditVerdict::BrokenAt(number) => (None, number),
        };
        let shown = |entry: AuditEntry| ShownEntry {
            at: Moment::new(entry.at, now),
            actor: printable(&entry.actor).into_owned(),
            action: entry.action,
            resource: printable(&entry.resource).into_owned(),
        };
        Ok(Self {
            entries: page.items.into_iter().map(shown).collect(),
            whole,
            broken_at: grouped(broken_at),
            is_first_page: from.is_none(),
            older: page.next.map(|token| format!("{ABOUT}?token={token}#audit")),
        })
    }
}
