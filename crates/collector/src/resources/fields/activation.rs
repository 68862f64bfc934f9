//! `autoActivateFields`: the member of a collector's or a source's envelope that adds its fields to the schema.

use crate::document::{ConfigError, Json};

const KEY: &str = "autoActivateFields";

/// Takes the member out of the envelope; false where it is absent.
pub(in crate::resources) fn take(envelope: &mut Json) -> Result<bool, ConfigError> {
    let Json::Object(members) = envelope else { return Ok(false) };
    let Some(index) = members.iter().position(|(key, _)| key == KEY) else { return Ok(false) };
    match members.remove(index).1 {
        Json::Truth(activates) => Ok(activates),
        _ => Err(ConfigError::new(KEY, "is neither true nor false", "write one of them or leave it out")),
    }
}
