//! Why a form was not accepted, in the words of the form.

use hyper::StatusCode;

use crate::web::problem::{Problem, ProblemKind};

/// What is wrong with a form that was sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mistake {
    /// The status of the page that tells it.
    pub status: StatusCode,
    /// The whole sentence.
    pub sentence: String,
    /// The key at fault in the document that the form stands for, as in `collector.fields.env`; may be empty.
    place: String,
}

impl Mistake {
    /// Of what an operation refuses. `labels` are the names that the form has for keys of the document; one whose key
    /// ends with a full stop is for all keys below it. A problem that the form cannot mend is handed back.
    pub fn of(problem: Problem, labels: &[(&str, &str)]) -> Result<Self, Problem> {
        match problem.kind {
            ProblemKind::Invalid
            | ProblemKind::Forbidden
            | ProblemKind::Stale
            | ProblemKind::TooMany
            | ProblemKind::Unavailable => {}
            ProblemKind::Unauthorized
            | ProblemKind::NotFound
            | ProblemKind::MethodUnsupported
            | ProblemKind::TooLarge
            | ProblemKind::TooSlow
            | ProblemKind::AddressTooLong
            | ProblemKind::HeadersTooLarge
            | ProblemKind::Internal => return Err(problem),
        }
        let place = problem.place.unwrap_or_default();
        let sentence = match label_of(&place, labels) {
            Some(label) => problem.message.replacen(&format!("`{place}`"), &label, 1),
            None => problem.message,
        };
        Ok(Self { status: problem.kind.status(), sentence, place })
    }

    /// The same at a key, unless it is known to be at another.
    #[must_use]
    pub fn or_at(mut self, place: &str) -> Self {
        if self.place.is_empty() {
            place.clone_into(&mut self.place);
        }
        self
    }

    /// Whether it is at this key.
    pub fn is_at(&self, place: &str) -> bool {
        self.place == place
    }

    /// What of the place comes after `prefix`.
    pub fn below(&self, prefix: &str) -> Option<&str> {
        self.place.strip_prefix(prefix)
    }
}

fn label_of(place: &str, labels: &[(&str, &str)]) -> Option<String> {
    labels.iter().find_map(|(key, label)| match place.strip_prefix(key)? {
        "" if !key.ends_with('.') => Some((*label).to_owned()),
        rest if key.ends_with('.') => Some(format!("{label} `{rest}`")),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::ConfigError;

    const LABELS: [(&str, &str); 3] = [("x.name", "Name"), ("x.fields", "Fields"), ("x.fields.", "Field")];

    fn mistake(place: &str) -> Mistake {
        Mistake::of(ConfigError::new(place, "is empty", "write one").into(), &LABELS).expect("a mistake")
    }

    #[test]
    fn a_mistake_is_told_in_the_words_of_the_form() {
        assert_eq!(mistake("x.name").sentence, "Name is empty; write one.");
        assert_eq!(mistake("x.fields").sentence, "Fields is empty; write one.");
        assert_eq!(mistake("x.fields.env").sentence, "Field `env` is empty; write one.");
        assert_eq!(mistake("x.fields.").sentence, "Field `` is empty; write one.");
        assert_eq!(mistake("x.names").sentence, "`x.names` is empty; write one.");
        assert_eq!(mistake("x.fields.env").below("x.fields."), Some("env"));
        assert!(mistake("x.name").or_at("x.fields").is_at("x.name"));
    }

    #[test]
    fn a_failure_is_no_mistake() {
        assert_eq!(Mistake::of(Problem::internal(), &LABELS), Err(Problem::internal()));
        let taken = Problem::invalid("taken", "There is one already");
        assert!(Mistake::of(taken, &LABELS).expect("a mistake").or_at("x.name").is_at("x.name"));
    }
}
