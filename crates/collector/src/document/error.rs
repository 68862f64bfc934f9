//! What is wrong with a document: the place, the problem and the remedy, in one sentence.

use thiserror::Error;

use crate::printable::{acts_on_the_reader, excerpt};

/// The problem of a key that is not there.
pub(crate) const MISSING: &str = "is missing";

/// A mistake in a document. It never shows a secret.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{place} {problem}; {remedy}")]
pub struct ConfigError {
    place: String,
    problem: String,
    remedy: String,
}

impl ConfigError {
    /// A mistake at a key, such as `source.config.baseURL`.
    pub(crate) fn new(path: &str, problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { place: format!("`{path}`"), problem: problem.into(), remedy: remedy.into() }
    }

    /// A mistake that concerns the whole text, which is called `document`.
    pub(crate) fn of_whole(document: &str, problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { place: document.to_owned(), problem: problem.into(), remedy: remedy.into() }
    }

    /// A mistake at a key that another room has already put into words: problem, semicolon, remedy.
    pub(crate) fn of_sentence(path: &str, sentence: &str) -> Self {
        let (problem, remedy) = sentence.split_once("; ").unwrap_or((sentence, "correct it"));
        Self::new(path, problem, remedy)
    }

    pub(crate) fn wrong_type(path: &str, expected: &str, found: &str) -> Self {
        Self::new(path, format!("is {found}"), format!("it must be {expected}"))
    }

    pub(crate) fn unknown_value(path: &str, value: &str, remedy: &str) -> Self {
        Self::new(path, format!("has the unknown value \"{}\"", excerpt(value, 40)), remedy)
    }

    /// The key that is missing, if that is the mistake.
    pub fn missing_key(&self) -> Option<&str> {
        (self.problem == MISSING).then(|| self.path())
    }

    /// The key where the mistake is; `None` when it concerns the whole text.
    pub fn key(&self) -> Option<&str> {
        self.place.starts_with('`').then(|| self.path())
    }

    /// Where the mistake is, as in `source.config.baseURL`, without quotes.
    pub fn path(&self) -> &str {
        self.place.trim_matches('`')
    }
}

/// Refuses what could break a header, a log line or a terminal.
pub(crate) fn check_line(path: &str, text: &str) -> Result<(), ConfigError> {
    let breaks = |character: char| character.is_control() || matches!(character, '\u{2028}' | '\u{2029}');
    match text.chars().find(|&character| breaks(character)) {
        None => Ok(()),
        Some(character) => {
            debug_assert!(
                acts_on_the_reader(character),
                "what breaks a line is escaped wherever it is shown"
            );
            let problem = format!("holds the control character {}", character.escape_unicode());
            Err(ConfigError::new(path, problem, "remove it"))
        }
    }
}

/// Refuses a text of more than `max` characters.
pub(crate) fn check_length(path: &str, text: &str, max: usize) -> Result<(), ConfigError> {
    let length = text.chars().count();
    if length <= max {
        return Ok(());
    }
    let problem = format!("has {length} characters");
    Err(ConfigError::new(path, problem, format!("shorten it to at most {max}")))
}
