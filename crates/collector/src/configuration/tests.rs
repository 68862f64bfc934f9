use proptest::prelude::*;

use super::*;
use crate::allowed_origin::Origin;

fn refusal(text: &str) -> String {
    Configuration::read(text).expect_err(text).to_string()
}

#[test]
fn an_empty_file_is_the_default_and_the_documented_file_is_the_default_too() {
    assert_eq!(Configuration::read(""), Ok(Configuration::default()));
    let documented = include_str!("../../../../docs/collector.toml");
    assert_eq!(documented, Configuration::default().to_toml());
    assert_eq!(Configuration::read(documented), Ok(Configuration::default()));
}

#[test]
fn every_key_that_the_documented_file_shows_can_be_set() {
    let documented = include_str!("../../../../docs/collector.toml");
    let is_example = |line: &str| line.starts_with("# ") && (line.contains(" = ") || line.starts_with("# ["));
    let set: String = documented
        .lines()
        .map(|line| if is_example(line) { &line[2..] } else { line })
        .fold(String::new(), |text, line| text + line + "\n");
    let read = Configuration::read(&set).expect("every example can be read");
    assert_eq!(read.destinations.len(), 1);
    assert!(read.tls.is_some() && read.sync.is_some() && read.vault_key.is_some() && read.data_dir.is_some());
    assert!(read.sumo_account.is_some() && read.public_metrics.is_some());
}

#[test]
fn a_mistake_is_told_with_its_key_and_a_remedy() {
    for (text, named) in [
        ("listne = \"127.0.0.1:1\"", "`listne`"),
        ("listen = \"here\"", "`listen`"),
        ("listen = 8642", "`listen`"),
        ("data-dir = \"/x\"", "write it `data_dir`"),
        ("data_dir = \"\"", "`data_dir`"),
        ("compression = \"brotli\"", "\"gzip\", \"zstd\", \"none\""),
        ("allowed_base_urls = \"https://x\"", "`allowed_base_urls`"),
        ("allowed_base_urls = [\"http://example.com\"]", "`allowed_base_urls[0]`"),
        ("sync_collector = \"x\"", "`sync_collector`"),
        ("[[destinations]]\nurl = \"-\"", "`destinations[0].url`"),
        ("[[destinations]]\nallow_plain_http = true", "`destinations[0].to`"),
        ("[tls]\nkey = \"k.pem\"", "`tls.certificates`"),
        ("[requests]\nper_minute = 0", "`requests.per_minute`"),
        ("[requests]\ntimeout = \"30\"", "`requests.timeout`"),
        ("[api]\nrequests_per_second = -4", "`api.requests_per_second`"),
        ("[limits]\nfields = \"many\"", "`limits.fields`"),
        ("[log]\nlevel = \"loud\"", "`log.level`"),
        ("[vault]\nkey = \"0123\"", "`vault.key`"),
        ("[metrics]\npublic = \"yes\"", "`metrics.public`"),
        ("[sumo_account]\napi = \"http://api.example\"", "`sumo_account.api`"),
        ("[sumo_account]\napi = \"https://a/api\"\naccess_key = \"canary\"", "`sumo_account.access_key`"),
        ("[health_events]\ndeliver = 1", "`health_events.deliver`"),
        ("[pages]\ntail = \"yes\"", "`pages.tail`"),
        ("listen = \"127.0.0.1:1\"\nlisten = \"127.0.0.1:2\"", "at line 2"),
        ("listen", "at line 1"),
    ] {
        let sentence = refusal(text);
        assert!(sentence.contains(named) && sentence.contains("; "), "{text}: {sentence}");
        assert!(!sentence.contains('\n'), "{sentence}");
    }
}

