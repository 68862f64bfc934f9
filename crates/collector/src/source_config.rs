//! The configuration of a source: the JSON of the specification, read strictly.
//!
//! Place on the path: before it. Whatever leaves [`SourceConfig::parse`] is usable as it is: every limit holds, the
//! base URL may be connected, the secrets are there. The first thing that is wrong is told with its place in the
//! JSON and with what to do about it; keys that nobody knows are wrong too, because a misspelled key that is
//! silently ignored collects the wrong data for months.
//!
//! Not for: anything about how this run works (state, destinations, pace). Those are options.

mod base_url;
mod fields;
mod filters;
mod schedule;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use incydr_core::rules::Rules;
use incydr_core::secret::Secret;
use incydr_core::stream::Stream;
use url::Url;

use crate::allowed_origin::Origin;
use crate::document::{self, Json, Object, check_length, check_line};
use crate::secret_source;

pub use crate::document::ConfigError;

pub use self::base_url::KNOWN_HOSTS;
pub use self::fields::Fields;
pub use self::schedule::LookBacks;

/// What errors call the whole text, and what it describes.
const DOCUMENT: &str = "the source JSON";
const KIND: &str = "a Code42 Incydr source";

/// What a source is, and what an API tells of it besides: clients send back what they were given.
const SOURCE_KEYS: [&str; 9] =
    ["config", "schemaRef", "sourceType", "id", "name", "category", "alive", "state", "status"];

const CONFIG_KEYS: [&str; 15] = [
    "name",
    "description",
    "category",
    "fields",
    "filters",
    "hashAlgorithm",
    "baseURL",
    "clientID",
    "secretKey",
    "dataCollection",
    "alertsApi",
    "pollingInterval",
    "lookBack",
    "settleTime",
    "retention",
];

/// One Code42 Incydr source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SourceConfig {
    /// Its name, at most 128 characters.
    pub name: String,
    /// What it is for, at most 1,024 characters.
    pub description: Option<String>,
    /// The source category of its events, at most 1,024 characters.
    pub category: Option<String>,
    /// Further metadata of its events.
    pub fields: Fields,
    /// Which events leave, and what of them.
    pub rules: Arc<Rules>,
    /// The API: https on a host of Incydr, or an origin that the operator allowed. Its path is `/`.
    pub base_url: Url,
    /// The API client's name.
    pub client_id: String,
    /// The API client's secret.
    pub secret_key: Secret,
    /// What is collected: at least one stream, each once, in the order of [`Stream::ALL`].
    pub streams: Vec<Stream>,
    /// From which endpoint the stream of alerts is read.
    pub alerts_api: AlertsApi,
    /// The time from one activation to the next.
    pub polling_interval: Duration,
    /// How far each activation looks back behind the watermark.
    pub look_backs: LookBacks,
    /// How long an event must have been there before it is collected.
    pub settle_time: Duration,
    /// How long the vendor keeps events, as far as we are told.
    pub retention: Duration,
}

/// The two endpoints that offer alerts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum AlertsApi {
    /// `/v1/sessions`, which succeeded the other one.
    #[default]
    Sessions,
    /// `/v1/alerts`.
    Alerts,
}

/// Whether `env:NAME` and `file:PATH` stand for a secret.
#[derive(Clone, Copy, PartialEq, Eq)]
enum References {
    Followed,
    Refused,
}

impl SourceConfig {
    /// Whether the API is Incydr's own, and not one that the operator allowed besides.
    pub fn is_at_incydr(&self) -> bool {
        self.base_url.host_str().is_some_and(|host| KNOWN_HOSTS.contains(&host))
    }

    /// Reads the JSON of a source, with or without the envelope `{"api.version": …, "source": …}`.
    ///
    /// `allowed` are the origins besides Incydr's own that the base URL may have. Secrets that are references are
    /// fetched here.
    pub fn parse(bytes: &[u8], allowed: &[Origin]) -> Result<Self, ConfigError> {
        Self::read(&document::parse(bytes, DOCUMENT)?, allowed, References::Followed)
    }

