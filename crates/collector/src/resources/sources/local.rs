//! Sources that the operator keeps in files, as Sumo Logic's local configuration management does.
//!
//! A collector whose `sourceSyncMode` is `Json` has the sources of these files and no others, and nobody may change
//! them over the API. Setting the mode to `UI` sets them free.

use std::collections::HashMap;

use incydr_core::secret::Secret;
use incydr_store::{Collector, Role, Source};
use serde_json::{Value, json};

use super::document::SourceDocument;
use super::{create_on, removal, replace, secret_of};
use crate::allowed_origin::Origin;
use crate::api::Api;
use crate::document::ConfigError;
use crate::resources::collectors;
use crate::web::access_key::Caller;
use crate::web::problem::{Problem, ProblemKind};

/// Rows are read from the store so many at a time.
const AT_ONCE: u32 = 500;

/// A source out of a file, judged, with its secret.
pub struct LocalSource(SourceDocument);

impl LocalSource {
    /// Judges the JSON of one source; secrets may be references.
    pub fn read(bytes: &[u8], allowed: &[Origin]) -> Result<Self, ConfigError> {
        SourceDocument::of_operator(bytes, allowed).map(Self)
    }

    /// Its name, by which it is found again.
    pub fn name(&self) -> &str {
        &self.0.config.name
    }

    /// A digest of everything that can change, the secret included.
    pub fn digest(&self) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.0.json.as_bytes()).update(b"\0");
        hasher.update(self.0.config.secret_key.reveal().as_bytes()).finalize()
    }
}

/// Whether the sources of a collector are kept in files.
pub fn are_local(collector: &Collector) -> bool {
    let document: Value = serde_json::from_str(&collector.document).unwrap_or_default();
    document["sourceSyncMode"].as_str().is_some_and(|mode| mode.eq_ignore_ascii_case("Json"))
}

/// Refuses what a client of the API wants to change about sources that are kept in files.
pub(super) fn refuse_changes(collector: &Collector) -> Result<(), Problem> {
    if !are_local(collector) {
        return Ok(());
    }
    let message = "Collector is in JSON mode, user cannot create, delete, or update sources using the API.";
    Err(Problem::new(ProblemKind::Forbidden, "CannotModifySources", message))
}

/// The collector for sources out of files; it is created where there is none. Refused when the sources of the
/// collector of that name are managed over the API.
pub async fn collector(api: &Api, name: &str) -> Result<Collector, Problem> {
    if let Some(found) = api.store.collector_named(name).await? {
        if are_local(&found) {
            return Ok(found);
        }
        let message = format!(
            "The sources of the collector `{name}` are managed over the API; choose another name, or set the \
             collector's `sourceSyncMode` to \"Json\"."
        );
        return Err(Problem::invalid("collectors.validation.fields.invalid", message));
    }
    let collector = json!({ "collectorType": "Hosted", "name": name, "sourceSyncMode": "Json" });
    collectors::create(api, &operator(), json!({ "collector": collector }).to_string().as_bytes()).await
}

/// Creates, updates and deletes until `collector` has the sources `wanted`; with `keeps_others`, nothing is deleted.
/// A source that cannot be changed is left as it is, and named with the reason.
pub async fn keep_in_step(
    api: &Api,
    collector: &Collector,
    wanted: Vec<LocalSource>,
    keeps_others: bool,
) -> Result<Vec<(String, Problem)>, Problem> {
    let _changing = api.changing.lock().await;
    let mut present = sources_of(api, collector).await?;
    let mut refused = Vec::new();
    let mut missing = Vec::new();
    for source in wanted {
        match present.remove(source.name()) {
            Some(current) => refused.extend(update(api, collector, &current, source).await.err()),
            None => missing.push(source),
        }
    }
    if !keeps_others {
        for source in present.values() {
            removal::end(api, source, api.author(&operator())).await?;
            tracing::info!(source = source.name, "source is being deleted, for no file has it any more");
        }
    }
    for source in missing {
        let name = source.name().to_owned();
        match create_on(api, &operator(), collector, source.0).await {
            Ok(created) => tracing::info!(source = created.name, "source created out of its file"),
            Err(problem) => refused.push((name, problem)),
        }
    }
    Ok(refused)
}

async fn update(
    api: &Api,
    collector: &Collector,
    current: &Source,
    LocalSource(document): LocalSource,
) -> Result<(), (String, Problem)> {
    let name = document.config.name.clone();
    let updated = async {
        let secret: Secret = secret_of(api, current)?;
        if document.json == current.document && document.config.secret_key == secret {
            return Ok(());
        }
        replace(api, &operator(), collector, (current, &secret), document).await?;
        tracing::info!(source = name, "source updated out of its file");
        Ok(())
    };
    updated.await.map_err(|problem| (name.clone(), problem))
}

/// The sources of a collector that are not being deleted, by name.
async fn sources_of(api: &Api, collector: &Collector) -> Result<HashMap<String, Source>, Problem> {
    let mut by_name = HashMap::new();
    let mut offset = 0;
    loop {
        let sources = api.store.sources_of(collector.id, AT_ONCE, offset).await?;
        if sources.is_empty() {
            return Ok(by_name);
        }
        offset += AT_ONCE;
        let staying = sources.into_iter().filter(|source| !source.stopping);
        by_name.extend(staying.map(|source| (source.name.clone(), source)));
    }
}

/// Who changes what the files say; no access ID looks like this.
fn operator() -> Caller {
    Caller { access_id: "sync-sources".to_owned(), role: Role::Manage, collector: None }
}
