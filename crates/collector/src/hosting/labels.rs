//! What Sumo Logic is told about the events of one source: its own words, its collector's, and what the schema lets pass.

use std::sync::{Arc, Mutex, PoisonError};

use incydr_destinations::sumo::{Metadata, MetadataError, Sumo};

use crate::assembly::Door;

use super::field_schema::FieldSchema;
use super::hosted_source::HostedSource;

/// The labels of one source. They may change while its events flow.
pub(super) struct Labels {
    schema: FieldSchema,
    /// This source's view of each receiver; what is said on it is shared by all streams.
    sumo: Vec<Sumo>,
    /// Names of fields that the schema keeps back.
    dropped: Mutex<Vec<String>>,
}

impl Labels {
    /// Labels on what passes through `doors`.
    pub(super) fn new(schema: FieldSchema, doors: &[Door]) -> Self {
        let sumo = |door: &Door| match door {
            Door::Sumo(sumo) => Some(sumo.clone()),
            Door::Archive(_) | Door::Stdout => None,
        };
        Self { schema, sumo: doors.iter().filter_map(sumo).collect(), dropped: Mutex::default() }
    }

    /// Labels events as the source now wants them. On an error everything stays as it was.
    ///
    /// `wanted` is asked under a lock, so that whoever comes last applies what is newest.
    pub(super) fn apply(&self, wanted: impl FnOnce() -> Arc<HostedSource>) -> Result<(), MetadataError> {
        let mut dropped = self.dropped.lock().unwrap_or_else(PoisonError::into_inner);
        let (metadata, kept_back) = metadata_of(&wanted(), &self.schema);
        metadata.validate()?;
        self.sumo.iter().try_for_each(|sumo| sumo.relabel(&metadata))?;
        *dropped = kept_back;
        Ok(())
    }

    /// So many events were delivered.
    pub(super) fn count(&self, events: u64) {
        for name in self.dropped() {
            self.schema.count_dropped(&name, events);
        }
    }

    /// Names of fields that the schema keeps back.
    pub(super) fn dropped(&self) -> Vec<String> {
        self.dropped.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What is said about the events of `source`, and the names of the fields that are kept back.
fn metadata_of(source: &HostedSource, schema: &FieldSchema) -> (Metadata, Vec<String>) {
    let HostedSource { collector, config, .. } = source;
    let own = &config.fields.pairs;
    let inherited = collector.fields.pairs.iter().filter(|(name, _)| !has_field(own, name));
    let (fields, dropped): (Vec<_>, Vec<_>) =
        inherited.chain(own).cloned().partition(|(name, _)| schema.passes(name));
    let metadata = Metadata {
        source_name: Some(config.name.clone()),
        category: config.category.clone().or_else(|| collector.category.clone()),
        host: config.base_url.host_str().map(str::to_owned),
        fields,
        siem_forward: config.fields.siem_forward.or(collector.fields.siem_forward) == Some(true),
    };
    (metadata, dropped.into_iter().map(|(name, _)| name).collect())
}

fn has_field(fields: &[(String, String)], name: &str) -> bool {
    fields.iter().any(|(own, _)| own.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use incydr_core::timestamp::Timestamp;

    use super::*;
    use crate::hosting::FirstPoll;
    use crate::hosting::hosted_source::{CollectorLabels, SourceId};
    use crate::source_config::{Fields, SourceConfig};

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn source(category: Option<&str>, fields: Fields) -> HostedSource {
        let config = serde_json::json!({
            "schemaRef": { "type": "Code42Incydr" }, "sourceType": "Universal",
            "config": {
                "name": "Code42", "baseURL": "https://api.us.code42.com", "clientID": "key-1", "secretKey": "s",
            },
        });
        let config = SourceConfig::parse(config.to_string().as_bytes(), &[]).expect("a source");
        let collector = CollectorLabels {
            category: Some("security".to_owned()),
            fields: Fields { pairs: pairs(&[("Env", "test"), ("site", "Bern")]), siem_forward: Some(true) },
        };
        HostedSource {
            id: SourceId(7),
            collector,
            config: SourceConfig { category: category.map(str::to_owned), fields, ..config },
            since: Timestamp::EPOCH,
            first_poll: FirstPoll::default(),
            backfills: Vec::new(),
            open_events: Vec::new(),
        }
    }

    #[test]
    fn a_source_inherits_category_fields_and_forwarding_from_its_collector() {
        let (metadata, dropped) = metadata_of(&source(None, Fields::default()), &FieldSchema::everything());
        assert_eq!(metadata.category.as_deref(), Some("security"));
        assert_eq!(metadata.fields, pairs(&[("Env", "test"), ("site", "Bern")]));
        assert!(metadata.siem_forward && dropped.is_empty());
    }

    #[test]
    fn a_source_s_own_words_win() {
        let own = Fields { pairs: pairs(&[("env", "prod")]), siem_forward: Some(false) };
        let (metadata, _) = metadata_of(&source(Some("sec/code42"), own), &FieldSchema::everything());
        assert_eq!(metadata.category.as_deref(), Some("sec/code42"));
        assert_eq!(metadata.fields, pairs(&[("site", "Bern"), ("env", "prod")]));
        assert!(!metadata.siem_forward);
    }

    #[test]
    fn fields_that_are_not_in_the_schema_are_kept_back_and_named() {
        let own = Fields { pairs: pairs(&[("owner", "ann"), ("_parser", "/P")]), siem_forward: None };
        let (metadata, dropped) = metadata_of(&source(None, own), &FieldSchema::only(["SITE"]));
        assert_eq!(metadata.fields, pairs(&[("site", "Bern"), ("_parser", "/P")]));
        assert_eq!(dropped, ["Env", "owner"]);
        assert!(metadata.siem_forward, "special fields always pass");
    }
}