    /// Reads JSON that came over the network: references to secrets are refused, because they would let a client
    /// read variables and files of this machine.
    pub(crate) fn of_client(tree: &Json, allowed: &[Origin]) -> Result<Self, ConfigError> {
        Self::read(tree, allowed, References::Refused)
    }

    fn read(tree: &Json, allowed: &[Origin], references: References) -> Result<Self, ConfigError> {
        let source = open_source(tree)?;
        source.allow_only(&SOURCE_KEYS)?;
        check_kind(&source)?;
        let config = source.required_object("config", "put the source's settings into it")?;
        config.allow_only(&CONFIG_KEYS)?;
        Ok(Self {
            name: name(&config)?,
            description: description(&config)?,
            category: category(&config)?,
            fields: Fields::read(&config)?,
            rules: filters::read(&config)?,
            base_url: base_url::read(&config, allowed)?,
            client_id: client_id(&config, references)?,
            secret_key: secret_key(&config, references)?,
            streams: streams(&config)?,
            alerts_api: alerts_api(&config)?,
            polling_interval: schedule::polling_interval(&config)?,
            look_backs: LookBacks::read(&config)?,
            settle_time: schedule::settle_time(&config)?,
            retention: schedule::retention(&config)?,
        })
    }
}

/// Finds the source inside the envelope, if there is one.
fn open_source(tree: &Json) -> Result<Object<'_>, ConfigError> {
    let root = Object::root(tree, DOCUMENT, KIND)?;
    if root.get("source").is_none() && root.get("api.version").is_none() {
        return Ok(root);
    }
    root.allow_only(&["api.version", "source"])?;
    if root.text("api.version")?.is_some_and(|version| version != "v1") {
        return Err(root.refuse("api.version", "is not a version that is known", "set it to \"v1\""));
    }
    root.required_object("source", "put the source's `config`, `schemaRef` and `sourceType` into it")
}

/// Checks that the JSON is about a Code42 Incydr source at all.
fn check_kind(source: &Object<'_>) -> Result<(), ConfigError> {
    let remedy = "set it to \"Universal\"";
    if source.required_text("sourceType", remedy)? != "Universal" {
        return Err(source.refuse("sourceType", "is not the type of a cloud-to-cloud source", remedy));
    }
    let remedy = "set it to \"Code42Incydr\"";
    let schema = source.required_object("schemaRef", "set it to {\"type\": \"Code42Incydr\"}")?;
    schema.allow_only(&["type", "version"])?;
    schema.text("version")?;
    match schema.required_text("type", remedy)? {
        "Code42Incydr" | "Code42 Incydr" => Ok(()),
        _ => Err(schema.refuse("type", "names another kind of source", remedy)),
    }
}

fn name(config: &Object<'_>) -> Result<String, ConfigError> {
    header_text(config, "name", config.required_text("name", "give the source a name")?, 128)
}

/// The UI of the original writes an empty category when there is none.
fn category(config: &Object<'_>) -> Result<Option<String>, ConfigError> {
    let text = config.text("category")?.filter(|text| !text.trim().is_empty());
    text.map(|text| header_text(config, "category", text, 1_024)).transpose()
}

/// A text that travels in a header: one line, and at most `max` characters.
fn header_text(config: &Object<'_>, key: &str, text: &str, max: usize) -> Result<String, ConfigError> {
    check_line(&config.path_of(key), text)?;
    check_length(&config.path_of(key), text, max)?;
    Ok(text.to_owned())
}

/// A text that stays here: it may be empty and have several lines.
fn description(config: &Object<'_>) -> Result<Option<String>, ConfigError> {
    let Some(text) = config.text("description")? else { return Ok(None) };
    let path = config.path_of("description");
    check_line(&path, &text.replace(['\n', '\r', '\t'], " "))?;
    check_length(&path, text, 1_024)?;
    Ok(Some(text.to_owned()))
}

