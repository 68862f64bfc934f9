//! An object of the source JSON together with the path that leads to it, so that every error can name the place.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use super::error::ConfigError;
use super::json::Json;
use crate::printable::excerpt;

/// An object without duplicate keys.
pub(super) struct Object<'a> {
    path: String,
    members: &'a [(String, Json)],
}

impl<'a> Object<'a> {
    /// The outermost value, which must be an object.
    pub(super) fn root(tree: &'a Json) -> Result<Self, ConfigError> {
        match tree {
            Json::Object(members) => Self::without_duplicates(String::new(), members),
            other => {
                let problem = format!("is {}", other.kind());
                Err(ConfigError::of_whole(problem, "it must be an object, as in {\"source\": …}"))
            }
        }
    }

    /// The value at `path`, which must be an object.
    pub(super) fn open(value: &'a Json, path: String) -> Result<Self, ConfigError> {
        match value {
            Json::Object(members) => Self::without_duplicates(path, members),
            other => Err(ConfigError::wrong_type(&path, "an object", other.kind())),
        }
    }

    fn without_duplicates(path: String, members: &'a [(String, Json)]) -> Result<Self, ConfigError> {
        let object = Self { path, members };
        let mut met = HashSet::with_capacity(members.len());
        match members.iter().find(|(key, _)| !met.insert(key.as_str())) {
            Some((key, _)) => Err(object.refuse(key, "is given twice", "remove one of the two")),
            None => Ok(object),
        }
    }

    /// Refuses every key that is not `known`.
    pub(super) fn allow_only(&self, known: &[&str]) -> Result<(), ConfigError> {
        let Some((key, _)) = self.members.iter().find(|(key, _)| !known.contains(&key.as_str())) else {
            return Ok(());
        };
        let letters = |text: &str| text.to_ascii_lowercase().replace(['_', '-', ' '], "");
        let meant = known.iter().find(|known| letters(known) == letters(key));
        let remedy = match meant {
            Some(meant) => format!("write it `{meant}`"),
            None => format!("remove it, or use one of {}", known.join(", ")),
        };
        Err(self.refuse(key, "is not a key of a Code42 Incydr source", remedy))
    }

    /// The path of a member, as in `source.config.name`.
    pub(super) fn path_of(&self, key: &str) -> String {
        let key = excerpt(key, 60);
        if self.path.is_empty() { key } else { format!("{}.{key}", self.path) }
    }

    /// An error at a member.
    pub(super) fn refuse(
        &self,
        key: &str,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> ConfigError {
        ConfigError::new(&self.path_of(key), problem, remedy)
    }

    /// All members in order.
    pub(super) fn members(&self) -> &'a [(String, Json)] {
        self.members
    }

    /// A member, if it is there.
    pub(super) fn get(&self, key: &str) -> Option<&'a Json> {
        self.members.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// A member that must be a string if it is there.
    pub(super) fn text(&self, key: &str) -> Result<Option<&'a str>, ConfigError> {
        self.get(key).map(|value| value.as_text(&self.path_of(key))).transpose()
    }

    /// A member that must be a string with something in it.
    pub(super) fn required_text(&self, key: &str, remedy: &str) -> Result<&'a str, ConfigError> {
        let text = self.text(key)?.ok_or_else(|| self.refuse(key, "is missing", remedy))?;
        if text.trim().is_empty() { Err(self.refuse(key, "is empty", remedy)) } else { Ok(text) }
    }

    /// A member that must be an object.
    pub(super) fn required_object(&self, key: &str, remedy: &str) -> Result<Self, ConfigError> {
        let value = self.get(key).ok_or_else(|| self.refuse(key, "is missing", remedy))?;
        Object::open(value, self.path_of(key))
    }

    /// A member that must be a whole number of seconds within `range` if it is there.
    pub(super) fn seconds(&self, key: &str, range: RangeInclusive<u64>) -> Result<Option<u64>, ConfigError> {
        let expected = || format!("a whole number of seconds from {} to {}", range.start(), range.end());
        match self.get(key) {
            None => Ok(None),
            Some(Json::Whole(seconds)) if range.contains(seconds) => Ok(Some(*seconds)),
            Some(Json::Whole(_) | Json::OtherNumber) => {
                Err(self.refuse(key, "is out of range", format!("it must be {}", expected())))
            }
            Some(other) => Err(ConfigError::wrong_type(&self.path_of(key), &expected(), other.kind())),
        }
    }
}
