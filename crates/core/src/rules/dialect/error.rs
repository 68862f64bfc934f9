//! Why a regular expression is not RE2.

/// What is wrong at one place of a regular expression.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::rules) struct DialectError {
    /// What is wrong and where, as it follows the name of the text.
    pub(in crate::rules) problem: String,
    /// What to do about it.
    pub(in crate::rules) remedy: &'static str,
}

impl DialectError {
    /// A mistake that begins at character number `position`, counted from 1.
    pub(super) fn at(position: usize, problem: &str, remedy: &'static str) -> Self {
        Self { problem: format!("is no RE2: character {position} {problem}"), remedy }
    }
}
