use super::*;
use incydr_core::rules::{HashAlgorithm, RuleKind};
use proptest::prelude::*;
use serde_json::{Value, json};

/// The example of the specification.
fn example() -> Value {
    json!({
        "api.version": "v1",
        "source": {
            "config": {
                "name": "Code42",
                "description": "Code42",
                "category": "code42",
                "baseURL": "https://api.us.code42.com",
                "clientID": "key-xxxx0316-xxxx-492d-xxxx-308184abxxx3",
                "secretKey": "XXXXV%DsznXXX!hxr479cXsxxnbkX@vxxrxkbfxc",
                "dataCollection": ["auditLogs", "alerts", "fileEvents"]
            },
            "schemaRef": { "type": "Code42Incydr" },
            "sourceType": "Universal"
        }
    })
}

fn with(key: &str, value: Value) -> Value {
    let mut source = example();
    source["source"]["config"][key] = value;
    source
}

fn parse(source: &Value) -> Result<SourceConfig, ConfigError> {
    SourceConfig::parse(source.to_string().as_bytes(), &[])
}

fn refusal(source: &Value) -> String {
    parse(source).expect_err("refused").to_string()
}

#[test]
fn the_specification_s_example_is_read_as_it_stands() {
    let config = parse(&example()).expect("the example");
    assert_eq!(config.name, "Code42");
    assert_eq!(config.category.as_deref(), Some("code42"));
    assert_eq!(config.base_url.as_str(), "https://api.us.code42.com/");
    assert_eq!(config.client_id, "key-xxxx0316-xxxx-492d-xxxx-308184abxxx3");
    assert_eq!(config.secret_key.reveal(), "XXXXV%DsznXXX!hxr479cXsxxnbkX@vxxrxkbfxc");
    assert_eq!(config.streams, Stream::ALL);
    assert_eq!(config.alerts_api, AlertsApi::Sessions);
    assert_eq!(config.polling_interval, Duration::from_secs(300));
    assert_eq!(config.look_backs, LookBacks::default());
    assert_eq!(config.settle_time, Duration::ZERO);
    assert_eq!(config.fields, Fields::default());
}

#[test]
fn the_envelope_may_be_left_out_in_whole_or_in_part() {
    let whole = parse(&example());
    let mut without_version = example();
    without_version.as_object_mut().expect("object").remove("api.version");
    assert_eq!(parse(&without_version), whole);
    assert_eq!(parse(&example()["source"]), whole);
}

#[test]
fn what_the_vendor_s_server_adds_to_a_source_is_ignored() {
    let mut source = example();
    source["source"]["id"] = json!(116_630_551);
    source["source"]["alive"] = json!(true);
    source["source"]["state"] = json!({ "state": "Collecting" });
    source["source"]["schemaRef"] = json!({ "type": "Code42 Incydr", "version": "latest" });
    assert_eq!(parse(&source), parse(&example()));
}

#[test]
fn data_collection_may_be_a_name_a_list_or_absent_and_knows_the_later_names() {
    let streams = |value: Value| parse(&with("dataCollection", value)).map(|config| config.streams);
    assert_eq!(streams(json!("alerts")), Ok(vec![Stream::Alerts]));
    assert_eq!(streams(json!(["auditEvents", "sessions"])), Ok(vec![Stream::Alerts, Stream::AuditLogs]));
    assert_eq!(streams(json!(["alerts", "sessions"])), Ok(vec![Stream::Alerts]));
    let mut absent = example();
    absent["source"]["config"].as_object_mut().expect("object").remove("dataCollection");
    assert_eq!(parse(&absent).map(|config| config.streams), Ok(Stream::ALL.to_vec()));
}

#[test]
fn an_empty_category_is_none() {
    assert_eq!(parse(&with("category", json!(""))).map(|config| config.category), Ok(None));
}

