//! What Sumo Logic is told about every message of a request: name, category, host and fields, as headers.
//!
//! Pure. The values come from people, so no value may end a header, add one, or add a pair to the fields.

use thiserror::Error;

/// Pairs that one request may carry.
pub const MAX_FIELDS: usize = 30;
/// The length that Sumo Logic keeps of a field's name, in characters.
pub const MAX_FIELD_NAME: usize = 255;
/// The length that Sumo Logic keeps of a field's value, in characters.
pub const MAX_FIELD_VALUE: usize = 200;
/// Most servers refuse a request whose headers are longer than 8 KB together, whatever its payload.
const MAX_FIELDS_BYTES: usize = 6_000;

const MAX_NAME: usize = 128;
const MAX_CATEGORY: usize = 1_024;
const MAX_HOST: usize = 128;

/// Under these two names Cloud SIEM finds the events and knows how to read them.
const SIEM_FIELDS: [(&str, &str); 2] =
    [("_siemForward", "true"), ("_siemParser", "/Parsers/System/Code42/Code42 Incydr")];

/// What is said about every message of one source.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Metadata {
    /// `X-Sumo-Name`, searchable as `_sourceName`.
    pub source_name: Option<String>,
    /// `X-Sumo-Category`, searchable as `_sourceCategory`.
    pub category: Option<String>,
    /// `X-Sumo-Host`, searchable as `_sourceHost`.
    pub host: Option<String>,
    /// `X-Sumo-Fields`, in this order: the collector's fields, overlaid by the source's.
    pub fields: Vec<(String, String)>,
    /// Whether Cloud SIEM gets the messages; adds two fields, unless `fields` already holds them.
    pub siem_forward: bool,
}

impl Metadata {
    /// Whether Sumo Logic would keep all of it. The sentence is made for the person who wrote the configuration.
    pub fn validate(&self) -> Result<(), MetadataError> {
        for (name, value, limit) in self.single_values() {
            check_text(name, value.unwrap_or_default(), limit)?;
        }
        for (name, value) in &self.fields {
            check_text("a field's name", name, MAX_FIELD_NAME)?;
            check_text("a field's value", value, MAX_FIELD_VALUE)?;
            if name.trim().is_empty() || name.contains([',', '=']) {
                return Err(MetadataError::FieldName);
            }
        }
        if self.pairs().count() > MAX_FIELDS {
            return Err(MetadataError::TooManyFields);
        }
        if self.fields_header().len() > MAX_FIELDS_BYTES {
            return Err(MetadataError::FieldsTooLong);
        }
        Ok(())
    }

    /// The headers, each with a value free of control characters and of spaces at its ends, whatever `self` holds.
    ///
    /// A member that is absent or blank has no header. In fields, `,` becomes `_` and `=` becomes `:`, as other
    /// senders do, because the header knows no escape.
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let [(_, name, _), (_, category, _), (_, host, _)] = self.single_values();
        let single = [("x-sumo-name", name), ("x-sumo-category", category), ("x-sumo-host", host)]
            .map(|(header, value)| (header, single_line(value.unwrap_or_default())));
        let fields = ("x-sumo-fields", self.fields_header());
        single.into_iter().chain([fields]).filter(|(_, value)| !value.is_empty()).collect()
    }

    fn single_values(&self) -> [(&'static str, Option<&str>, usize); 3] {
        [
            ("the source name", self.source_name.as_deref(), MAX_NAME),
            ("the source category", self.category.as_deref(), MAX_CATEGORY),
            ("the source host", self.host.as_deref(), MAX_HOST),
        ]
    }

    fn fields_header(&self) -> String {
        let pairs: Vec<String> = self
            .pairs()
            .take(MAX_FIELDS)
            .map(|(name, value)| format!("{}={}", field_text(name), field_text(value)))
            .collect();
        pairs.join(", ")
    }

    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let own = self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let siem = SIEM_FIELDS.into_iter().filter(|(name, _)| self.siem_forward && !self.has_field(name));
        own.chain(siem)
    }

    /// Sumo Logic compares field names without regard to case.
    fn has_field(&self, name: &str) -> bool {
        self.fields.iter().any(|(own, _)| own.trim().eq_ignore_ascii_case(name))
    }
}

/// Why metadata cannot be sent.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum MetadataError {
    /// It could end its header and begin another.
    #[error("checking the metadata: {0} holds a line break or another control character")]
    ControlCharacter(&'static str),
    /// Sumo Logic would cut or drop it.
    #[error("checking the metadata: {what} is longer than {limit} characters")]
    TooLong {
        /// What is too long.
        what: &'static str,
        /// How long it may be.
        limit: usize,
    },
    /// Sumo Logic would read it as something else.
    #[error("checking the metadata: a field's name is empty or holds a comma or an equals sign")]
    FieldName,
    /// Sumo Logic would drop some.
    #[error("checking the metadata: there are more than {MAX_FIELDS} fields")]
    TooManyFields,
    /// Receivers would refuse every request.
    #[error("checking the metadata: the fields are longer than {MAX_FIELDS_BYTES} bytes together")]
    FieldsTooLong,
}

fn check_text(what: &'static str, text: &str, limit: usize) -> Result<(), MetadataError> {
    if text.contains(char::is_control) {
        return Err(MetadataError::ControlCharacter(what));
    }
    if text.chars().count() > limit {
        return Err(MetadataError::TooLong { what, limit });
    }
    Ok(())
}

/// HTTP drops spaces around a header's value, and everything that reads headers stops at a control character.
fn single_line(text: &str) -> String {
    text.trim().replace(char::is_control, "_")
}

fn field_text(text: &str) -> String {
    single_line(text).replace(',', "_").replace('=', ":")
}
