//! The filters of a query, put together.

use serde_json::Value;

use crate::incydr::file_events::history::{History, Record};
use crate::incydr::file_events::leaf::{Leaf, Test};
use crate::incydr::options::FilterPrecision;
use crate::incydr::page::Document;
use crate::incydr::problem::{Problem, ProblemType};
use crate::moment::Moment;

/// From one moment to another, both included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct MomentRange {
    pub(crate) from: Moment,
    pub(crate) to: Moment,
}

impl MomentRange {
    pub(crate) const ALL: Self =
        Self { from: Moment::from_nanos(i64::MIN), to: Moment::from_nanos(i64::MAX) };

    pub(crate) const fn from(from: Moment) -> Self {
        Self { from, ..Self::ALL }
    }

    pub(crate) const fn until(to: Moment) -> Self {
        Self { to, ..Self::ALL }
    }

    pub(crate) fn contains(&self, moment: Moment) -> bool {
        self.from <= moment && moment <= self.to
    }

    fn intersect(&mut self, other: &Self) {
        self.from = self.from.max(other.from);
        self.to = self.to.min(other.to);
    }
}

/// A condition on one event.
#[derive(Clone, PartialEq, Debug)]
enum Condition {
    All(Vec<Self>),
    Any(Vec<Self>),
    Leaf(Leaf),
}

/// All conditions of a query. The time of insertion, which nearly every query limits, stands apart, because
/// the history is sorted by it.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Filter {
    pub(crate) inserted: MomentRange,
    rest: Vec<Condition>,
}

/// Reads groups of filters and counts their criteria.
pub(crate) struct FilterReader {
    pub(crate) now: Moment,
    pub(crate) precision: FilterPrecision,
    pub(crate) filters: usize,
    pub(crate) values: usize,
    pub(crate) problems: Vec<Problem>,
}

impl FilterReader {
    pub(crate) fn new(now: Moment, precision: FilterPrecision) -> Self {
        Self { now, precision, filters: 0, values: 0, problems: Vec::new() }
    }

    /// Reads the groups of a query.
    pub(crate) fn read(&mut self, groups: &[Value], clause: &Value) -> Filter {
        let conditions = groups.iter().map(|group| self.group(group)).collect();
        let whole = self.join(clause, conditions);
        let mut filter = Filter { inserted: MomentRange::ALL, rest: Vec::new() };
        filter.absorb(whole);
        filter
    }

    fn group(&mut self, group: &Value) -> Condition {
        if let Some(subgroups) = group.get("subgroups").and_then(Value::as_array) {
            let conditions = subgroups.iter().map(|subgroup| self.group(subgroup)).collect();
            return self.join(&group["subgroupClause"], conditions);
        }
        let Some(filters) = group.get("filters").and_then(Value::as_array) else {
            self.problems.push(Problem::plain(ProblemType::MissingFilters, "a group has no filters"));
            return Condition::All(Vec::new());
        };
        let mut conditions = Vec::new();
        for filter in filters {
            self.filters += 1;
            self.values += filter.get("value").and_then(Value::as_array).map_or(1, Vec::len);
            match Leaf::parse(filter, self.now, self.precision) {
                Ok(leaf) => conditions.push(Condition::Leaf(leaf)),
                Err(problem) => self.problems.push(problem),
            }
        }
        self.join(&group["filterClause"], conditions)
    }

    fn join(&mut self, clause: &Value, conditions: Vec<Condition>) -> Condition {
        match clause.as_str() {
            None | Some("AND") => Condition::All(conditions),
            Some("OR") => Condition::Any(conditions),
            Some(_) => {
                self.problems
                    .push(Problem::plain(ProblemType::IllegalGroup, "a clause is neither AND nor OR"));
                Condition::All(conditions)
            }
        }
    }
}

impl Filter {
    /// Takes over what must hold in any case.
    fn absorb(&mut self, condition: Condition) {
        match condition {
            Condition::All(conditions) => conditions.into_iter().for_each(|condition| self.absorb(condition)),
            Condition::Any(mut conditions) if conditions.len() == 1 => {
                conditions.drain(..).for_each(|condition| self.absorb(condition));
            }
            Condition::Leaf(Leaf { term, test: Test::During(range) }) if term == "event.inserted" => {
                self.inserted.intersect(&range);
            }
            Condition::Any(_) | Condition::Leaf(_) => self.rest.push(condition),
        }
    }

    /// Whether an event meets all conditions.
    pub(crate) fn matches(&self, history: &History, record: &Record) -> bool {
        self.inserted.contains(record.inserted)
            && self.rest.iter().all(|condition| condition.holds(history, record))
    }
}

impl Condition {
    fn holds(&self, history: &History, record: &Record) -> bool {
        match self {
            Self::All(conditions) => conditions.iter().all(|condition| condition.holds(history, record)),
            Self::Any(conditions) => conditions.iter().any(|condition| condition.holds(history, record)),
            Self::Leaf(leaf) => leaf.holds(history, record),
        }
    }
}

impl Leaf {
    fn holds(&self, history: &History, record: &Record) -> bool {
        match (self.term.as_str(), &self.test) {
            ("event.inserted", Test::During(range)) => range.contains(record.inserted),
            ("@timestamp", Test::During(range)) => range.contains(history.timestamp(record)),
            ("event.id", test) => test.passes(&[&Value::String(history.id(record))]),
            ("risk.score", test) => {
                let score = history.score(record).map(Value::from);
                test.passes(&score.iter().collect::<Vec<_>>())
            }
            (term, test) => {
                let document = match history.document(record) {
                    Document::Given(bytes) => serde_json::from_slice(&bytes),
                    drawn @ Document::Drawn { .. } => {
                        let mut bytes = Vec::new();
                        drawn.write(&history.templates, &mut bytes);
                        serde_json::from_slice(&bytes)
                    }
                };
                let document: Value = document.unwrap_or_default();
                let mut values = Vec::new();
                collect(&document, term, &mut values);
                test.passes(&values)
            }
        }
    }
}

/// All values under a dotted path, looking into every element of lists.
fn collect<'v>(value: &'v Value, path: &str, found: &mut Vec<&'v Value>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, path, found)),
        Value::Null => {}
        _ if path.is_empty() => found.push(value),
        Value::Object(object) => {
            let (key, rest) = path.split_once('.').unwrap_or((path, ""));
            if let Some(inner) = object.get(key) {
                collect(inner, rest, found);
            }
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
