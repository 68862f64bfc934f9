//! `POST /v1/alerts/query-alerts` and `…/query-details`, both deprecated.

use std::collections::HashSet;

use hyper::StatusCode;
use serde_json::{Value, json};

use crate::data::alerts::AlertDocuments;
use crate::http::answer::Answer;
use crate::incydr::file_events::leaf::is_like;
use crate::incydr::page::{Document, ListPage};
use crate::moment::Moment;

const MAX_PAGE_SIZE: i64 = 500;
const MAX_DETAILS: usize = 100;

/// Why a request was not understood.
pub(crate) struct AlertProblem {
    kind: &'static str,
    why: &'static str,
}

impl AlertProblem {
    pub(crate) fn answer(&self) -> Answer {
        let body = json!({
            "type$": "ALERT_QUERY_RESPONSE", "alerts": [], "totalCount": 0,
            "problems": [{"type": self.kind, "badFilter": null, "description": self.why}],
        });
        Answer::json(StatusCode::BAD_REQUEST, &body)
    }
}

/// Answers a search among `alerts`, those that can be found by now.
pub(crate) fn query_alerts(
    body: &[u8],
    tenant: &str,
    alerts: Vec<AlertDocuments>,
) -> Result<(ListPage, Vec<AlertDocuments>), AlertProblem> {
    let body: Value =
        serde_json::from_slice(body).map_err(|_| refuse("IllegalValue", "the body is not JSON"))?;
    match body["tenantId"].as_str() {
        None => return Err(refuse("MissingValue", "tenantId is required")),
        Some(given) if given != tenant => {
            return Err(refuse("IllegalValue", "tenantId is of another tenant"));
        }
        Some(_) => {}
    }
    let page_size = body["pgSize"].as_i64().filter(|size| (1..=MAX_PAGE_SIZE).contains(size));
    let page_size =
        page_size.ok_or_else(|| refuse("InvalidPageSize", "pgSize must lie between 1 and 500"))?;
    let page = body["pgNum"].as_i64().filter(|page| *page >= 0);
    let page = page.ok_or_else(|| refuse("InvalidPageNumber", "pgNum counts from 0"))?;
    let mut found = Vec::new();
    for alert in alerts {
        if accepts(&body, &alert)? {
            found.push(alert);
        }
    }
    found.sort_by(|one, other| (one.created, &one.id).cmp(&(other.created, &other.id)));
    if body["srtDirection"].as_str().is_some_and(|direction| direction.eq_ignore_ascii_case("desc")) {
        found.reverse();
    }
    let total = i64::try_from(found.len()).unwrap_or(i64::MAX);
    let skip = usize::try_from(page.saturating_mul(page_size)).unwrap_or(usize::MAX);
    let chosen: Vec<_> =
        found.into_iter().skip(skip).take(usize::try_from(page_size).unwrap_or_default()).collect();
    let documents = chosen.iter().map(|alert| Document::Given(alert.summary.clone().into())).collect();
    Ok((ListPage { documents, total }, chosen))
}

/// Answers a request for the long forms, which come in another order than they were asked for.
pub(crate) fn query_details(
    body: &[u8],
    alerts: Vec<AlertDocuments>,
) -> Result<Vec<AlertDocuments>, AlertProblem> {
    let body: Value =
        serde_json::from_slice(body).map_err(|_| refuse("IllegalValue", "the body is not JSON"))?;
    let ids: Option<HashSet<&str>> =
        body["alertIds"].as_array().map(|ids| ids.iter().filter_map(Value::as_str).collect());
    let ids = ids.ok_or_else(|| refuse("MissingValue", "alertIds is required"))?;
    if ids.len() > MAX_DETAILS {
        return Err(refuse("MaxLengthExceeded", "alertIds takes 100 ids"));
    }
    let mut found: Vec<_> = alerts.into_iter().filter(|alert| ids.contains(alert.id.as_str())).collect();
    found.sort_by(|one, other| other.id.cmp(&one.id));
    Ok(found)
}

/// What stands around a list of alerts.
pub(crate) fn envelope(kind: &str, total: Option<i64>) -> (Vec<u8>, Vec<u8>) {
    let head = format!(r#"{{"type$":"{kind}","alerts":["#);
    let tail = match total {
        Some(total) => format!(r#"],"totalCount":{total},"problems":[]}}"#),
        None => "]}".to_owned(),
    };
    (head.into_bytes(), tail.into_bytes())
}

fn accepts(body: &Value, alert: &AlertDocuments) -> Result<bool, AlertProblem> {
    let summary: Value = serde_json::from_slice(&alert.summary).unwrap_or_default();
    let groups = body["groups"].as_array().map(Vec::as_slice).unwrap_or_default();
    let outcomes: Vec<bool> = groups
        .iter()
        .map(|group| {
            let filters = group["filters"].as_array().map(Vec::as_slice).unwrap_or_default();
            let each = filters.iter().map(|filter| passes(filter, alert.created, &summary));
            Ok(joined(&group["filterClause"], &each.collect::<Result<Vec<bool>, AlertProblem>>()?))
        })
        .collect::<Result<_, AlertProblem>>()?;
    Ok(joined(&body["groupClause"], &outcomes))
}

fn joined(clause: &Value, outcomes: &[bool]) -> bool {
    if clause.as_str() == Some("OR") && !outcomes.is_empty() {
        outcomes.contains(&true)
    } else {
        !outcomes.contains(&false)
    }
}

fn passes(filter: &Value, created: Moment, summary: &Value) -> Result<bool, AlertProblem> {
    let term = filter["term"].as_str().ok_or_else(|| refuse("MissingValue", "a term is missing"))?;
    let operator =
        filter["operator"].as_str().ok_or_else(|| refuse("MissingValue", "an operator is missing"))?;
    let value = filter["value"].as_str().ok_or_else(|| refuse("MissingValue", "a value is missing"))?;
    if term == "CreatedAt" {
        let limit = match operator {
            "ON" => Moment::parse_date(value),
            _ => Moment::parse(value),
        };
        let limit = limit.ok_or_else(|| refuse("IllegalValue", "a value is not a time"))?;
        return match operator {
            "ON_OR_AFTER" => Ok(created >= limit),
            "ON_OR_BEFORE" => Ok(created <= limit),
            "GREATER_THAN" => Ok(created > limit),
            "LESS_THAN" => Ok(created < limit),
            "ON" => Ok(created.iso(0).get(..10) == limit.iso(0).get(..10)),
            _ => Err(refuse("IllegalOperator", "CreatedAt does not understand the operator")),
        };
    }
    let key: String = term
        .chars()
        .enumerate()
        .map(|(at, letter)| if at == 0 { letter.to_ascii_lowercase() } else { letter })
        .collect();
    let key = if key == "alertId" { "id" } else { &key };
    let text = summary[key].as_str().unwrap_or_default();
    match operator {
        "IS" => Ok(is_like(text, value)),
        "IS_NOT" => Ok(!is_like(text, value)),
        "CONTAINS" => Ok(text.contains(value)),
        "DOES_NOT_CONTAIN" => Ok(!text.contains(value)),
        _ => Err(refuse("IllegalOperator", "the term does not understand the operator")),
    }
}

fn refuse(kind: &'static str, why: &'static str) -> AlertProblem {
    AlertProblem { kind, why }
}
