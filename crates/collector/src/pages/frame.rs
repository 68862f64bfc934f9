//! What stands around every page.

use incydr_store::Role;

use super::Notice;
use super::assets::{ASSETS, Assets};
use crate::web::call::Call;
use crate::web::session::Visit;

/// Which part of the navigation a page belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Section {
    /// Collectors and their sources.
    Collection,
    /// Health events.
    HealthEvents,
    /// The schema of fields.
    Fields,
    /// Access keys.
    AccessKeys,
    /// About this installation.
    About,
    /// None: the sign-in, and problems.
    Elsewhere,
}

/// The frame of one page for one person.
pub struct Frame {
    /// The files of the page.
    pub assets: &'static Assets,
    /// Where the page belongs.
    pub section: Section,
    /// The access ID; empty before the sign-in.
    pub who: String,
    /// Whether the person may change things.
    pub may_manage: bool,
    /// Whether the person sees all collectors.
    pub sees_all: bool,
    /// What every form holds.
    pub token: String,
    /// What was done just before.
    pub notice: Option<&'static str>,
}

impl Frame {
    /// The frame of the page that `call` asks for.
    pub fn of(call: &Call, section: Section) -> Self {
        let notice = call.query("notice").and_then(Notice::parse).map(Notice::sentence);
        Self { notice, ..Self::for_visit(call.visit.as_ref(), section) }
    }

    /// The frame of a page that nothing more is known of.
    pub fn for_visit(visit: Option<&Visit>, section: Section) -> Self {
        let caller = visit.map(|visit| &visit.caller);
        Self {
            assets: &ASSETS,
            section,
            who: caller.map(|caller| caller.access_id.clone()).unwrap_or_default(),
            may_manage: caller.is_some_and(|caller| caller.has_role(Role::Manage)),
            sees_all: caller.is_some_and(|caller| caller.collector.is_none()),
            token: visit.map(|visit| visit.form_token.clone()).unwrap_or_default(),
            notice: None,
        }
    }

    /// The attribute that marks the link to the page's own section.
    pub fn current(&self, name: &str) -> &'static str {
        let own = match self.section {
            Section::Collection => "collection",
            Section::HealthEvents => "health-events",
            Section::Fields => "fields",
            Section::AccessKeys => "access-keys",
            Section::About => "about",
            Section::Elsewhere => return "",
        };
        if own == name { "page" } else { "" }
    }
}