#[test]
fn fields_keep_their_order_and_the_siem_flag_its_type() {
    let fields = |value: Value| parse(&with("fields", value)).map(|config| config.fields);
    let ordered = r#""fields":{"zone":"eu","_siemForward":true,"env":"prod"}"#;
    let source = with("fields", json!({})).to_string().replace(r#""fields":{}"#, ordered);
    let read = SourceConfig::parse(source.as_bytes(), &[]).expect("fields").fields;
    assert_eq!(read.siem_forward, Some(true));
    let pairs: Vec<_> = read.pairs.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    assert_eq!(pairs, [("zone", "eu"), ("env", "prod")]);
    assert_eq!(fields(json!({ "_siemForward": "false" })).map(|fields| fields.siem_forward), Ok(Some(false)));
    assert_eq!(fields(json!({})), Ok(Fields::default()));
}

#[test]
fn the_schedule_may_be_set_for_all_streams_or_for_each() {
    let each = parse(&with("lookBack", json!({ "alerts": 60 }))).expect("object").look_backs;
    assert_eq!(each, LookBacks { alerts: Duration::from_secs(60), ..LookBacks::default() });
    let all = parse(&with("lookBack", json!(30))).expect("number").look_backs;
    assert!(Stream::ALL.into_iter().all(|stream| all.of(stream) == Duration::from_secs(30)));
    let config = parse(&with("pollingInterval", json!(10))).expect("interval");
    assert_eq!(config.polling_interval, Duration::from_secs(10));
    assert_eq!(parse(&with("settleTime", json!(60))).map(|config| config.settle_time.as_secs()), Ok(60));
    assert_eq!(parse(&with("retention", json!(86_400))).map(|c| c.retention.as_secs()), Ok(86_400));
    assert_eq!(config.retention.as_secs(), 90 * 86_400);
    assert_eq!(parse(&with("alertsApi", json!("alerts"))).map(|c| c.alerts_api), Ok(AlertsApi::Alerts));
}

#[test]
fn a_refused_value_is_named_with_its_place_and_a_remedy() {
    for (key, value, sentence) in [
        ("name", json!(7), "`source.config.name` is a number; it must be a string"),
        ("name", json!(" "), "`source.config.name` is empty; give the source a name"),
        ("name", json!("a\nb"), "`source.config.name` holds the control character \\u{a}; remove it"),
        ("name", json!(null), "`source.config.name` is missing; give the source a name"),
        ("clientID", json!(true), "`source.config.clientID` is a boolean; it must be a string"),
        (
            "secretKey",
            json!("********"),
            "`source.config.secretKey` is the mask that stands for a secret in an export; put the secret itself \
             there",
        ),
        (
            "dataCollection",
            json!(["alerts", "file_events"]),
            "`source.config.dataCollection[1]` has the unknown value \"file_events\"; use \"fileEvents\", \"alerts\" \
             and \"auditLogs\"",
        ),
        (
            "dataCollection",
            json!([]),
            "`source.config.dataCollection` is an empty list; name a stream or remove the key",
        ),
        (
            "pollingInterval",
            json!(9),
            "`source.config.pollingInterval` is out of range; it must be a whole number of seconds from 10 to 86400",
        ),
        (
            "pollingInterval",
            json!("300"),
            "`source.config.pollingInterval` is a string; it must be a whole number of seconds from 10 to 86400",
        ),
        (
            "baseUrl",
            json!("https://api.us.code42.com"),
            "`source.config.baseUrl` is not a key of a Code42 Incydr source; write it `baseURL`",
        ),
    ] {
        assert_eq!(refusal(&with(key, value)), sentence);
    }
}

#[test]
fn lengths_are_accepted_up_to_their_limit_and_counted_in_characters() {
    for (key, max) in [("name", 128), ("category", 1_024), ("description", 1_024)] {
        assert!(parse(&with(key, json!("ä".repeat(max)))).is_ok(), "{key}");
        let error = refusal(&with(key, json!("ä".repeat(max + 1))));
        assert!(error.contains(key) && error.ends_with(&format!("shorten it to at most {max}")), "{error}");
    }
    for (key, value, is_accepted) in [(255, 200, true), (256, 200, false), (255, 201, false)] {
        let fields = json!({ "k".repeat(key): "v".repeat(value) });
        assert_eq!(parse(&with("fields", fields)).is_ok(), is_accepted, "{key} {value}");
    }
}

#[test]
fn ten_fields_are_accepted_and_eleven_refused() {
    let fields = |count: usize| -> Value { (0..count).map(|n| (format!("field{n}"), json!("x"))).collect() };
    assert!(parse(&with("fields", fields(10))).is_ok());
    let error = refusal(&with("fields", fields(11)));
    assert_eq!(error, "`source.config.fields` has 11 fields; keep at most 10");
}

#[test]
fn field_names_that_cannot_travel_are_refused() {
    for key in ["", "a,b", "a=b", " a", "a\r\nX-Evil: 1", "_siemforward"] {
        let error = refusal(&with("fields", json!({ key: "x" })));
        assert!(error.starts_with("`source.config.fields."), "{error}");
    }
    let error = refusal(&with("fields", json!({ "env": "x", "Env": "y" })));
    assert!(error.contains("only in case"), "{error}");
}

#[test]
fn filters_are_read_as_the_original_writes_them() {
    let mut source = with(
        "filters",
        json!([
            { "filterType": "Exclude", "name": "searches", "regexp": ".*search_issued.*", "mask": "" },
            { "filterType": "Include", "name": "all", "regexp": "{\"a\":.*}" },
            { "filterType": "Mask", "name": "mail", "regexp": "\"email\":\"([^\"]+)\"", "mask": "##MAIL##" },
            { "filterType": "Hash", "name": "ip", "regexp": "\"ip\":\"([^\"]+)\"" }
        ]),
    );
    let rules = parse(&source).expect("filters").rules;
    assert_eq!(rules.hash_algorithm(), HashAlgorithm::Md5);
    let read: Vec<_> = rules.rules().iter().map(|rule| (rule.name.as_str(), rule.kind.clone())).collect();
    let mask = RuleKind::Mask { mask: "##MAIL##".to_owned() };
    let expected =
        [("searches", RuleKind::Exclude), ("all", RuleKind::Include), ("mail", mask), ("ip", RuleKind::Hash)];
    assert_eq!(read, expected);
    source["source"]["config"]["hashAlgorithm"] = json!("SHA-256");
    assert_eq!(parse(&source).map(|config| config.rules.hash_algorithm()), Ok(HashAlgorithm::Sha256));
    assert_eq!(parse(&with("filters", json!([]))), parse(&example()));
}

#[test]
fn a_refused_filter_is_named_with_its_place_and_a_remedy() {
    let with_filter = |changes: Value| {
        let mut filter = json!({ "filterType": "Exclude", "name": "a rule", "regexp": ".*" });
        for (key, value) in changes.as_object().expect("object") {
            filter[key] = value.clone();
        }
        let good = json!({ "filterType": "Include", "name": "good", "regexp": ".*" });
        with("filters", json!([good, filter]))
    };
    for (changes, sentence) in [
        (
            json!({ "filterType": "exclude" }),
            ".filterType` has the unknown value \"exclude\"; use \"Include\", \"Exclude\", \"Mask\" or \"Hash\"",
        ),
        (
            json!({ "filterType": "Forward", "sinkId": 7 }),
            ".filterType` is \"Forward\", which only installed collectors do; remove the rule, and name every \
             destination of the source instead",
        ),
        (json!({ "name": "" }), ".name` is empty; give the rule a name"),
        (json!({ "regexp": 7 }), ".regexp` is a number; it must be a string"),
        (
            json!({ "regexp": "a\\Z" }),
            ".regexp` is no RE2: character 2 is `\\Z`, which RE2 has not; use `\\z` or `$`",
        ),
        (json!({ "filterType": "Mask" }), ".mask` is missing; set it to what replaces the text, as in \"#\""),
        (
            json!({ "filterType": "Mask", "regexp": "(a)", "mask": "a:b" }),
            ".mask` holds a colon; use another character",
        ),
        (
            json!({ "mask": "#" }),
            ".mask` is given to a rule that does not mask; remove it, or set `filterType` to \"Mask\"",
        ),
        (
            json!({ "regex": ".*" }),
            ".regex` is not a key of a Code42 Incydr source; remove it, or use one of filterType, name, regexp, mask",
        ),
    ] {
        assert_eq!(refusal(&with_filter(changes)), format!("`source.config.filters[1]{sentence}"));
    }
    let many = vec![json!({ "filterType": "Include", "name": "a rule", "regexp": ".*" }); 101];
    assert_eq!(
        refusal(&with("filters", json!(many))),
        "`source.config.filters` has 101 rules; keep at most 100"
    );
    assert_eq!(
        refusal(&with("filters", json!({}))),
        "`source.config.filters` is an object; it must be a list of objects"
    );
    assert_eq!(
        refusal(&with("hashAlgorithm", json!("SHA-1"))),
        "`source.config.hashAlgorithm` has the unknown value \"SHA-1\"; use \"MD5\" or \"SHA-256\""
    );
    let mut outside = example();
    outside["source"]["filters"] = json!([]);
    assert!(refusal(&outside).starts_with("`source.filters` is not a key"), "{}", refusal(&outside));
}

#[test]
fn secrets_may_be_references_and_are_never_shown() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("secret");
    std::fs::write(&path, "canary-of-the-file\n").expect("write");
    let reference = json!(format!("file:{}", path.display()));
    let config = parse(&with("secretKey", reference.clone())).expect("reference");
    assert_eq!(config.secret_key.reveal(), "canary-of-the-file");
    assert!(!format!("{config:?}").contains("canary"), "{config:?}");

    std::fs::write(&path, "canary\u{7}of-the-file\n").expect("write");
    let error = refusal(&with("secretKey", reference));
    assert!(error.contains("source.config.secretKey") && !error.contains("canary"), "{error}");
    let error = refusal(&with("secretKey", json!("env:NOT_SET_ANYWHERE_HERE")));
    assert!(error.contains("`NOT_SET_ANYWHERE_HERE`") && error.contains("; set it"), "{error}");
}

