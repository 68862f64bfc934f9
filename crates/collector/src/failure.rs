//! How the program ends when it cannot do what was asked: one sentence, perhaps a hint, and an exit code.
//!
//! Not for: failures that are retried. Those are `incydr_core::health::Trouble` and end nothing.

use std::fmt;
use std::process::ExitCode;

use thiserror::Error;

use crate::printable::printable;

/// The end of a run that did not succeed.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{sentence}")]
pub struct Failure {
    /// What went wrong with what, lower case, in one sentence, without secrets.
    pub sentence: String,
    /// What else may help.
    pub hint: Option<String>,
    /// Who can mend it.
    pub kind: FailureKind,
}

/// Who can mend a failure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FailureKind {
    /// The person who started the program: exit code 1.
    UserMistake,
    /// The program or the machine it runs on: exit code 2.
    Ours,
}

impl Failure {
    /// Something that the user wrote is wrong.
    pub fn mistake(sentence: impl fmt::Display) -> Self {
        Self { sentence: sentence.to_string(), hint: None, kind: FailureKind::UserMistake }
    }

    /// Something failed although the user did nothing wrong.
    pub fn ours(sentence: impl fmt::Display) -> Self {
        Self { sentence: sentence.to_string(), hint: None, kind: FailureKind::Ours }
    }

    /// The same failure with a hint.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// What standard error shows: `error: …`, and `hint: …` below it if there is one.
    pub fn report(&self) -> String {
        let mut report = format!("error: {}\n", printable(&self.sentence));
        if let Some(hint) = &self.hint {
            report.push_str(&format!("hint: {}\n", printable(hint)));
        }
        report
    }
}

impl FailureKind {
    /// The exit code that scripts may rely on.
    pub fn exit_code(self) -> ExitCode {
        match self {
            Self::UserMistake => ExitCode::from(1),
            Self::Ours => ExitCode::from(2),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_one_line_for_the_sentence_and_one_for_the_hint() {
        let failure = Failure::mistake("no source\nat `x\u{1b}[2J`").with_hint("pass `--source`");
        assert_eq!(failure.report(), "error: no source\\nat `x\\u{1b}[2J`\nhint: pass `--source`\n");
    }
}
