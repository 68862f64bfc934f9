//! What each endpoint that takes a bearer token answers.

use hyper::StatusCode;
use hyper::header::USER_AGENT;
use serde_json::json;

use crate::data::audit::search_issued;
use crate::data::given::GivenRecord;
use crate::digest::Digest;
use crate::faults::strike::Strike;
use crate::http::answer::Answer;
use crate::incydr::access::Caller;
use crate::incydr::page::{Document, ListPage};
use crate::incydr::service::{Exchange, IncydrService};
use crate::incydr::sessions::SessionQuery;
use crate::incydr::{alerts, sessions};
use crate::stream::RecordKind;

impl IncydrService {
    pub(crate) fn customer(&self, caller: &Caller) -> Answer {
        let body = json!({
            "name": "Simulated Corp", "registrationKey": "SIMU-LATE-DREG-KEY0", "tenantId": caller.tenant,
        });
        Answer::json(StatusCode::OK, &body)
    }

    pub(crate) fn file_events(&self, exchange: &Exchange, caller: &Caller, strike: &Strike) -> Answer {
        let now = self.now();
        let mut tenant = self.tenant.lock();
        let searched = tenant.events.search(&exchange.body, now, &self.options.behavior, strike);
        if self.options.behavior.searches_are_audited {
            let agent = exchange.parts.headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
            let request = String::from_utf8_lossy(&exchange.body);
            let row =
                search_issued(&caller.client, agent.unwrap_or_default(), &request, searched.matched, now);
            tenant.add_given_row(GivenRecord::raw(now.cut_to(6), row), now);
        }
        searched.answer
    }

    pub(crate) fn sessions(&self, exchange: &Exchange, caller: &Caller, strike: &Strike) -> Answer {
        let visible = self.tenant.lock().sessions.visible(self.now(), &caller.tenant);
        if let Some(id) = exchange.parts.uri.path().strip_prefix("/v1/sessions/") {
            return match visible.iter().find(|view| view.facts.session_id == id) {
                Some(view) => Answer::whole(StatusCode::OK, view.bytes.clone()),
                None => self.failure(StatusCode::NOT_FOUND, "not found"),
            };
        }
        let query = exchange.parts.uri.query().unwrap_or_default();
        let query = match SessionQuery::parse(query, &self.options.behavior) {
            Ok(query) => query,
            Err(message) => return sessions::refuse(&message),
        };
        let (views, total) = query.select(visible);
        for view in &views {
            self.note_version(RecordKind::Session, &view.facts.session_id, &view.bytes);
        }
        let mut page = sessions::page_of(&views, total);
        page.twist(&strike.twists, self.now());
        let tail = format!(r#"],"totalCount":{}}}"#, page.total).into_bytes();
        self.list(page, br#"{"items":["#.to_vec(), tail)
    }

    pub(crate) fn alerts(&self, exchange: &Exchange, caller: &Caller, strike: &Strike) -> Answer {
        let alerts = self.tenant.lock().alerts(self.now(), &caller.tenant);
        match alerts::query_alerts(&exchange.body, &caller.tenant, alerts) {
            Err(refusal) => refusal.answer(),
            Ok((mut page, chosen)) => {
                chosen
                    .iter()
                    .for_each(|alert| self.note_version(RecordKind::Alert, &alert.id, &alert.summary));
                page.twist(&strike.twists, self.now());
                let (head, tail) = alerts::envelope("ALERT_QUERY_RESPONSE", Some(page.total));
                self.list(page, head, tail)
            }
        }
    }

    pub(crate) fn alert_details(&self, exchange: &Exchange, caller: &Caller) -> Answer {
        let alerts = self.tenant.lock().alerts(self.now(), &caller.tenant);
        match alerts::query_details(&exchange.body, alerts) {
            Err(refusal) => refusal.answer(),
            Ok(found) => {
                found
                    .iter()
                    .for_each(|alert| self.note_version(RecordKind::Alert, &alert.id, &alert.details));
                let (head, tail) = alerts::envelope("ALERT_DETAILS_RESPONSE", None);
                let documents =
                    found.into_iter().map(|alert| Document::Given(alert.details.into())).collect();
                self.list(ListPage { documents, total: 0 }, head, tail)
            }
        }
    }

    pub(crate) fn audit(&self, exchange: &Exchange, strike: &Strike) -> Answer {
        let now = self.now();
        let found = self.tenant.lock().audit.search(&exchange.body, now, &self.options.behavior);
        match found {
            Err(refusal) => refusal.answer(),
            Ok(mut found) => {
                found.page.twist(&strike.twists, now);
                let (head, tail) = found.envelope(&self.options.behavior);
                self.list(found.page, head, tail)
            }
        }
    }

    pub(crate) fn audit_count(&self, exchange: &Exchange) -> Answer {
        match self.tenant.lock().audit.count(&exchange.body, self.now()) {
            Err(refusal) => refusal.answer(),
            Ok(count) => Answer::json(StatusCode::OK, &json!({"totalResultCount": count})),
        }
    }

    fn list(&self, page: ListPage, head: Vec<u8>, tail: Vec<u8>) -> Answer {
        let templates = self.tenant.lock().events.history.templates.clone();
        Answer::json_stream(page.into_chunks(templates, head, tail))
    }

    fn note_version(&self, kind: RecordKind, id: &str, bytes: &[u8]) {
        self.served.lock().insert((kind, id.to_owned(), Digest::of_line(bytes)));
    }
}