#[test]
fn an_unknown_key_is_shown_short_and_harmless() {
    let error = refusal(&with(&("\u{1b}[2J".to_owned() + &"x".repeat(1_000)), json!(1)));
    assert!(!error.contains('\u{1b}') && error.len() < 500, "{error}");
}

proptest! {
    #[test]
    fn whatever_is_accepted_can_travel_in_a_header(
        name in any::<String>(),
        key in any::<String>(),
        value in any::<String>(),
    ) {
        let mut source = with("name", json!(name));
        source["source"]["config"]["fields"] = json!({ key: value });
        if let Ok(config) = parse(&source) {
            let texts = config.fields.pairs.iter().flat_map(|(key, value)| [key, value]).chain([&config.name]);
            for text in texts {
                prop_assert!(!text.trim().is_empty() && !text.contains(char::is_control));
            }
            prop_assert!(config.fields.pairs.iter().all(|(key, _)| !key.contains([',', '='])));
        }
    }

    #[test]
    fn every_refusal_is_one_line_with_a_remedy(key in "[a-zA-Z]{1,12}|\\PC{0,9}", value in any::<i64>()) {
        if let Err(error) = parse(&with(&key, json!(value))) {
            let error = error.to_string();
            prop_assert!(error.contains("; ") && error.lines().count() == 1, "{}", error);
        }
    }
}