fn client_id(config: &Object<'_>, references: References) -> Result<String, ConfigError> {
    let remedy = "set it to the ID of your Incydr API client, as in \"key-…\"";
    let id = credential(config, "clientID", references, remedy)?;
    if id.reveal().contains(':') {
        let problem = "holds a colon, which no client ID has";
        return Err(config.refuse("clientID", problem, "copy the ID alone, without the secret"));
    }
    Ok(id.reveal().to_owned())
}

fn secret_key(config: &Object<'_>, references: References) -> Result<Secret, ConfigError> {
    credential(config, "secretKey", references, "set it to the secret of your Incydr API client")
}

/// A text that is or refers to something that authenticates. No error shows it.
fn credential(
    config: &Object<'_>,
    key: &str,
    references: References,
    remedy: &str,
) -> Result<Secret, ConfigError> {
    let text = config.required_text(key, remedy)?;
    let secret = match references {
        References::Refused if secret_source::is_reference(text) => {
            let problem = "refers to a variable or a file of the collector's machine";
            return Err(config.refuse(key, problem, "write the value itself"));
        }
        References::Refused => Secret::new(text),
        References::Followed => secret_source::resolve(text)
            .map_err(|error| ConfigError::of_sentence(&config.path_of(key), &error.to_string()))?,
    };
    let revealed = secret.reveal();
    let is_reference = revealed != text;
    if revealed.trim().is_empty() {
        return Err(config.refuse(key, "refers to an empty secret", "put the secret there"));
    }
    if revealed.bytes().all(|byte| byte == b'*') {
        let problem = "is the mask that stands for a secret in an export";
        return Err(config.refuse(key, problem, "put the secret itself there"));
    }
    if revealed.contains(char::is_control) || revealed != revealed.trim() {
        let what = if is_reference { "refers to a secret that" } else { "" };
        let problem = format!("{what} holds a control character or begins or ends with a space");
        return Err(config.refuse(key, problem.trim_start(), "copy the value alone"));
    }
    check_length(&config.path_of(key), revealed, 4_096)?;
    Ok(secret)
}

/// `dataCollection`: one name or a list of names; all streams when it is absent.
fn streams(config: &Object<'_>) -> Result<Vec<Stream>, ConfigError> {
    const KEY: &str = "dataCollection";
    const REMEDY: &str = "use \"fileEvents\", \"alerts\" and \"auditLogs\"";
    let path = config.path_of(KEY);
    let stream = |path: &str, name: &str| {
        Stream::parse(name).ok_or_else(|| ConfigError::unknown_value(path, name, REMEDY))
    };
    let chosen = match config.get(KEY) {
        None => return Ok(Stream::ALL.to_vec()),
        Some(Json::Text(name)) => vec![stream(&path, name)?],
        Some(Json::List(items)) if items.is_empty() => {
            return Err(ConfigError::new(&path, "is an empty list", "name a stream or remove the key"));
        }
        Some(Json::List(items)) => items
            .iter()
            .enumerate()
            .map(|(index, item)| {
                let path = format!("{path}[{index}]");
                item.as_text(&path).and_then(|name| stream(&path, name))
            })
            .collect::<Result<Vec<_>, _>>()?,
        Some(other) => {
            return Err(ConfigError::wrong_type(&path, "a string or a list of strings", other.kind()));
        }
    };
    Ok(Stream::ALL.into_iter().filter(|stream| chosen.contains(stream)).collect())
}

fn alerts_api(config: &Object<'_>) -> Result<AlertsApi, ConfigError> {
    match config.text("alertsApi")? {
        None | Some("sessions") => Ok(AlertsApi::Sessions),
        Some("alerts") => Ok(AlertsApi::Alerts),
        Some(other) => Err(ConfigError::unknown_value(
            &config.path_of("alertsApi"),
            other,
            "use \"sessions\" or \"alerts\"",
        )),
    }
}
