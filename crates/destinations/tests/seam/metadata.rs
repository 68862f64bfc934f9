//! Metadata as headers: nothing that a person writes can break out of its place.

use incydr_destinations::sumo::{MAX_FIELDS, Metadata, MetadataError};
use proptest::prelude::*;

fn pairs(header: &str) -> Vec<(String, String)> {
    let pair = |text: &str| text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    header.split(", ").map(|text| pair(text).unwrap()).collect()
}

fn header(metadata: &Metadata, name: &str) -> String {
    let headers = metadata.headers();
    headers.into_iter().find(|(own, _)| *own == name).map(|(_, value)| value).unwrap_or_default()
}

fn fields_header(metadata: &Metadata) -> String {
    header(metadata, "x-sumo-fields")
}

fn with_fields(fields: &[(&str, &str)]) -> Metadata {
    let owned = fields.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    Metadata { fields: owned, ..Metadata::default() }
}

/// Text that people write, and text that attackers write.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![".{0,40}", "[a-z=, \r\n\0\t\u{85}\u{7f}é漢]{0,40}", Just("x\r\nx-sumo-name: y".to_owned())]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn headers_and_fields_keep_their_number_and_names_whatever_they_hold(
        name in any_text(),
        category in any_text(),
        host in any_text(),
        fields in proptest::collection::vec((any_text(), any_text()), 1..40),
        siem_forward in any::<bool>(),
    ) {
        let metadata = Metadata {
            source_name: Some(format!("n{name}")),
            category: Some(format!("c{category}")),
            host: Some(format!("h{host}")),
            fields: fields.clone(),
            siem_forward,
        };
        let headers = metadata.headers();
        let names: Vec<_> = headers.iter().map(|(name, _)| *name).collect();
        prop_assert_eq!(names, ["x-sumo-name", "x-sumo-category", "x-sumo-host", "x-sumo-fields"]);
        for (_, value) in &headers {
            prop_assert!(!value.contains(char::is_control));
            prop_assert_eq!(value.trim(), value);
        }
        let added = if siem_forward { 2 } else { 0 };
        prop_assert_eq!(pairs(&headers[3].1).len(), (fields.len() + added).min(MAX_FIELDS));
    }

    #[test]
    fn what_is_valid_arrives_as_it_was_written(
        category in any_text(),
        fields in proptest::collection::vec(("[a-z_]{1,9}", any_text()), 1..9),
    ) {
        let metadata =
            Metadata { category: Some(category.clone()), fields: fields.clone(), ..Metadata::default() };
        let is_clean = |text: &str| !text.contains(char::is_control);
        let all_clean = is_clean(&category) && fields.iter().all(|(_, value)| is_clean(value));
        prop_assert_eq!(metadata.validate().is_ok(), all_clean);
        if !all_clean {
            return Ok(());
        }
        prop_assert_eq!(header(&metadata, "x-sumo-category"), category.trim());
        let expected: Vec<_> = fields
            .into_iter()
            .map(|(name, value)| (name, value.trim().replace(',', "_").replace('=', ":")))
            .collect();
        prop_assert_eq!(pairs(&fields_header(&metadata)), expected);
    }
}

#[test]
fn forwarding_to_the_siem_adds_two_fields_once() {
    let mut metadata = with_fields(&[("env", "prod")]);
    metadata.siem_forward = true;
    let siem = "_siemForward=true, _siemParser=/Parsers/System/Code42/Code42 Incydr";
    assert_eq!(fields_header(&metadata), format!("env=prod, {siem}"));
    metadata.fields.push(("_SIEMPARSER".to_owned(), "/Parsers/Own".to_owned()));
    assert_eq!(fields_header(&metadata), "env=prod, _SIEMPARSER=/Parsers/Own, _siemForward=true");
}

#[test]
fn absent_and_blank_members_have_no_header() {
    let blank = Metadata { source_name: Some(" ".to_owned()), ..Metadata::default() };
    assert_eq!(blank.headers(), []);
}

#[test]
fn metadata_that_cannot_arrive_is_refused_with_a_sentence() {
    let too_many: Vec<_> = (0..=MAX_FIELDS).map(|number| (format!("f{number}"), "v".to_owned())).collect();
    let too_much: Vec<_> = (0..MAX_FIELDS).map(|number| (format!("f{number}"), "v".repeat(200))).collect();
    let named = |name: &str| Metadata { source_name: Some(name.to_owned()), ..Metadata::default() };
    let of_fields = |fields| Metadata { fields, ..Metadata::default() };
    for (metadata, sentence) in [
        (named("a\nb"), "the source name holds a line break or another control character"),
        (named(&"é".repeat(129)), "the source name is longer than 128 characters"),
        (with_fields(&[("a", "b\r")]), "a field's value holds a line break or another control character"),
        (with_fields(&[("a", &"b".repeat(201))]), "a field's value is longer than 200 characters"),
        (with_fields(&[("a=b", "c")]), "a field's name is empty or holds a comma or an equals sign"),
        (with_fields(&[(" ", "c")]), "a field's name is empty or holds a comma or an equals sign"),
        (of_fields(too_many), "there are more than 30 fields"),
        (of_fields(too_much), "the fields are longer than 6000 bytes together"),
    ] {
        let error: MetadataError = metadata.validate().unwrap_err();
        assert_eq!(error.to_string(), format!("checking the metadata: {sentence}"));
    }
    assert_eq!(named(&"é".repeat(128)).validate(), Ok(()));
}
