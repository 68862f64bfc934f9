//! Turns an answer that is no success into an error.
//!
//! Place on the path: hop 4. There is no common form of errors: file events answer with `problems`, sessions with
//! `msg`, oauth with `error`, gateways with HTML; so the body is read leniently and only its known words count.

use incydr_core::source::{SourceError, SourceFault};
use serde::Deserialize;

use crate::error::presentable;
use crate::transport::Answer;

/// Reads the refusal of a data request. `hidden` texts are masked should the body echo them.
pub(crate) async fn refusal_of_data(answer: Answer, hidden: &[&str]) -> SourceError {
    refusal(answer, hidden, fault_of_data).await
}

/// Reads the refusal of a token request.
pub(crate) async fn refusal_of_token(answer: Answer, hidden: &[&str]) -> SourceError {
    refusal(answer, hidden, fault_of_token).await
}

async fn refusal(answer: Answer, hidden: &[&str], fault: fn(u16, &str) -> SourceFault) -> SourceError {
    let (attempt, status, retry_after) = (answer.attempt.to_string(), answer.status(), answer.retry_after());
    let body = answer.excerpt().await;
    let info = match problems_in(&body) {
        Some(words) => presentable(words.as_bytes(), hidden),
        None => presentable(&body, hidden),
    };
    let fault = fault(status, &String::from_utf8_lossy(&body));
    SourceError { attempt, fault, code: Some(status), info, retry_after }
}

fn fault_of_data(status: u16, body: &str) -> SourceFault {
    match status {
        400 | 500 if body.contains("RESPONSE_CONTENT_TOO_LARGE") => SourceFault::TooLarge,
        400 if body.contains("INVALID_PAGE_TOKEN") => SourceFault::InvalidCursor,
        400 => SourceFault::InvalidQuery,
        401 => SourceFault::Unauthorized,
        other => fault_of_any(other),
    }
}

fn fault_of_token(status: u16, _body: &str) -> SourceFault {
    match status {
        400 => SourceFault::InvalidQuery,
        401 => SourceFault::InvalidClient,
        other => fault_of_any(other),
    }
}

/// Every other status, undocumented ones included, is the service's fault.
fn fault_of_any(status: u16) -> SourceFault {
    match status {
        403 => SourceFault::Forbidden,
        407 => SourceFault::Proxy,
        429 => SourceFault::RateLimited,
        _ => SourceFault::Upstream,
    }
}

#[derive(Deserialize)]
struct Problematic {
    problems: Option<Vec<Problem>>,
}

#[derive(Deserialize)]
struct Problem {
    #[serde(rename = "type")]
    kind: Option<String>,
    description: Option<String>,
}

/// The problems that `body` names, as `TYPE: description; TYPE`; `None` when it names none.
///
/// The rest of a problem, the filter it is about, stays out: it repeats what we sent.
pub(crate) fn problems_in(body: &[u8]) -> Option<String> {
    let Problematic { problems } = serde_json::from_slice(body).ok()?;
    words_of(problems?)
}

/// The same for the value of the key `problems` alone.
pub(crate) fn problems_named_by(problems: &str) -> Option<String> {
    match serde_json::from_str::<Option<Vec<Problem>>>(problems) {
        Ok(problems) => words_of(problems?),
        Err(_) => Some("problems of an unknown form".to_owned()),
    }
}

fn words_of(problems: Vec<Problem>) -> Option<String> {
    let words: Vec<String> = problems.into_iter().map(words_of_one).collect();
    (!words.is_empty()).then(|| words.join("; "))
}

fn words_of_one(problem: Problem) -> String {
    let kind = problem.kind.unwrap_or_else(|| "problem without a type".to_owned());
    match problem.description.filter(|description| !description.is_empty()) {
        Some(description) => format!("{kind}: {description}"),
        None => kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_are_named_by_type_and_description_without_their_filter() {
        let body = br#"{"fileEvents":null,"problems":[
            {"type":"ILLEGAL_VALUE","description":"bad value","badFilter":{"term":"x"}},
            {"type":"ILLEGAL_SORT","description":null},{}]}"#;
        let words = problems_in(body);
        assert_eq!(words.as_deref(), Some("ILLEGAL_VALUE: bad value; ILLEGAL_SORT; problem without a type"));
    }

    #[test]
    fn no_problems_are_no_words() {
        for body in ["", "{}", r#"{"problems":null}"#, r#"{"problems":[]}"#, "<html>", r#"{"msg":"no"}"#] {
            assert_eq!(problems_in(body.as_bytes()), None, "{body}");
        }
        assert_eq!(problems_named_by("null"), None);
        assert_eq!(problems_named_by("[]"), None);
        assert_eq!(problems_named_by("[7]").as_deref(), Some("problems of an unknown form"));
    }

    #[test]
    fn each_status_has_the_fault_that_the_table_gives_it() {
        for (status, body, fault) in [
            (400, r#"{"problems":[{"type":"INVALID_PAGE_TOKEN"}]}"#, SourceFault::InvalidCursor),
            (400, r#"{"msg":"no"}"#, SourceFault::InvalidQuery),
            (401, "", SourceFault::Unauthorized),
            (403, "", SourceFault::Forbidden),
            (404, "", SourceFault::Upstream),
            (407, "", SourceFault::Proxy),
            (429, "", SourceFault::RateLimited),
            (500, r#"{"problems":[{"type":"RESPONSE_CONTENT_TOO_LARGE"}]}"#, SourceFault::TooLarge),
            (500, r#"{"problems":[{"type":"QUERY_TIMEOUT"}]}"#, SourceFault::Upstream),
            (503, "", SourceFault::Upstream),
            (301, "", SourceFault::Upstream),
        ] {
            assert_eq!(fault_of_data(status, body), fault, "{status} {body}");
        }
        assert_eq!(fault_of_token(401, ""), SourceFault::InvalidClient);
        assert_eq!(fault_of_token(400, ""), SourceFault::InvalidQuery);
        assert_eq!(fault_of_token(503, ""), SourceFault::Upstream);
    }
}
