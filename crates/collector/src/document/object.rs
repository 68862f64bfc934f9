//! An object of a document together with the path that leads to it, so that every error can name the place.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use incydr_core::timestamp::Timestamp;

use super::error::{ConfigError, MISSING};
use super::json::Json;
use crate::printable::excerpt;

/// An object without duplicate keys.
pub(crate) struct Object<'a> {
    /// What the whole document describes, as in `a Code42 Incydr source`.
    kind: &'static str,
    path: String,
    members: &'a [(String, Json)],
}

impl<'a> Object<'a> {
    /// The outermost value of `document`, which must be an object and describes `kind`.
    pub(crate) fn root(tree: &'a Json, document: &str, kind: &'static str) -> Result<Self, ConfigError> {
        match tree {
            Json::Object(members) => Self::without_duplicates(kind, String::new(), members),
            other => {
                let problem = format!("is {}", other.kind());
                Err(ConfigError::of_whole(document, problem, "it must be an object, as in {\"source\": …}"))
            }
        }
    }

    /// The value at `path`, which must be an object, in a document that describes `kind`.
    fn open(kind: &'static str, value: &'a Json, path: String) -> Result<Self, ConfigError> {
        match value {
            Json::Object(members) => Self::without_duplicates(kind, path, members),
            other => Err(ConfigError::wrong_type(&path, "an object", other.kind())),
        }
    }

    fn without_duplicates(
        kind: &'static str,
        path: String,
        members: &'a [(String, Json)],
    ) -> Result<Self, ConfigError> {
        let object = Self { kind, path, members };
        let mut met = HashSet::with_capacity(members.len());
        match members.iter().find(|(key, _)| !met.insert(key.as_str())) {
            Some((key, _)) => Err(object.refuse(key, "is given twice", "remove one of the two")),
            None => Ok(object),
        }
    }

    /// Refuses every key that is not `known`.
    pub(crate) fn allow_only(&self, known: &[&str]) -> Result<(), ConfigError> {
        let Some((key, _)) = self.members.iter().find(|(key, _)| !known.contains(&key.as_str())) else {
            return Ok(());
        };
        let letters = |text: &str| text.to_ascii_lowercase().replace(['_', '-', ' '], "");
        let meant = known.iter().find(|known| letters(known) == letters(key));
        let remedy = match meant {
            Some(meant) => format!("write it `{meant}`"),
            None => format!("remove it, or use one of {}", known.join(", ")),
        };
        Err(self.refuse(key, format!("is not a key of {}", self.kind), remedy))
    }

    /// The path of a member, as in `source.config.name`.
    pub(crate) fn path_of(&self, key: &str) -> String {
        let key = excerpt(key, 60);
        if self.path.is_empty() { key } else { format!("{}.{key}", self.path) }
    }

    /// An error at a member.
    pub(crate) fn refuse(
        &self,
        key: &str,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> ConfigError {
        ConfigError::new(&self.path_of(key), problem, remedy)
    }

    /// An element of one of its lists, which must be an object; `path` leads to it.
    pub(crate) fn element(&self, value: &'a Json, path: String) -> Result<Self, ConfigError> {
        Object::open(self.kind, value, path)
    }

    /// All members in order.
    pub(crate) fn members(&self) -> &'a [(String, Json)] {
        self.members
    }

    /// A member, if it is there.
    pub(crate) fn get(&self, key: &str) -> Option<&'a Json> {
        self.members.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// A member that must be a string if it is there.
    pub(crate) fn text(&self, key: &str) -> Result<Option<&'a str>, ConfigError> {
        self.get(key).map(|value| value.as_text(&self.path_of(key))).transpose()
    }

    /// A member that must be a string with something in it.
    pub(crate) fn required_text(&self, key: &str, remedy: &str) -> Result<&'a str, ConfigError> {
        let text = self.text(key)?.ok_or_else(|| self.refuse(key, MISSING, remedy))?;
        if text.trim().is_empty() { Err(self.refuse(key, "is empty", remedy)) } else { Ok(text) }
    }

    /// A member that must be true or false; false where it is absent.
    pub(crate) fn truth(&self, key: &str) -> Result<bool, ConfigError> {
        match self.get(key) {
            None => Ok(false),
            Some(Json::Truth(truth)) => Ok(*truth),
            Some(other) => Err(ConfigError::wrong_type(&self.path_of(key), "true or false", other.kind())),
        }
    }

    /// A member that must be an instant.
    pub(crate) fn required_instant(&self, key: &str) -> Result<Timestamp, ConfigError> {
        const REMEDY: &str = "write an instant as in \"2025-06-30T12:00:00Z\"";
        let text = self.required_text(key, REMEDY)?;
        Timestamp::parse(text.as_bytes())
            .ok_or_else(|| self.refuse(key, "is not an instant in RFC 3339", REMEDY))
    }

    /// A member that must be an object if it is there.
    pub(crate) fn object(&self, key: &str) -> Result<Option<Self>, ConfigError> {
        self.get(key).map(|value| Object::open(self.kind, value, self.path_of(key))).transpose()
    }

    /// A member that must be an object.
    pub(crate) fn required_object(&self, key: &str, remedy: &str) -> Result<Self, ConfigError> {
        let value = self.get(key).ok_or_else(|| self.refuse(key, MISSING, remedy))?;
        Object::open(self.kind, value, self.path_of(key))
    }

    /// A member that must be a whole number within `range` if it is there.
    pub(crate) fn whole(&self, key: &str, range: RangeInclusive<u64>) -> Result<Option<u64>, ConfigError> {
        let expected = || format!("a whole number from {} to {}", range.start(), range.end());
        match self.get(key) {
            None => Ok(None),
            Some(Json::Whole(number)) if range.contains(number) => Ok(Some(*number)),
            Some(Json::Whole(_) | Json::OtherNumber(_)) => {
                Err(self.refuse(key, "is out of range", format!("it must be {}", expected())))
            }
            Some(other) => Err(ConfigError::wrong_type(&self.path_of(key), &expected(), other.kind())),
        }
    }

    /// A member that must be a list if it is there: its elements, each with the path that leads to it.
    pub(crate) fn list(&self, key: &str) -> Result<Option<Vec<(String, &'a Json)>>, ConfigError> {
        let path = self.path_of(key);
        match self.get(key) {
            None => Ok(None),
            Some(Json::List(items)) => {
                let place = |(index, item)| (format!("{path}[{index}]"), item);
                Ok(Some(items.iter().enumerate().map(place).collect()))
            }
            Some(other) => Err(ConfigError::wrong_type(&path, "a list", other.kind())),
        }
    }

    /// A member that must be a whole number of seconds within `range` if it is there.
    pub(crate) fn seconds(&self, key: &str, range: RangeInclusive<u64>) -> Result<Option<u64>, ConfigError> {
        let expected = || format!("a whole number of seconds from {} to {}", range.start(), range.end());
        match self.get(key) {
            None => Ok(None),
            Some(Json::Whole(seconds)) if range.contains(seconds) => Ok(Some(*seconds)),
            Some(Json::Whole(_) | Json::OtherNumber(_)) => {
                Err(self.refuse(key, "is out of range", format!("it must be {}", expected())))
            }
            Some(other) => Err(ConfigError::wrong_type(&self.path_of(key), &expected(), other.kind())),
        }
    }
}
