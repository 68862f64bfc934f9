//! What is wrong with a rule: which one, which part of it, the problem and the remedy.

use std::fmt;

use thiserror::Error;

use super::dialect::DialectError;
use super::{MAX_NAME_CHARACTERS, MAX_RULES};

/// Why a list of rules cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{} {problem}; {remedy}", place(*.rule, *.part))]
pub struct RuleError {
    /// The rule's place in the list, from 0; `None` where the list as a whole is wrong.
    pub rule: Option<usize>,
    /// What is wrong with it; `None` where the list as a whole is wrong.
    pub part: Option<RulePart>,
    /// What is wrong, as it follows the name of the part.
    pub problem: String,
    /// What to do about it.
    pub remedy: String,
}

/// A part of a rule, named as in its JSON.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RulePart {
    /// `name`.
    Name,
    /// `regexp`.
    Regexp,
    /// `mask`.
    Mask,
}

impl fmt::Display for RulePart {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Name => "name",
            Self::Regexp => "regexp",
            Self::Mask => "mask",
        })
    }
}

fn place(rule: Option<usize>, part: Option<RulePart>) -> String {
    match (rule, part) {
        (Some(rule), Some(part)) => format!("`{part}` of rule {}", rule + 1),
        _ => "the list of rules".to_owned(),
    }
}

impl RuleError {
    pub(super) fn too_many(rules: usize) -> Self {
        let (problem, remedy) = (format!("has {rules} rules"), format!("keep at most {MAX_RULES}"));
        Self { rule: None, part: None, problem, remedy }
    }

    /// Says which rule it is.
    pub(super) fn of_rule(self, index: usize) -> Self {
        Self { rule: Some(index), ..self }
    }

    fn of_part(part: RulePart, problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { rule: None, part: Some(part), problem: problem.into(), remedy: remedy.into() }
    }
}

impl From<DialectError> for RuleError {
    fn from(error: DialectError) -> Self {
        Self::of_part(RulePart::Regexp, error.problem, error.remedy)
    }
}

impl From<regex::Error> for RuleError {
    /// What passes the dialect fails only by its size; the library's text would show its own pattern, not the rule's.
    fn from(_: regex::Error) -> Self {
        let problem = "is nested too deeply, or needs more memory than one rule may have";
        Self::of_part(RulePart::Regexp, problem, "write it with fewer repetitions and groups")
    }
}

pub(super) fn check_name(name: &str) -> Result<(), RuleError> {
    let wrong = |problem: String, remedy: String| Err(RuleError::of_part(RulePart::Name, problem, remedy));
    let length = name.chars().count();
    if name.trim().is_empty() {
        return wrong("is empty".to_owned(), "give the rule a name".to_owned());
    }
    if name.contains(char::is_control) {
        return wrong("holds a control character".to_owned(), "remove it".to_owned());
    }
    if length > MAX_NAME_CHARACTERS {
        let remedy = format!("shorten it to at most {MAX_NAME_CHARACTERS}");
        return wrong(format!("has {length} characters"), remedy);
    }
    Ok(())
}

pub(super) fn check_regexp_is_there(regexp: &str) -> Result<(), RuleError> {
    if regexp.is_empty() {
        let remedy = "write what the rule matches, as in \".*term.*\"";
        return Err(RuleError::of_part(RulePart::Regexp, "is empty", remedy));
    }
    Ok(())
}

/// A rule that rewrites nothing would let pass what somebody believes to be hidden.
pub(super) fn check_groups(groups: usize) -> Result<(), RuleError> {
    if groups == 0 {
        let remedy = "put parentheses around what is to be replaced";
        return Err(RuleError::of_part(RulePart::Regexp, "has no capture group", remedy));
    }
    Ok(())
}

/// A blank mask could make a blank event, and a line break would make two events of one.
pub(super) fn check_mask(mask: &str) -> Result<(), RuleError> {
    let wrong = |problem, remedy| Err(RuleError::of_part(RulePart::Mask, problem, remedy));
    if mask.trim().is_empty() {
        return wrong("is empty", "set it to what replaces the text, as in \"#\"");
    }
    if mask.contains(':') {
        return wrong("holds a colon", "use another character");
    }
    if mask.contains(char::is_control) {
        return wrong("holds a control character", "remove it");
    }
    Ok(())
}
