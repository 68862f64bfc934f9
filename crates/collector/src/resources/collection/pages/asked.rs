//! What of the collection is asked for: the query of the page.

use incydr_store::{OverviewFilter, SourceCondition};

use crate::pages::HOME;
use crate::web::call::Call;

/// A query in which everything is in order: what makes no sense is as if it were not there.
pub(super) struct Asked {
    pub(super) search: String,
    pub(super) show: Show,
    /// This collector alone.
    pub(super) collector: Option<u64>,
    /// Collectors without their sources.
    pub(super) collapsed: bool,
    /// So many rows at most.
    pub(super) limit: u32,
    /// Without so many rows before.
    pub(super) offset: u32,
}

/// Sources in which condition.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Show {
    condition: Option<SourceCondition>,
}

impl Show {
    /// The words of the query, and what people read.
    pub(super) const TITLES: [(&'static str, &'static str); 4] =
        [("all", "All"), ("running", "Running"), ("error", "In Error"), ("stopping", "Stopping")];

    pub(super) fn word(self) -> &'static str {
        self.condition.map_or("all", SourceCondition::as_str)
    }
}

impl Asked {
    /// How many rows may be chosen.
    pub(super) const LIMITS: [u32; 4] = [20, 50, 100, 200];

    pub(super) fn of(call: &Call) -> Self {
        let number = |name: &str| call.query(name).and_then(|text| text.parse::<u32>().ok());
        Self {
            search: call.query("search").unwrap_or_default().trim().to_owned(),
            show: Show { condition: call.query("show").and_then(SourceCondition::parse) },
            collector: call.query("collector").and_then(|text| text.parse().ok()),
            collapsed: call.query("expand") == Some("none"),
            limit: number("limit").filter(|limit| Self::LIMITS.contains(limit)).unwrap_or(Self::LIMITS[0]),
            offset: number("offset").unwrap_or(0),
        }
    }

    pub(super) fn filter(&self) -> OverviewFilter {
        OverviewFilter {
            collector: self.collector,
            text: self.search.clone(),
            condition: self.show.condition,
            collapsed: self.collapsed,
        }
    }

    pub(super) fn is_everything(&self) -> bool {
        self.search.is_empty()
            && self.show.condition.is_none()
            && self.collector.is_none()
            && self.offset == 0
    }

    /// The same page from another row on.
    pub(super) fn address_at(&self, offset: u32) -> String {
        let mut address = url::form_urlencoded::Serializer::new(format!("{HOME}?"));
        if !self.search.is_empty() {
            address.append_pair("search", &self.search);
        }
        if let Some(collector) = self.collector {
            address.append_pair("collector", &collector.to_string());
        }
        if self.collapsed {
            address.append_pair("expand", "none");
        }
        address.append_pair("show", self.show.word());
        address.append_pair("limit", &self.limit.to_string());
        address.append_pair("offset", &offset.to_string());
        address.finish()
    }
}
