//! Which health events a page lists, as its address says it.

use incydr_core::health::ErrorType;
use incydr_store::{HealthFinds, HealthOrder, HealthSearch, HealthState};

use super::search;
use crate::resources::hex_id;
use crate::web::call::Call;
use crate::web::problem::Problem;

/// Events on a page.
pub(super) const PAGE_SIZE: u32 = 50;
/// The kinds of events that there are.
pub(super) const EVENT_NAMES: [&str; 3] = [
    ErrorType::ThirdPartyConfig.event_name(),
    ErrorType::ThirdPartyGeneric.event_name(),
    ErrorType::FirstPartyGeneric.event_name(),
];
/// The severity that all of them have.
const ERROR: &str = "Error";

/// What is listed.
#[derive(Clone, Debug)]
pub(super) struct Listing {
    pub(super) text: String,
    /// `open`, `resolved` or `all`.
    pub(super) state: &'static str,
    /// `Error`, `Warning`, or empty for both.
    pub(super) severity: String,
    /// One of the names, or empty for all.
    pub(super) name: String,
    pub(super) order: HealthOrder,
    pub(super) descending: bool,
    /// From 1.
    pub(super) page: u32,
    pub(super) source: Option<u64>,
    pub(super) collector: Option<u64>,
}

/// A column that the list can be sorted by.
pub(super) struct Column {
    pub(super) title: &'static str,
    /// The list sorted by it, or the other way round if it already is.
    pub(super) address: String,
    /// How the list is sorted by it, as `aria-sort` says it.
    pub(super) sorted: &'static str,
}

impl Listing {
    /// What the query of `call` asks for. Words that mean nothing are like none.
    pub(super) fn of(call: &Call) -> Result<Self, Problem> {
        let text = |name: &str| call.query(name).unwrap_or_default().trim().to_owned();
        let known =
            |word: String, words: &[&str]| if words.contains(&word.as_str()) { word } else { String::new() };
        let number = |name: &str| call.query(name).and_then(|text| text.parse().ok());
        let sort = call.query("sort").unwrap_or("-opened");
        let state = ["open", "resolved", "all"].into_iter().find(|state| call.query("state") == Some(state));
        Ok(Self {
            text: text("search"),
            state: state.unwrap_or("open"),
            severity: known(text("severity"), &[ERROR, "Warning"]),
            name: known(text("name"), &EVENT_NAMES),
            order: match sort.trim_start_matches('-') {
                "resource" => HealthOrder::Resource,
                "name" => HealthOrder::Name,
                _ => HealthOrder::Opened,
            },
            descending: sort.starts_with('-'),
            page: call.query_number("page", 1, 1_000_000, 1)?,
            source: number("source"),
            collector: number("collector"),
        })
    }

    /// What there is of it on its page.
    pub(super) async fn finds(&self, call: &Call) -> Result<HealthFinds, Problem> {
        if self.severity == "Warning" {
            return Ok(HealthFinds { events: Vec::new(), total: Some(0) });
        }
        // Whoever has the id of a resource from an event looks for that resource.
        let named = hex_id::parse(&self.text);
        let wanted = HealthSearch {
            state: match self.state {
                "resolved" => HealthState::Resolved,
                "all" => HealthState::All,
                _ => HealthState::Open,
            },
            collector: self.collector,
            source: self.source.or(named),
            name: (!self.name.is_empty()).then(|| self.name.clone()),
            text: if named.is_some() { String::new() } else { self.text.clone() },
            order: self.order,
            descending: self.descending,
        };
        search(&call.api, &call.caller, wanted, PAGE_SIZE, (self.page - 1) * PAGE_SIZE).await
    }

    /// The address of this list at `path`; what is usual is left out.
    pub(super) fn address(&self, path: &str) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let number = |id: Option<u64>| id.map(|id| id.to_string()).unwrap_or_default();
        let sort = self.sort();
        for (name, value, usual) in [
            ("search", self.text.as_str(), ""),
            ("state", self.state, "open"),
            ("severity", &self.severity, ""),
            ("name", &self.name, ""),
            ("source", &number(self.source), ""),
            ("collector", &number(self.collector), ""),
            ("sort", &sort, "-opened"),
            ("page", &self.page.to_string(), "1"),
        ] {
            if value != usual {
                query.append_pair(name, value);
            }
        }
        let query = query.finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }

    /// How it is sorted, as the address says it.
    pub(super) fn sort(&self) -> String {
        let word = match self.order {
            HealthOrder::Opened => "opened",
            HealthOrder::Resource => "resource",
            HealthOrder::Name => "name",
        };
        format!("{}{word}", if self.descending { "-" } else { "" })
    }

    /// Another page of the same list.
    pub(super) fn on_page(&self, page: u32) -> Self {
        Self { page, ..self.clone() }
    }

    /// The same list of events in another state.
    pub(super) fn of_state(&self, state: &'static str) -> Self {
        Self { state, page: 1, ..self.clone() }
    }

    /// The columns to sort the list at `path` by.
    pub(super) fn columns(&self, path: &str) -> [Column; 3] {
        let titles = [
            ("Resource name", HealthOrder::Resource),
            ("Event name", HealthOrder::Name),
            ("Opened since", HealthOrder::Opened),
        ];
        titles.map(|(title, order)| {
            let is_own = self.order == order;
            // Of times the newest come first, of names the first.
            let descending = if is_own { !self.descending } else { order == HealthOrder::Opened };
            let other = Self { order, descending, page: 1, ..self.clone() };
            let sorted = match (is_own, self.descending) {
                (true, false) => "ascending",
                (true, true) => "descending",
                (false, _) => "none",
            };
            Column { title, address: other.address(path), sorted }
        })
    }

    /// Whether something is left out besides what is resolved.
    pub(super) fn is_filtered(&self) -> bool {
        !self.text.is_empty() || !self.severity.is_empty() || !self.name.is_empty()
    }
}
