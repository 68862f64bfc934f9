//! One filter of a query: a term, an operator, a value.

use std::time::Duration;

use serde_json::Value;

use crate::incydr::file_events::filter::MomentRange;
use crate::incydr::file_events::terms::{TermKind, listed_duration};
use crate::incydr::options::FilterPrecision;
use crate::incydr::problem::{Problem, ProblemType};
use crate::moment::Moment;

/// A filter that was understood.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Leaf {
    pub(crate) term: String,
    pub(crate) test: Test,
}

/// What the value under the term must be.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Test {
    /// Inside this range.
    During(MomentRange),
    /// Equal to one of these, in which `*` and `?` stand for any text and any character.
    OneOf(Vec<String>),
    /// Equal to none of these.
    NoneOf(Vec<String>),
    Above(f64),
    Below(f64),
    Exists,
    Missing,
}

impl Leaf {
    /// Reads `{"term":…,"operator":…,"value":…}`; a `WITHIN_THE_LAST` counts back from `now`.
    pub(crate) fn parse(filter: &Value, now: Moment, precision: FilterPrecision) -> Result<Self, Problem> {
        let refuse = |kind, why: &str| Problem::about(filter, kind, why);
        let term =
            filter["term"].as_str().ok_or_else(|| refuse(ProblemType::MissingValue, "a term is missing"))?;
        let kind =
            TermKind::of(term).ok_or_else(|| refuse(ProblemType::IllegalValue, "the term is not known"))?;
        let operator = filter.get("operator").and_then(Value::as_str).unwrap_or("IS");
        if !kind.understands(operator) {
            return Err(refuse(ProblemType::IllegalOperator, "the term does not understand the operator"));
        }
        let value = filter.get("value").unwrap_or(&Value::Null);
        let text = || match value {
            Value::String(text) => Ok(text.clone()),
            Value::Number(number) => Ok(number.to_string()),
            Value::Null => Err(refuse(ProblemType::MissingValue, "the filter has no value")),
            Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                Err(refuse(ProblemType::IllegalValue, "the value is not text"))
            }
        };
        let texts = || match value {
            Value::Array(items) if !items.is_empty() => items
                .iter()
                .map(|item| item.as_str().map(str::to_owned))
                .collect::<Option<Vec<_>>>()
                .ok_or_else(|| refuse(ProblemType::IllegalValue, "the value holds something else than text")),
            Value::Array(_) | Value::Null => {
                Err(refuse(ProblemType::MissingValue, "the operator wants a list of values"))
            }
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                Err(refuse(ProblemType::IllegalValue, "the operator wants a list of values"))
            }
        };
        let number = || {
            text()?.parse::<f64>().map_err(|_| refuse(ProblemType::IllegalValue, "the value is not a number"))
        };
        let time = || {
            let text = text()?;
            let instant = Some(&text).filter(|text| text.ends_with('Z')).and_then(|text| Moment::parse(text));
            instant
                .map(|instant| instant.cut_to(3))
                .ok_or_else(|| refuse(ProblemType::IllegalValue, "the value is not a time"))
        };
        let test = match operator {
            "IS" => Test::OneOf(vec![text()?]),
            "IS_NOT" => Test::NoneOf(vec![text()?]),
            "IS_ANY" => Test::OneOf(texts()?),
            "IS_NONE" => Test::NoneOf(texts()?),
            "EXISTS" => Test::Exists,
            "DOES_NOT_EXIST" => Test::Missing,
            "GREATER_THAN" => Test::Above(number()?),
            "LESS_THAN" => Test::Below(number()?),
            "ON_OR_AFTER" => Test::During(MomentRange::from(time()?)),
            "ON_OR_BEFORE" => Test::During(MomentRange::until(match precision {
                FilterPrecision::ValuesOnly => time()?,
                FilterPrecision::Both => end_of(time()?, Duration::from_millis(1)),
            })),
            "ON" => {
                let day = Moment::parse_date(&text()?)
                    .ok_or_else(|| refuse(ProblemType::IllegalValue, "the value is not a date"))?;
                Test::During(MomentRange { from: day, to: end_of(day, Duration::from_secs(24 * 3600)) })
            }
            "WITHIN_THE_LAST" => {
                let seconds = listed_duration(&text()?).ok_or_else(|| {
                    refuse(ProblemType::IllegalValue, "the duration is not one of the listed ones")
                })?;
                Test::During(MomentRange::from(now.minus(Duration::from_secs(seconds)).cut_to(3)))
            }
            _ => return Err(refuse(ProblemType::IllegalOperator, "the operator is not known")),
        };
        Ok(Self { term: term.to_owned(), test })
    }
}

/// The last moment of a span.
fn end_of(start: Moment, span: Duration) -> Moment {
    Moment::from_nanos(start.plus(span).as_nanos() - 1)
}

impl Test {
    /// Whether these values, none for a term that the document lacks, pass.
    pub(crate) fn passes(&self, values: &[&Value]) -> bool {
        let any_text = |patterns: &[String]| {
            values.iter().any(|value| patterns.iter().any(|pattern| is_like(&text_of(value), pattern)))
        };
        match self {
            Self::During(range) => values
                .iter()
                .filter_map(|value| value.as_str().and_then(Moment::parse))
                .any(|moment| range.contains(moment)),
            Self::OneOf(patterns) => any_text(patterns),
            Self::NoneOf(patterns) => !any_text(patterns),
            Self::Above(limit) => {
                values.iter().filter_map(|value| value.as_f64()).any(|number| number > *limit)
            }
            Self::Below(limit) => {
                values.iter().filter_map(|value| value.as_f64()).any(|number| number < *limit)
            }
            Self::Exists => !values.is_empty(),
            Self::Missing => values.is_empty(),
        }
    }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            value.to_string()
        }
    }
}

/// Compares without regard to case; `*` and `?` in the pattern are wildcards.
pub(crate) fn is_like(text: &str, pattern: &str) -> bool {
    let text: Vec<char> = text.to_lowercase().chars().collect();
    let pattern: Vec<char> = pattern.to_lowercase().chars().collect();
    // `reached[n]`: the first n characters of the text match the part of the pattern read so far.
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    for &symbol in &pattern {
        let mut next = vec![false; text.len() + 1];
        for at in 0..=text.len() {
            next[at] = match symbol {
                '*' => reached[at] || at > 0 && next[at - 1],
                _ => at > 0 && reached[at - 1] && (symbol == '?' || symbol == text[at - 1]),
            };
        }
        reached = next;
    }
    reached[text.len()]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn wildcards_stand_for_any_text_and_any_character() {
        for (text, pattern, expected) in [
            ("Google Drive", "google*", true),
            ("Google Drive", "*DRIVE", true),
            ("Google Drive", "g??gle drive", true),
            ("Google Drive", "g?gle drive", false),
            ("", "*", true),
            ("a", "", false),
        ] {
            assert_eq!(is_like(text, pattern), expected, "{text} like {pattern}");
        }
    }

    proptest! {
        #[test]
        fn a_text_is_like_itself_with_any_part_replaced_by_a_star(
            text in "[a-z0-9 _.]{0,20}",
            at in 0..20_usize,
            to in 0..20_usize,
        ) {
            let (at, to) = (at.min(text.len()), to.min(text.len()));
            let pattern = format!("{}*{}", &text[..at.min(to)], &text[at.max(to)..]);
            prop_assert!(is_like(&text, &text));
            prop_assert!(is_like(&text, &pattern));
        }
    }
}
