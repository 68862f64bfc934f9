//! The JSON of a source: what a client sends, what is kept of it, and what is shown.

use std::borrow::Cow;
use std::mem;

use incydr_core::health::{ErrorType, SourceState, StateRecord};
use incydr_core::secret::Secret;
use incydr_store::Source;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::allowed_origin::Origin;
use crate::document::{self, ConfigError, Json};
use crate::resources::fields::activation;
use crate::source_config::SourceConfig;
use crate::web::call::BODY;
use crate::web::problem::Problem;

/// What stands for a secret wherever it would be shown.
pub(crate) const MASK: &str = "********";

/// A source as a client wants it.
pub(super) struct SourceDocument {
    pub(super) config: SourceConfig,
    /// What is kept: `schemaRef`, `config` with the secret masked, and `sourceType`, as the client wrote them.
    pub(super) json: String,
    /// Whether fields that are not in the schema shall be added to it.
    pub(super) activates_fields: bool,
}

impl SourceDocument {
    /// Judges the JSON of a client. `current` are the number and the secret of the source that it replaces.
    pub(super) fn read(
        body: &[u8],
        allowed: &[Origin],
        current: Option<(u64, &Secret)>,
    ) -> Result<Self, Problem> {
        let mut tree = document::parse(body, BODY)?;
        let activates_fields = activation::take(&mut tree)?;
        if let Some((id, secret)) = current {
            let source = member(&mut tree, "source").map_or(Ok(None), |source| id_of(source))?;
            if source.is_some_and(|own| own != id) {
                let message =
                    format!("`source.id` is not the number of this source; write {id} or leave it out.");
                return Err(Problem::invalid("collectors.validation.fields.invalid", message));
            }
            keep_secret(&mut tree, secret);
        }
        let config = SourceConfig::of_client(&tree, allowed)?;
        Ok(Self { config, json: kept_of(tree), activates_fields })
    }
}

impl SourceDocument {
    /// Judges the JSON that the operator wrote into a file on this machine, and fetches the secrets that it refers to.
    pub(super) fn of_operator(bytes: &[u8], allowed: &[Origin]) -> Result<Self, ConfigError> {
        let config = SourceConfig::parse(bytes, allowed)?;
        let mut tree = document::parse(bytes, "the source JSON")?;
        // A reference is worth nothing to those who read what is kept.
        if let Some(id) = config_member(&mut tree, "clientID") {
            *id = Json::Text(config.client_id.clone());
        }
        Ok(Self { config, json: kept_of(tree), activates_fields: true })
    }
}

/// The number by which the JSON of a client names a source that is there.
pub(super) fn named_source(body: &[u8]) -> Result<Option<u64>, Problem> {
    let mut tree = document::parse(body, BODY)?;
    member(&mut tree, "source").map_or(Ok(None), |source| id_of(source))
}

/// Puts the stored secret in the place of its mask.
fn keep_secret(tree: &mut Json, secret: &Secret) {
    if let Some(Json::Text(text)) = config_member(tree, "secretKey")
        && text == MASK
    {
        secret.reveal().clone_into(text);
    }
}

/// A member of the source's configuration, with or without an envelope around the source.
fn config_member<'a>(tree: &'a mut Json, name: &str) -> Option<&'a mut Json> {
    let has_envelope = member(tree, "source").is_some();
    let source = if has_envelope { member(tree, "source") } else { Some(tree) };
    source.and_then(|source| member(source, "config")).and_then(|config| member(config, name))
}

fn id_of(source: &Json) -> Result<Option<u64>, Problem> {
    let Json::Object(members) = source else { return Ok(None) };
    match members.iter().find(|(key, _)| key == "id") {
        None => Ok(None),
        Some((_, Json::Whole(id))) => Ok(Some(*id)),
        Some(_) => {
            let message = "`source.id` is not a number; write the number of this source or leave it out.";
            Err(Problem::invalid("collectors.validation.fields.invalid", message))
        }
    }
}