#[test]
fn the_code_of_an_address_is_never_printed() {
    let to = "https://h.example/receiver/v1/http/canary".to_owned();
    let entry = DestinationEntry { to, allow_plain_http: false };
    let shown = Configuration { destinations: vec![entry], ..Configuration::default() }.to_toml();
    assert!(!shown.contains("canary") && shown.contains("********"), "{shown}");
    assert!(Configuration::read(&shown).is_ok());
}

#[test]
fn without_destinations_events_go_to_a_folder_beside_the_state() {
    let configuration = Configuration { data_dir: Some("/data".into()), ..Configuration::default() };
    let settings = configuration.settings().expect("usable");
    let shown: Vec<_> = settings.destinations.iter().map(|address| address.shown()).collect();
    assert_eq!(shown, ["file:/data/archive"]);
}

#[test]
fn one_destination_may_be_plain_http_without_allowing_another() {
    let entry = |port: u16, allow_plain_http| DestinationEntry {
        to: format!("http://127.0.0.1:{port}/receiver/v1/http/Code"),
        allow_plain_http,
    };
    let with = |destinations| Configuration {
        data_dir: Some("/data".into()),
        destinations,
        ..Configuration::default()
    };
    assert!(with(vec![entry(1, true)]).settings().is_ok());
    assert!(with(vec![entry(1, true), entry(2, false)]).settings().is_err());
    assert!(with(vec![entry(1, true), entry(1, true)]).settings().is_err());
}

prop_compose! {
    fn any_configuration()(
        port in any::<u16>(),
        names in proptest::collection::vec(any::<String>(), 0..3),
        per_minute in 1_u32..=120,
        millis in 1_000_u64..=3_600_000,
        limits in (1_u64..=1_000_000, 1_u64..=1_000_000, 1_u64..=1_000_000),
        truth in any::<bool>(),
        allowed in proptest::sample::subsequence(vec!["https://a.example", "http://127.0.0.1:8042"], 0..=2),
    ) -> Configuration {
        let usable = |name: &&String| !name.trim().is_empty() && !name.contains(['\0', '/']);
        let name = names.iter().find(usable).cloned();
        let line = name.clone().filter(|name| !name.contains(char::is_control) && !name.contains(['\u{2028}', '\u{2029}']));
        Configuration {
            listen: SocketAddr::from(([127, 0, 0, 1], port)),
            data_dir: name.clone().map(PathBuf::from),
            tls: name.clone().map(|name| TlsFiles { certificates: name.clone().into(), key: name.into() }),
            destinations: names.iter().filter(usable).map(|name| DestinationEntry {
                to: format!("file:{name}"),
                allow_plain_http: truth,
            }).collect(),
            allowed_base_urls: allowed.iter().map(|origin| Origin::parse(origin).expect("origin")).collect(),
            pace: RequestPace {
                per_minute: NonZeroU32::new(per_minute).expect("positive"),
                request_timeout: Duration::from_millis(millis),
                stall_timeout: Duration::from_secs(30),
            },
            max_collectors: limits.0,
            max_sources: limits.1,
            max_fields: limits.2,
            vault_key: name.map(|name| format!("file:{name}")),
            sync: line.map(|collector| SyncFolder {
                dir: "sources".into(),
                collector: collector.chars().take(128).collect(),
            }),
            deliver_health_events: truth,
            keeps_tails: truth,
            public_metrics: (limits.0 % 2 == 0).then_some(truth),
            sumo_account: truth.then(|| SumoAccountEntry {
                api: "https://api.sumologic.com/api".to_owned(),
                access_id: "su1".to_owned(),
                access_key: "env:KEY".to_owned(),
            }),
            ..Configuration::default()
        }
    }
}

proptest! {
    #[test]
    fn what_is_printed_can_be_read_again(configuration in any_configuration()) {
        let printed = configuration.to_toml();
        prop_assert_eq!(Configuration::read(&printed), Ok(configuration), "{}", printed);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>()) {
        if let Err(error) = Configuration::read(&text) {
            prop_assert!(error.to_string().contains("; "));
        }
    }
}
