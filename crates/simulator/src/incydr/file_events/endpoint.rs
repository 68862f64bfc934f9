//! Answers searches, with the tokens that lead from page to page.

use std::collections::{HashMap, VecDeque};

use hyper::StatusCode;
use serde_json::{Value, json};

use crate::faults::fault::PageTwist;
use crate::faults::strike::Strike;
use crate::http::answer::Answer;
use crate::incydr::file_events::history::{History, Selection};
use crate::incydr::file_events::query::{Query, Start};
use crate::incydr::options::{IncydrBehavior, LastToken};
use crate::incydr::page::ListPage;
use crate::incydr::problem::{Problem, ProblemType};
use crate::moment::Moment;

/// Tokens that are remembered, for circles of them.
const REMEMBERED_TOKENS: usize = 128;

/// The history, and the tokens that were handed out.
#[derive(Debug)]
pub(crate) struct FileEvents {
    pub(crate) history: History,
    handed_out: VecDeque<String>,
    /// Tokens invented for empty pages, and the tokens that they stand for.
    stand_ins: HashMap<String, String>,
}

/// What `nextPgToken` says.
enum NextToken {
    After(String),
    End(LastToken),
}

/// What became of a search: the answer, and how many events matched.
pub(crate) struct Searched {
    pub(crate) answer: Answer,
    pub(crate) matched: u64,
}

impl FileEvents {
    pub(crate) fn new(history: History) -> Self {
        Self { history, handed_out: VecDeque::new(), stand_ins: HashMap::new() }
    }

    /// Answers one search as of `now`.
    pub(crate) fn search(
        &mut self,
        body: &[u8],
        now: Moment,
        behavior: &IncydrBehavior,
        strike: &Strike,
    ) -> Searched {
        if strike.invalid_page_token {
            return refuse(vec![unresolved_token()], behavior);
        }
        let mut query = match Query::parse(body, now, behavior) {
            Ok(query) => query,
            Err(problems) => return refuse(problems, behavior),
        };
        if let Start::After(token) = &mut query.start
            && let Some(real) = self.stand_ins.get(token)
        {
            token.clone_from(real);
        }
        let overlap = strike.twists.iter().map(overlap_of).sum();
        let Ok(selection) = self.history.select(&query, now, overlap) else {
            return refuse(vec![unresolved_token()], behavior);
        };
        let matched = selection.total;
        let answer = self.page(&query, selection, now, behavior, strike);
        Searched { answer, matched }
    }

    fn page(
        &mut self,
        query: &Query,
        mut selection: Selection,
        now: Moment,
        behavior: &IncydrBehavior,
        strike: &Strike,
    ) -> Answer {
        let mut token = self.next_token(query, &selection, behavior);
        if let Start::After(current) = &query.start {
            for twist in &strike.twists {
                match twist {
                    PageTwist::EmptyWithToken => {
                        selection.records.clear();
                        token = NextToken::After(self.stand_in(current));
                    }
                    PageTwist::TokenCycle { length } => {
                        let earlier = self.handed_out.len().checked_sub(*length);
                        if let Some(earlier) = earlier.and_then(|at| self.handed_out.get(at)) {
                            token = NextToken::After(earlier.clone());
                        }
                    }
                    PageTwist::Overlap { .. }
                    | PageTwist::Shuffle { .. }
                    | PageTwist::TotalCount { .. }
                    | PageTwist::Omit { .. }
                    | PageTwist::Poison { .. } => {}
                }
            }
        }
        if let NextToken::After(token) = &token {
            self.handed_out.push_back(token.clone());
            if self.handed_out.len() > REMEMBERED_TOKENS {
                self.handed_out.pop_front();
            }
        }
        let documents = selection.records.iter().map(|record| self.history.document(record)).collect();
        let mut page = ListPage { documents, total: i64::try_from(selection.total).unwrap_or(i64::MAX) };
        page.twist(&strike.twists, now);
        self.envelope(page, token, behavior)
    }

    fn next_token(&self, query: &Query, selection: &Selection, behavior: &IncydrBehavior) -> NextToken {
        if matches!(query.start, Start::Page { .. }) {
            return NextToken::End(LastToken::Null);
        }
        let full = selection.records.len() == query.page_size;
        let goes_on = selection.more || full && behavior.full_last_page_has_token;
        match selection.records.last().filter(|_| goes_on) {
            Some(last) => NextToken::After(self.history.id(last)),
            None => NextToken::End(behavior.last_token),
        }
    }

    fn stand_in(&mut self, token: &str) -> String {
        let name = format!("{}~{}", if token.is_empty() { "start" } else { token }, self.stand_ins.len() + 1);
        self.stand_ins.insert(name.clone(), token.to_owned());
        name
    }

    fn envelope(&self, page: ListPage, token: NextToken, behavior: &IncydrBehavior) -> Answer {
        let token = match token {
            NextToken::After(token) => format!(r#""nextPgToken":{},"#, Value::from(token)),
            NextToken::End(LastToken::Null) => r#""nextPgToken":null,"#.to_owned(),
            NextToken::End(LastToken::Empty) => r#""nextPgToken":"","#.to_owned(),
            NextToken::End(LastToken::Absent) => String::new(),
        };
        let around = format!(r#""totalCount":{},{token}"problems":null"#, page.total);
        let empty_as_null = page.documents.is_empty() && behavior.empty_events_are_null;
        let (open, close) = if empty_as_null { ("null", "") } else { ("[", "]") };
        let (head, tail) = if behavior.events_come_last {
            (format!(r#"{{{around},"fileEvents":{open}"#), format!("{close}}}"))
        } else {
            (format!(r#"{{"fileEvents":{open}"#), format!("{close},{around}}}"))
        };
        Answer::json_stream(page.into_chunks(
            self.history.templates.clone(),
            head.into_bytes(),
            tail.into_bytes(),
        ))
    }
}

fn overlap_of(twist: &PageTwist) -> usize {
    match twist {
        PageTwist::Overlap { events } => *events,
        PageTwist::EmptyWithToken
        | PageTwist::TokenCycle { .. }
        | PageTwist::Shuffle { .. }
        | PageTwist::TotalCount { .. }
        | PageTwist::Omit { .. }
        | PageTwist::Poison { .. } => 0,
    }
}

fn unresolved_token() -> Problem {
    Problem::plain(ProblemType::InvalidPageToken, "Page token could not be resolved")
}

fn refuse(problems: Vec<Problem>, behavior: &IncydrBehavior) -> Searched {
    let events = if behavior.failed_events_are_null { Value::Null } else { json!([]) };
    let body = json!({"totalCount": 0, "fileEvents": events, "nextPgToken": null, "problems": problems});
    Searched { answer: Answer::json(StatusCode::BAD_REQUEST, &body), matched: 0 }
}