fn member<'a>(tree: &'a mut Json, name: &str) -> Option<&'a mut Json> {
    let Json::Object(members) = tree else { return None };
    members.iter_mut().find(|(key, _)| key == name).map(|(_, value)| value)
}

/// The configuration of a kept source, with `secret` in the place of its mask.
pub(super) fn config_of(
    source: &Source,
    secret: &Secret,
    allowed: &[Origin],
) -> Result<SourceConfig, ConfigError> {
    let mut tree = document::parse(source.document.as_bytes(), "the stored source")?;
    keep_secret(&mut tree, secret);
    SourceConfig::of_client(&tree, allowed)
}

/// What is kept of the JSON of a source, as the client wrote it but for the secret.
fn kept_of(mut tree: Json) -> String {
    let has_envelope = member(&mut tree, "source").is_some();
    let mut source = if has_envelope { member(&mut tree, "source") } else { Some(&mut tree) };
    let kept = ["schemaRef", "config", "sourceType"].map(|key| {
        let value = source.as_deref_mut().and_then(|source| member(source, key));
        (key.to_owned(), value.map_or(Json::Null, |value| mem::replace(value, Json::Null)))
    });
    let mut kept = Json::Object(kept.into());
    if let Some(secret) = member(&mut kept, "config").and_then(|config| member(config, "secretKey")) {
        *secret = Json::Text(MASK.to_owned());
    }
    kept.to_string()
}

/// The members of a kept source, copied as they are.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Kept<'a> {
    #[serde(borrow)]
    schema_ref: &'a RawValue,
    #[serde(borrow)]
    config: &'a RawValue,
    source_type: Cow<'a, str>,
}

/// A source as it is shown.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ShownSource<'a> {
    id: u64,
    /// Copies of what stands in `config`: clients that find sources by name look here.
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<String>,
    #[serde(flatten)]
    kept: Kept<'a>,
    state: ShownState<'a>,
    alive: bool,
}

/// A state as it is shown.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ShownState<'a> {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_info: Option<&'a str>,
}

#[derive(Deserialize)]
struct Labels {
    category: Option<String>,
}

impl<'a> ShownSource<'a> {
    /// Shows `source`, which is in `state` right now.
    pub(super) fn new(source: &'a Source, state: &'a StateRecord) -> Result<Self, Problem> {
        let kept = Kept::of(source)?;
        let labels: Option<Labels> = serde_json::from_str(kept.config.get()).ok();
        Ok(Self {
            id: source.id,
            name: &source.name,
            category: labels.and_then(|labels| labels.category),
            kept,
            state: ShownState::of(state),
            alive: !matches!(state.state, SourceState::Error | SourceState::Stopping),
        })
    }
}

impl<'a> Kept<'a> {
    /// What is kept of `source`, which is what an export shows.
    pub(super) fn of(source: &'a Source) -> Result<Self, Problem> {
        serde_json::from_str(&source.document).map_err(|error| {
            tracing::error!(source = source.id, %error, "the stored document of a source cannot be read");
            Problem::internal()
        })
    }
}

impl<'a> ShownState<'a> {
    /// Shows `state`.
    pub(crate) fn of(state: &'a StateRecord) -> Self {
        Self {
            state: state.state.as_str(),
            error_type: state.error_type.map(api_word),
            error_code: state.error_code,
            error_info: state.error_info.as_deref(),
        }
    }
}

/// The spelling of the original's API.
pub(crate) const fn api_word(error_type: ErrorType) -> &'static str {
    match error_type {
        ErrorType::ThirdPartyConfig => "THIRD-PARTY-CONFIG",
        ErrorType::ThirdPartyGeneric => "THIRD-PARTY-GENERIC",
        ErrorType::FirstPartyGeneric => "FIRST-PARTY-GENERIC",
    }
}
