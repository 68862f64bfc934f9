//! Metadata headers: whatever people write, it stays inside the values of the headers it was meant for.
//!
//! The first byte of an input separates the rest into source name, category, host, and then names and values of
//! fields in turn. An odd first byte also asks for Cloud SIEM.

use incydr_destinations::sumo::{MAX_FIELDS, Metadata};

const NAMES: [&str; 4] = ["x-sumo-name", "x-sumo-category", "x-sumo-host", "x-sumo-fields"];

/// Reads the input as metadata and makes its headers, whether or not it would be accepted.
pub fn check(input: &[u8]) {
    let Some(metadata) = read(input) else { return };
    let headers = metadata.headers();
    let in_order = NAMES.into_iter().filter(|name| headers.iter().any(|(header, _)| header == name));
    assert!(in_order.eq(headers.iter().map(|(header, _)| *header)), "no value adds a header");
    for (name, value) in &headers {
        assert!(!value.contains(char::is_control), "no value ends its header");
        assert!(!value.is_empty() && value == value.trim(), "a value arrives as it was sent");
        if *name == "x-sumo-fields" {
            check_fields(&metadata, value);
        }
    }
    if metadata.validate().is_ok() {
        assert!(headers.iter().all(|(_, value)| value.len() < 8_192), "what is accepted fits into a request");
    }
}

fn check_fields(metadata: &Metadata, value: &str) {
    let pairs: Vec<&str> = value.split(',').collect();
    let asked = metadata.fields.len() + if metadata.siem_forward { 2 } else { 0 };
    assert!(pairs.len() <= asked.min(MAX_FIELDS), "no value adds a field");
    assert!(pairs.iter().all(|pair| pair.matches('=').count() == 1), "no value ends its field");
}

fn read(input: &[u8]) -> Option<Metadata> {
    let (&separator, rest) = input.split_first()?;
    let mut texts =
        rest.split(|&byte| byte == separator).map(|text| String::from_utf8_lossy(text).into_owned());
    let (source_name, category, host) = (texts.next(), texts.next(), texts.next());
    let mut fields = Vec::new();
    while let Some(name) = texts.next() {
        fields.push((name, texts.next().unwrap_or_default()));
    }
    Some(Metadata { source_name, category, host, fields, siem_forward: separator % 2 == 1 })
}
