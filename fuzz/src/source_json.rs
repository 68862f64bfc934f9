//! The JSON of a source: what is accepted is usable, and what is refused is explained in one harmless sentence.

use incydr_collector::allowed_origin::Origin;
use incydr_collector::source_config::{ConfigError, SourceConfig};
use incydr_core::stream::Stream;
use incydr_destinations::sumo::{Metadata, MetadataError};
use memchr::memmem;

/// A base URL that the operator allows besides Incydr's own.
const ALLOWED: &str = "http://127.0.0.1:8042";
/// Stands in the secrets of the corpus, so that it would be noticed in an error.
const SECRET_MARK: &[u8] = b"hush";

/// Reads the input as the JSON of a source.
pub fn check(input: &[u8]) {
    // A reference to a file would make the outcome depend on the machine.
    if memmem::find(input, b"file:").is_some() {
        return;
    }
    let allowed: Vec<Origin> = Origin::parse_allowed(ALLOWED).into_iter().collect();
    match SourceConfig::parse(input, &allowed) {
        Ok(config) => check_accepted(&config),
        Err(error) => check_refused(&error, input),
    }
}

fn check_accepted(config: &SourceConfig) {
    assert!(
        (1..=128).contains(&config.name.chars().count()),
        "a source has a name of at most 128 characters"
    );
    assert!(!config.client_id.contains(':'), "a client id does not end early inside an authorization");
    assert!(!config.secret_key.reveal().is_empty(), "a secret is there");
    assert!(config.polling_interval.as_secs() >= 10, "no source is polled more often than every 10 seconds");
    check_streams(&config.streams);
    let base_url = config.base_url.as_str();
    assert!(base_url.starts_with("https://") || base_url.starts_with(ALLOWED), "secrets travel encrypted");
    check_metadata(config);
}

fn check_streams(streams: &[Stream]) {
    let in_order = Stream::ALL.into_iter().filter(|stream| streams.contains(stream));
    assert!(!streams.is_empty() && in_order.eq(streams.iter().copied()), "each stream is collected once");
}

/// What a source says about its events can be said in headers.
fn check_metadata(config: &SourceConfig) {
    let metadata = Metadata {
        source_name: Some(config.name.clone()),
        category: config.category.clone(),
        host: None,
        fields: config.fields.pairs.clone(),
        siem_forward: config.fields.siem_forward.unwrap_or(false),
    };
    match metadata.validate() {
        Ok(()) | Err(MetadataError::FieldsTooLong) => {}
        Err(error) => panic!("an accepted source has usable metadata, but {error}"),
    }
}

fn check_refused(error: &ConfigError, input: &[u8]) {
    let message = error.to_string();
    assert!(!message.contains(char::is_control), "an error is one line");
    assert!(message.len() <= 4_096, "an error can be read");
    let mentions = memmem::find_iter(input, SECRET_MARK).count();
    let shows_secret = memmem::find(message.as_bytes(), SECRET_MARK).is_some();
    assert!(!(mentions == 1 && is_secret(input) && shows_secret), "an error shows no secret");
}

/// Whether the mark stands in the secret key.
fn is_secret(input: &[u8]) -> bool {
    let Ok(document) = serde_json::from_slice::<serde_json::Value>(input) else { return false };
    ["/source/config/secretKey", "/config/secretKey"]
        .iter()
        .filter_map(|pointer| document.pointer(pointer)?.as_str())
        .any(|secret| memmem::find(secret.as_bytes(), SECRET_MARK).is_some())
}
