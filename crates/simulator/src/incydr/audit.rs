//! `POST /v1/audit/search-audit-log` and `…/search-results-count`.

use bytes::Bytes;
use hyper::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::data::audit::audit_row;
use crate::http::answer::Answer;
use crate::incydr::options::{IncydrBehavior, LargePage};
use crate::incydr::page::{Document, ListPage};
use crate::moment::Moment;

const DEFAULT_PAGE_SIZE: i64 = 100;
const MAX_PAGE_SIZE: i64 = 10_000;

/// One row of the audit log.
#[derive(Clone, Debug)]
pub(crate) struct AuditRow {
    pub(crate) at: Moment,
    pub(crate) visible: Moment,
    pub(crate) content: AuditContent,
}

/// Where the bytes of a row come from.
#[derive(Clone, Debug)]
pub(crate) enum AuditContent {
    Drawn { seed: u64, at: Moment },
    Given(Bytes),
}

impl AuditRow {
    pub(crate) fn bytes(&self) -> Bytes {
        match &self.content {
            AuditContent::Drawn { seed, at } => audit_row(*seed, *at).into(),
            AuditContent::Given(bytes) => bytes.clone(),
        }
    }
}

/// The audit log, in order of arrival.
#[derive(Debug, Default)]
pub(crate) struct AuditLog {
    pub(crate) rows: Vec<AuditRow>,
}

/// The body of both requests, which official clients fill in different ways.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct AuditRequest {
    page: Option<i64>,
    page_size: Option<i64>,
    date_range: Option<DateRange>,
    actor_ids: Option<Vec<String>>,
    actor_names: Option<Vec<String>>,
    actor_ip_addresses: Option<Vec<String>>,
    resource_ids: Option<Vec<String>>,
    event_types: Option<Vec<String>>,
    user_types: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct DateRange {
    start_time: Value,
    end_time: Value,
}

impl AuditLog {
    /// Answers a search as of `now`, except for the page's twists.
    pub(crate) fn search(
        &self,
        body: &[u8],
        now: Moment,
        behavior: &IncydrBehavior,
    ) -> Result<AuditPage, AuditRefusal> {
        let request = parse(body)?;
        let page = request.page.unwrap_or(0);
        let mut page_size = request.page_size.unwrap_or(DEFAULT_PAGE_SIZE);
        if page_size > MAX_PAGE_SIZE && behavior.large_audit_page == LargePage::Cut {
            page_size = MAX_PAGE_SIZE;
        }
        if page < 0 || !(1..=MAX_PAGE_SIZE).contains(&page_size) {
            return Err(refuse("page counts from 0 and pageSize must lie between 1 and 10000"));
        }
        let mut rows = self.matching(&request, now)?;
        rows.sort_by_key(|row| row.at);
        if !behavior.audit_oldest_first {
            rows.reverse();
        }
        let start = page.saturating_mul(page_size);
        let skip = usize::try_from(start).unwrap_or(usize::MAX);
        let take = usize::try_from(page_size).unwrap_or_default();
        let documents = rows.iter().skip(skip).take(take).map(|row| Document::Given(row.bytes())).collect();
        let total = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        Ok(AuditPage { page: ListPage { documents, total }, start })
    }

    /// Answers a count as of `now`.
    pub(crate) fn count(&self, body: &[u8], now: Moment) -> Result<usize, AuditRefusal> {
        Ok(self.matching(&parse(body)?, now)?.len())
    }

    fn matching(&self, request: &AuditRequest, now: Moment) -> Result<Vec<&AuditRow>, AuditRefusal> {
        let range = request.date_range.as_ref();
        let from = bound(range.map(|range| &range.start_time))?;
        let to = bound(range.map(|range| &range.end_time))?;
        let in_range = |row: &&AuditRow| {
            row.visible <= now && from.is_none_or(|from| row.at >= from) && to.is_none_or(|to| row.at <= to)
        };
        Ok(self.rows.iter().filter(in_range).filter(|row| request.accepts(row)).collect())
    }
}

impl AuditRequest {
    /// Whether a row meets the lists: any value of each list that is not empty.
    fn accepts(&self, row: &AuditRow) -> bool {
        let lists = [
            (&self.actor_ids, "actorId"),
            (&self.actor_names, "actorName"),
            (&self.actor_ip_addresses, "actorIpAddress"),
            (&self.resource_ids, "resourceId"),
            (&self.event_types, "type$"),
            (&self.user_types, "actorType"),
        ];
        let mut wanted = lists
            .into_iter()
            .filter_map(|(list, key)| Some((list.as_ref().filter(|list| !list.is_empty())?, key)))
            .peekable();
        if wanted.peek().is_none() {
            return true;
        }
        let document: Value = serde_json::from_slice(&row.bytes()).unwrap_or_default();
        wanted.all(|(list, key)| {
            let value = document[key].as_str().unwrap_or_default();
            list.iter().any(|item| match key {
                "type$" => value.split(['/', ':']).any(|part| part == item),
                "actorIpAddress" => value.split(", ").any(|part| part == item),
                _ => value == item,
            })
        })
    }
}

/// Why a request was not understood.
#[derive(Debug)]
pub(crate) struct AuditRefusal(&'static str);

impl AuditRefusal {
    pub(crate) fn answer(&self) -> Answer {
        Answer::json(StatusCode::BAD_REQUEST, &json!({"error": self.0}))
    }
}

/// A page of rows, and the index of its first row.
#[derive(Debug)]
pub(crate) struct AuditPage {
    pub(crate) page: ListPage,
    start: i64,
}

impl AuditPage {
    /// What stands before and after the rows.
    pub(crate) fn envelope(&self, behavior: &IncydrBehavior) -> (Vec<u8>, Vec<u8>) {
        let count = i64::try_from(self.page.documents.len()).unwrap_or(0);
        let indices = format!(
            r#""paginationRangeStartIndex":{},"paginationRangeEndIndex":{}"#,
            self.start,
            self.start + count
        );
        if count > 0 {
            return (br#"{"events":["#.to_vec(), format!("],{indices}}}").into_bytes());
        }
        let events = if behavior.audit_end_lacks_events { "" } else { r#""events":[],"# };
        (format!(r#"{{{events}{indices},"totalResultCount":{}"#, self.page.total).into_bytes(), b"}".to_vec())
    }
}

fn parse(body: &[u8]) -> Result<AuditRequest, AuditRefusal> {
    serde_json::from_slice(body).map_err(|_| refuse("the body is not a search"))
}

/// An ISO time or epoch seconds, with a fraction.
fn bound(value: Option<&Value>) -> Result<Option<Moment>, AuditRefusal> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => {
            Moment::parse(text).map(Some).ok_or_else(|| refuse("dateRange holds a text that is no time"))
        }
        Some(Value::Number(seconds)) => {
            let micros = seconds.as_f64().unwrap_or_default() * 1e6;
            Ok(Some(Moment::from_nanos((micros.round() as i64).saturating_mul(1_000))))
        }
        Some(Value::Bool(_) | Value::Array(_) | Value::Object(_)) => {
            Err(refuse("dateRange holds something that is no time"))
        }
    }
}

fn refuse(why: &'static str) -> AuditRefusal {
    AuditRefusal(why)
}
