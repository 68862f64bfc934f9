//! The JSON of what a check has found.

use serde::Serialize;

use super::document::api_word;
use crate::source_check::{Finding, Found, remedy};

/// What a check has found, as it is shown.
#[derive(Serialize)]
pub(super) struct Findings {
    /// Whether nothing is wrong.
    works: bool,
    findings: Vec<ShownFinding>,
}

/// What was tried, and how it ended.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownFinding {
    tried: String,
    works: bool,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    records: Option<u64>,
    #[serde(flatten)]
    trouble: Option<ShownTrouble>,
}

/// What is wrong, and what to do about it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownTrouble {
    error_type: &'static str,
    tracker: &'static str,
    error_code: Option<u16>,
    error_info: String,
    remedy: &'static str,
}

impl Findings {
    /// Shows `findings`.
    pub(super) fn of(findings: &[Finding]) -> Self {
        Self {
            works: findings.iter().all(|finding| finding.outcome.is_ok()),
            findings: findings.iter().map(ShownFinding::of).collect(),
        }
    }
}

impl ShownFinding {
    fn of(finding: &Finding) -> Self {
        let tried = finding.tried.to_string();
        match &finding.outcome {
            Ok(found) => {
                let records = match found {
                    Found::Readable { records } => Some(*records),
                    Found::Accepted | Found::Reachable => None,
                };
                Self { tried, works: true, message: found.to_string(), records, trouble: None }
            }
            Err(trouble) => Self {
                tried,
                works: false,
                message: trouble.message.clone(),
                records: None,
                trouble: Some(ShownTrouble {
                    error_type: api_word(trouble.error_type),
                    tracker: trouble.tracker,
                    error_code: trouble.error_code,
                    error_info: trouble.error_info.clone(),
                    remedy: remedy(trouble),
                }),
            },
        }
    }
}
