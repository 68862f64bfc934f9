//! `fields`: metadata that every event of the source carries.

use crate::document::{ConfigError, Json, Object, check_length, check_line};

/// The member of `fields` that is no field: whether events go on to Cloud SIEM.
const SIEM_FORWARD: &str = "_siemForward";

const MAX_FIELDS: usize = 10;
const MAX_KEY_CHARACTERS: usize = 255;
const MAX_VALUE_CHARACTERS: usize = 200;

/// The fields of a source.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Fields {
    /// Key and value of each field, in the order of the JSON; at most ten, and no two keys differ only in case.
    pub pairs: Vec<(String, String)>,
    /// Whether events go on to Cloud SIEM; `None` when the source does not say.
    pub siem_forward: Option<bool>,
}

impl Fields {
    pub(crate) fn read(config: &Object<'_>) -> Result<Self, ConfigError> {
        let Some(object) = config.object("fields")? else { return Ok(Self::default()) };
        let count = object.members().iter().filter(|(key, _)| key != SIEM_FORWARD).count();
        if count > MAX_FIELDS {
            let problem = format!("has {count} fields");
            return Err(config.refuse("fields", problem, format!("keep at most {MAX_FIELDS}")));
        }
        object.members().iter().try_fold(Self::default(), |mut fields, (key, value)| {
            match key.as_str() {
                SIEM_FORWARD => fields.siem_forward = Some(truth(&object, value)?),
                _ => fields.push(&object, key, value)?,
            }
            Ok(fields)
        })
    }

    fn push(&mut self, object: &Object<'_>, key: &str, value: &Json) -> Result<(), ConfigError> {
        let path = object.path_of(key);
        check_key(object, key, &path)?;
        if self.pairs.iter().any(|(other, _)| other.eq_ignore_ascii_case(key)) {
            let problem = "differs from another field only in case";
            return Err(ConfigError::new(&path, problem, "remove one of the two"));
        }
        let text = value.as_text(&path)?;
        if text.trim().is_empty() {
            return Err(ConfigError::new(&path, "is empty", "give it a value or remove it"));
        }
        check_line(&path, text)?;
        check_length(&path, text, MAX_VALUE_CHARACTERS)?;
        self.pairs.push((key.to_owned(), text.to_owned()));
        Ok(())
    }
}

/// Keys travel as `key=value, key=value`, where nothing can be escaped.
fn check_key(object: &Object<'_>, key: &str, path: &str) -> Result<(), ConfigError> {
    check_line(path, key)?;
    check_length(path, key, MAX_KEY_CHARACTERS)?;
    if key.is_empty() || key != key.trim() || key.contains([',', '=']) {
        let problem =
            "is not a field name: it is empty, or holds a comma, an equals sign or a space at an end";
        return Err(ConfigError::new(path, problem, "rename it"));
    }
    if key.eq_ignore_ascii_case(SIEM_FORWARD) {
        return Err(object.refuse(key, "is misspelled", format!("write it `{SIEM_FORWARD}`")));
    }
    Ok(())
}

/// Terraform's maps turn the boolean into a string.
fn truth(object: &Object<'_>, value: &Json) -> Result<bool, ConfigError> {
    match value {
        Json::Truth(truth) => Ok(*truth),
        Json::Text(text) if text == "true" => Ok(true),
        Json::Text(text) if text == "false" => Ok(false),
        other => Err(ConfigError::wrong_type(&object.path_of(SIEM_FORWARD), "true or false", other.kind())),
    }
}
