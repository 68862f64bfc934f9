//! How a problem looks on the wire: one of the two envelopes of the original, by the address that was asked.

use hyper::Response;
use hyper::header::{ALLOW, CONNECTION, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use serde_json::json;

use super::answer::{AnswerBody, whole};
use super::problem::{Problem, ProblemKind};

/// A number that names one request in its answer and in the log: three groups of five letters and digits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RequestId(String);

impl RequestId {
    /// A new number.
    pub fn new() -> Self {
        const LETTERS: &[u8; 36] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        let letter = || char::from(LETTERS[rand::random_range(0..LETTERS.len())]);
        let group = || (0..5).map(|_| letter()).collect::<String>();
        Self([group(), group(), group()].join("-"))
    }

    /// The number as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for RequestId {
    fn default() -> Self {
        Self::new()
    }
}

/// The answer that tells `problem` to whoever asked for `path`.
///
/// `allowed` are the methods of that address, for a method that is not one of them.
pub fn answer_with(problem: &Problem, path: &str, allowed: &str, id: &RequestId) -> Response<AnswerBody> {
    let status = problem.kind.status();
    let body = match has_list_envelope(path) {
        true => json!({
            "id": id.as_str(),
            "errors": [{ "code": problem.code, "message": problem.message }],
        }),
        false => json!({
            "status": status.as_u16(),
            "id": id.as_str(),
            "code": problem.code,
            "message": problem.message,
        }),
    };
    let mut response = Response::new(whole(body.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(wait) = problem.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
    }
    match problem.kind {
        ProblemKind::Unauthorized => {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"incydr-collector\""));
        }
        ProblemKind::MethodUnsupported => {
            // Made of the names of methods, which any header may hold.
            HeaderValue::from_str(allowed).map(|allowed| headers.insert(ALLOW, allowed)).ok();
        }
        // What is still to come of the body is none of the next request.
        ProblemKind::TooSlow => {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        ProblemKind::Invalid
        | ProblemKind::Forbidden
        | ProblemKind::NotFound
        | ProblemKind::Stale
        | ProblemKind::TooLarge
        | ProblemKind::AddressTooLong
        | ProblemKind::HeadersTooLarge
        | ProblemKind::TooMany
        | ProblemKind::Internal
        | ProblemKind::Unavailable => {}
    }
    response
}

/// Collectors and sources, and everything that we added beside them, have the flat envelope.
fn has_list_envelope(path: &str) -> bool {
    let mut prefixes = ["/api/v1/fields", "/api/v1/healthEvents"].into_iter();
    prefixes
        .any(|prefix| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_request_id_is_three_groups_of_five_letters_and_digits(_ in 0..50_u8) {
            let id = RequestId::new();
            let groups: Vec<_> = id.as_str().split('-').collect();
            prop_assert_eq!(groups.len(), 3);
            let fits = |text: &str| text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
            prop_assert!(groups.iter().all(|group| group.len() == 5 && fits(group)));
        }
    }
}
