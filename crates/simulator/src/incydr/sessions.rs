//! `GET /v1/sessions`.

use std::collections::HashMap;

use bytes::Bytes;
use hyper::StatusCode;
use serde::Deserialize;
use serde_json::json;

use crate::data::given::GivenRecord;
use crate::data::sessions::SessionSeed;
use crate::http::answer::Answer;
use crate::incydr::access::form_pairs;
use crate::incydr::options::{IncydrBehavior, LargePage};
use crate::incydr::page::{Document, ListPage};
use crate::moment::Moment;

const DEFAULT_PAGE_SIZE: i64 = 10;
const MAX_PAGE_SIZE: i64 = 50;

/// All sessions of a tenant.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    pub(crate) drawn: Vec<SessionSeed>,
    pub(crate) given: Vec<GivenRecord>,
}

/// A session as it looks at one moment.
#[derive(Clone, Debug)]
pub(crate) struct SessionView {
    pub(crate) facts: SessionFacts,
    pub(crate) begin: Moment,
    pub(crate) bytes: Bytes,
}

/// What sessions are found and sorted by. Whatever a given document lacks is taken as empty.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct SessionFacts {
    pub(crate) session_id: String,
    actor_id: String,
    end_time: i64,
    scores: Vec<ScoreFacts>,
    states: Vec<StateFacts>,
    triggered_alerts: Vec<AlertFacts>,
    risk_indicators: Vec<IndicatorFacts>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ScoreFacts {
    score: i64,
    severity: i64,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct StateFacts {
    state: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct AlertFacts {
    rule_id: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct IndicatorFacts {
    id: String,
}

impl SessionView {
    fn new(begin: Moment, bytes: Bytes) -> Self {
        Self { facts: serde_json::from_slice(&bytes).unwrap_or_default(), begin, bytes }
    }
}

impl Sessions {
    /// All sessions that can be seen at `now`, as they look then.
    pub(crate) fn visible(&self, now: Moment, tenant: &str) -> Vec<SessionView> {
        let drawn = self.drawn.iter().filter(|seed| seed.first_observed() <= now).map(|seed| {
            let detail = seed.detail(now, tenant);
            SessionView::new(seed.begin, serde_json::to_vec(&detail).unwrap_or_default().into())
        });
        let given = self.given.iter().filter(|record| record.at <= now);
        drawn.chain(given.map(|record| SessionView::new(record.at, record.bytes.clone()))).collect()
    }
}

/// A list request that was understood.
#[derive(Debug)]
pub(crate) struct SessionQuery {
    on_or_after: Option<Moment>,
    before: Option<Moment>,
    has_alerts: bool,
    by_score: bool,
    ascending: bool,
    page_number: i64,
    page_size: i64,
    /// Parameters that may be repeated.
    lists: HashMap<String, Vec<String>>,
}

impl SessionQuery {
    /// Reads the query of the URL; `Err` holds the message for the caller.
    pub(crate) fn parse(query: &str, behavior: &IncydrBehavior) -> Result<Self, String> {
        let mut lists: HashMap<String, Vec<String>> = HashMap::new();
        for (name, value) in form_pairs(query) {
            lists.entry(name).or_default().push(value);
        }
        let last = |name: &str| lists.get(name).and_then(|values| values.last()).map(String::as_str);
        let number = |name: &str| match last(name) {
            None => Ok(None),
            Some(text) => text.parse::<i64>().map(Some).map_err(|_| format!("{name} is not a number")),
        };
        let has_alerts = match last("has_alerts") {
            None | Some("true") => true,
            Some("false") => false,
            Some(_) => return Err("has_alerts is neither true nor false".to_owned()),
        };
        let by_score = match last("order_by") {
            None | Some("end_time") => false,
            Some("score") => true,
            Some(_) => return Err("order_by is neither end_time nor score".to_owned()),
        };
        let ascending = match last("sort_direction") {
            None | Some("DESC") => false,
            Some("ASC") => true,
            Some("asc") if behavior.session_direction_ignores_case => true,
            Some("desc") if behavior.session_direction_ignores_case => false,
            Some(_) => return Err("sort_direction is neither ASC nor DESC".to_owned()),
        };
        let mut page_size = number("page_size")?.unwrap_or(DEFAULT_PAGE_SIZE);
        if page_size > MAX_PAGE_SIZE && behavior.large_session_page == LargePage::Cut {
            page_size = MAX_PAGE_SIZE;
        }
        if !(1..=MAX_PAGE_SIZE).contains(&page_size) {
            return Err(format!("page_size must lie between 1 and {MAX_PAGE_SIZE}"));
        }
        let page_number = number("page_number")?.unwrap_or(0);
        if page_number < 0 {
            return Err("page_number must not be negative".to_owned());
        }
        let on_or_after = number("on_or_after")?.map(Moment::from_millis);
        let before = number("before")?.map(Moment::from_millis);
        Ok(Self { on_or_after, before, has_alerts, by_score, ascending, page_number, page_size, lists })
    }

    fn matches(&self, view: &SessionView) -> bool {
        let facts = &view.facts;
        let one_of = |name: &str, holds: &dyn Fn(&str) -> bool| {
            self.lists.get(name).is_none_or(|values| values.iter().any(|value| holds(value)))
        };
        let all_of = |name: &str, holds: &dyn Fn(&str) -> bool| {
            self.lists.get(name).is_none_or(|values| values.iter().all(|value| holds(value)))
        };
        let severity = facts.scores.last().map_or(0, |score| score.severity).to_string();
        self.on_or_after.is_none_or(|from| view.begin >= from)
            && self.before.is_none_or(|to| view.begin < to)
            && self.has_alerts != facts.triggered_alerts.is_empty()
            && one_of("actor_id", &|actor| actor == facts.actor_id)
            && one_of("severity", &|wanted| wanted == severity)
            && one_of("state", &|wanted| facts.states.last().is_some_and(|state| state.state == wanted))
            && one_of("rule_id", &|rule| facts.triggered_alerts.iter().any(|alert| alert.rule_id == rule))
            && all_of("risk_indicators", &|id| facts.risk_indicators.iter().any(|known| known.id == id))
    }

    /// The sessions of the wanted page, and how many match in all.
    pub(crate) fn select(&self, sessions: Vec<SessionView>) -> (Vec<SessionView>, usize) {
        let mut matching: Vec<_> = sessions.into_iter().filter(|view| self.matches(view)).collect();
        let key = |view: &SessionView| match self.by_score {
            true => view.facts.scores.last().map_or(0, |score| score.score),
            false => view.facts.end_time,
        };
        matching.sort_by_key(|view| (key(view), view.facts.session_id.clone()));
        if !self.ascending {
            matching.reverse();
        }
        let total = matching.len();
        let skip = usize::try_from(self.page_number.saturating_mul(self.page_size)).unwrap_or(usize::MAX);
        let size = usize::try_from(self.page_size).unwrap_or_default();
        (matching.into_iter().skip(skip).take(size).collect(), total)
    }
}

/// The answer to a list request that was not understood.
pub(crate) fn refuse(message: &str) -> Answer {
    Answer::json(StatusCode::BAD_REQUEST, &json!({"msg": message}))
}

/// The page of a list.
pub(crate) fn page_of(views: &[SessionView], total: usize) -> ListPage {
    ListPage {
        documents: views.iter().map(|view| Document::Given(view.bytes.clone())).collect(),
        total: i64::try_from(total).unwrap_or(i64::MAX),
    }
}
