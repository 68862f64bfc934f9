//! Which fields may leave: those that exist and are enabled in the schema.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Fields that have a meaning of their own, and so need not be in the schema.
const ALWAYS_PASS: [&str; 4] = ["_siemForward", "_siemParser", "_parser", "_budget"];

/// The schema of fields, shared by all sources. Clones are the same schema.
///
/// Names are compared without regard to case. Whatever is not enabled is left out when events are delivered, and
/// counted.
#[derive(Clone, Debug, Default)]
pub struct FieldSchema(Arc<Mutex<Schema>>);

#[derive(Debug, Default)]
struct Schema {
    /// In lower case; `None` lets everything pass.
    enabled: Option<Vec<String>>,
    /// Events that lost a field, by its name in lower case.
    dropped: BTreeMap<String, u64>,
}

/// A field that was left out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DroppedField {
    /// Its name, in lower case.
    pub name: String,
    /// Events that were delivered without it since the process began.
    pub events: u64,
}

impl FieldSchema {
    /// Every field passes.
    pub fn everything() -> Self {
        Self::default()
    }

    /// Only fields of these names pass.
    pub fn only(names: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let schema = Self::default();
        schema.enable(Some(names.into_iter().map(|name| name.as_ref().to_lowercase()).collect()));
        schema
    }

    /// Whether a field of this name may leave.
    pub fn passes(&self, name: &str) -> bool {
        let name = name.trim();
        ALWAYS_PASS.iter().any(|special| special.eq_ignore_ascii_case(name))
            || self.with(|schema| match &schema.enabled {
                None => true,
                Some(enabled) => enabled.binary_search(&name.to_lowercase()).is_ok(),
            })
    }

    /// The names that pass, in lower case; `None` when all do.
    pub fn passing(&self) -> Option<Vec<String>> {
        let enabled = self.with(|schema| schema.enabled.clone())?;
        Some(ALWAYS_PASS.iter().map(|special| special.to_lowercase()).chain(enabled).collect())
    }

    /// The fields that were left out so far, by name.
    pub fn dropped(&self) -> Vec<DroppedField> {
        let field = |(name, events): (&String, &u64)| DroppedField { name: name.clone(), events: *events };
        self.with(|schema| schema.dropped.iter().map(field).collect())
    }

    /// From now on only these names pass, in lower case; or all.
    pub(super) fn enable(&self, names: Option<Vec<String>>) {
        let enabled = names.map(|mut names| {
            names.sort_unstable();
            names
        });
        self.with(|schema| schema.enabled = enabled);
    }

    /// So many events were delivered without the field of this name.
    pub(super) fn count_dropped(&self, name: &str, events: u64) {
        self.with(|schema| *schema.dropped.entry(name.to_lowercase()).or_default() += events);
    }

    fn with<T>(&self, use_it: impl FnOnce(&mut Schema) -> T) -> T {
        use_it(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_regard_to_case_and_special_ones_always_pass() {
        let schema = FieldSchema::only(["Env", "team"]);
        for passes in ["env", "ENV", "Team", "_siemForward", "_parser", "_siemparser", "_budget"] {
            assert!(schema.passes(passes), "{passes}");
        }
        assert!(!schema.passes("owner"));
        assert!(FieldSchema::everything().passes("owner"));
        let passing = schema.passing().expect("not all");
        assert!(passing.iter().all(|name| schema.passes(name)) && passing.contains(&"team".to_owned()));
        assert_eq!(FieldSchema::everything().passing(), None);
    }

    #[test]
    fn clones_are_the_same_schema() {
        let schema = FieldSchema::everything();
        let clone = schema.clone();
        clone.enable(Some(Vec::new()));
        assert!(!schema.passes("env"));
        clone.count_dropped("Env", 3);
        clone.count_dropped("env", 4);
        assert_eq!(schema.dropped(), [DroppedField { name: "env".to_owned(), events: 7 }]);
    }
}
