//! Bad input, given to the real program: one sentence that names the key and the remedy, exit code 1, nothing
//! written and nothing sent.

#![expect(clippy::expect_used, reason = "a test that cannot set its stage fails")]

use std::fs;
use std::io::{ErrorKind, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

const CANARY: &str = "canary-7f3a";

/// A folder for one run, and a server that must never be spoken to.
struct Stage {
    folder: TempDir,
    server: TcpListener,
}

impl Stage {
    fn new() -> Self {
        let server = TcpListener::bind("127.0.0.1:0").expect("loopback");
        server.set_nonblocking(true).expect("nonblocking");
        Self { folder: tempfile::tempdir().expect("folder"), server }
    }

    fn origin(&self) -> String {
        format!("http://{}", self.server.local_addr().expect("address"))
    }

    /// Runs `collect` for `source` with a state, an archive and a Sumo Logic address that would all work.
    fn collect(&self, source: &[u8], more: &[&str]) -> Output {
        let origin = self.origin();
        let receiver = format!("{origin}/receiver/v1/http/{CANARY}");
        let arguments = ["collect", "--source", "-", "--to", &receiver, "--allow-destination-url", &origin];
        let arguments = [&arguments[..], &["--to", "file:archive", "--state", "state.db"], more].concat();
        self.run(&arguments, source)
    }

    fn run(&self, arguments: &[&str], stdin: &[u8]) -> Output {
        let mut child = Command::new(env!("CARGO_BIN_EXE_incydr-collector"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env("HOME", self.folder.path())
            .env_remove("XDG_STATE_HOME")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut pipe = child.stdin.take().expect("stdin");
        match pipe.write_all(stdin) {
            Ok(()) => {}
            // The program may have judged its arguments before it read anything.
            Err(error) => assert_eq!(error.kind(), ErrorKind::BrokenPipe),
        }
        drop(pipe);
        child.wait_with_output().expect("the program ends")
    }

    fn assert_untouched(&self) {
        let left: Vec<_> = fs::read_dir(self.folder.path()).expect("folder").collect();
        assert!(left.is_empty(), "written: {left:?}");
        let visitor = self.server.accept().map(|_| ()).map_err(|error| error.kind());
        assert_eq!(visitor, Err(ErrorKind::WouldBlock), "something was sent");
    }
}

/// Asserts that the run ended as a mistake of the user, and returns its one sentence.
fn one_sentence(output: &Output) -> String {
    let text = String::from_utf8(output.stderr.clone()).expect("UTF-8");
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(output.stdout.is_empty(), "data on standard output");
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.starts_with("error: ") && text.contains("; "), "{text}");
    assert!(!text.contains("panicked") && !text.contains(CANARY), "{text}");
    assert!(!text.trim_end().contains(char::is_control), "{text:?}");
    assert!(text.len() < 600, "{text}");
    text
}

/// The sentence with which `source` is refused.
fn refusal(source: &[u8]) -> String {
    let stage = Stage::new();
    let sentence = one_sentence(&stage.collect(source, &[]));
    stage.assert_untouched();
    sentence
}

fn example() -> Value {
    json!({
        "api.version": "v1",
        "source": {
            "config": {
                "name": "Code42",
                "baseURL": "https://api.us.code42.com",
                "clientID": "key-00000000",
                "secretKey": CANARY,
            },
            "schemaRef": { "type": "Code42Incydr" },
            "sourceType": "Universal"
        }
    })
}

fn with(key: &str, value: Value) -> Vec<u8> {
    let mut source = example();
    source["source"]["config"][key] = value;
    source.to_string().into_bytes()
}

fn without(key: &str) -> Vec<u8> {
    let mut source = example();
    source["source"]["config"].as_object_mut().expect("config").remove(key);
    source.to_string().into_bytes()
}

#[track_caller]
fn assert_names(sentence: &str, parts: &[&str]) {
    for part in parts {
        assert!(sentence.contains(part), "{part:?} is not in {sentence}");
    }
}

#[test]
fn a_missing_or_empty_key_is_named() {
    for key in ["name", "baseURL", "clientID", "secretKey"] {
        let path = format!("`source.config.{key}`");
        assert_names(&refusal(&without(key)), &[&path, "is missing"]);
        assert_names(&refusal(&with(key, json!(null))), &[&path, "is missing"]);
        assert_names(&refusal(&with(key, json!(""))), &[&path, "is empty"]);
    }
}

#[test]
fn a_wrong_type_is_named_with_the_right_one() {
    for (key, value, found, expected) in [
        ("name", json!(7), "is a number", "it must be a string"),
        ("description", json!([]), "is a list", "it must be a string"),
        ("category", json!(false), "is a boolean", "it must be a string"),
        ("fields", json!("env=prod"), "is a string", "it must be an object"),
        ("baseURL", json!({}), "is an object", "it must be a string"),
        ("clientID", json!(true), "is a boolean", "it must be a string"),
        ("secretKey", json!(1.5), "is a number", "it must be a string"),
        ("dataCollection", json!(1), "is a number", "it must be a string or a list"),
        ("alertsApi", json!(1), "is a number", "it must be a string"),
        ("pollingInterval", json!("300"), "is a string", "it must be a whole number of seconds"),
        ("lookBack", json!(true), "is a boolean", "it must be a whole number of seconds"),
        ("settleTime", json!(-1), "is out of range", "it must be a whole number of seconds"),
        ("retention", json!(60), "is out of range", "it must be a whole number of seconds"),
    ] {
        assert_names(&refusal(&with(key, value)), &[&format!("`source.config.{key}`"), found, expected]);
    }
}

#[test]
fn an_unknown_key_is_named_on_every_level() {
    assert_names(&refusal(&with("baseUrl", json!("x"))), &["`source.config.baseUrl`", "write it `baseURL`"]);
    assert_names(&refusal(&with("proxy", json!("x"))), &["`source.config.proxy`", "remove it"]);
    let mut source = example();
    source["source"]["cofnig"] = json!({});
    assert_names(&refusal(source.to_string().as_bytes()), &["`source.cofnig`", "remove it"]);
    let mut source = example();
    source["version"] = json!("v1");
    assert_names(&refusal(source.to_string().as_bytes()), &["`version`", "remove it"]);
}

#[test]
fn a_base_url_that_is_not_incydr_s_is_refused() {
    for (url, problem) in [
        ("http://api.us.code42.com", "is plain http"),
        ("https://evil.example", "is not a host of Incydr"),
        ("https://api.us.code42.com.evil.example", "is not a host of Incydr"),
        ("https://api.us.code42.com@evil.example", "before `@`"),
        ("https://api.us.code42.com:8443", "names a port"),
        ("https://169.254.169.254", "is not a host of Incydr"),
        ("http://127.0.0.1:1", "is plain http"),
        ("https://console.us.code42.com", "names the console"),
    ] {
        assert_names(&refusal(&with("baseURL", json!(url))), &["`source.config.baseURL`", problem]);
    }
}

#[test]
fn a_bare_host_is_accepted() {
    let stage = Stage::new();
    let unknown = with("baseURL", json!("api.us.code42.com"));
    let sentence = one_sentence(&stage.collect(&unknown, &["--since", "tomorrow"]));
    assert_names(&sentence, &["`--since tomorrow`"]);
    let mut source: Value = serde_json::from_slice(&unknown).expect("json");
    source["source"]["config"]["pollingInterval"] = json!(1);
    // The base URL stands before the interval in the order in which keys are judged.
    assert_names(&refusal(source.to_string().as_bytes()), &["`source.config.pollingInterval`"]);
}

#[test]
fn an_unknown_stream_is_named_with_the_known_ones() {
    let known = ["\"fileEvents\"", "\"alerts\"", "\"auditLogs\""];
    assert_names(&refusal(&with("dataCollection", json!("events"))), &known);
    let sentence = refusal(&with("dataCollection", json!(["alerts", "events"])));
    assert_names(&sentence, &["`source.config.dataCollection[1]`", "\"events\""]);
    assert_names(&refusal(&with("dataCollection", json!([]))), &["`source.config.dataCollection`"]);
}

#[test]
fn another_kind_of_source_is_refused() {
    let mut source = example();
    source["source"]["sourceType"] = json!("Code42 Incydr");
    assert_names(&refusal(source.to_string().as_bytes()), &["`source.sourceType`", "\"Universal\""]);
    let mut source = example();
    source["source"]["schemaRef"]["type"] = json!("Okta");
    assert_names(&refusal(source.to_string().as_bytes()), &["`source.schemaRef.type`", "\"Code42Incydr\""]);
    let mut source = example();
    source["source"].as_object_mut().expect("source").remove("config");
    assert_names(&refusal(source.to_string().as_bytes()), &["`source.config`", "is missing"]);
}

#[test]
fn text_that_is_no_json_is_refused_with_the_place() {
    assert_names(&refusal(b""), &["the source JSON is empty"]);
    assert_names(&refusal(b"{\"source\": \xff}"), &["the source JSON is not UTF-8 at byte 11"]);
    assert_names(&refusal(b"{\"source\": {},}"), &["the source JSON", "line 1 column 15"]);
    assert_names(&refusal(b"[]"), &["the source JSON is a list", "it must be an object"]);
    assert_names(&refusal(b"{} {}"), &["the source JSON", "line 1 column 4"]);
}

#[test]
fn ten_megabytes_are_refused_without_being_read() {
    let source = with("description", json!("x".repeat(10_000_000)));
    assert_names(&refusal(&source), &["`--source -`", "larger than 1 MiB"]);
}

#[test]
fn deep_nesting_is_refused() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let source = format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
        assert_names(&refusal(source.as_bytes()), &["the source JSON", "nested more than 64 deep"]);
    }
}

#[test]
fn a_key_that_is_given_twice_is_refused() {
    let source = String::from_utf8(with("name", json!("first"))).expect("text");
    let twice = source.replace("\"name\":\"first\"", "\"name\":\"first\",\"name\":\"second\"");
    assert_names(&refusal(twice.as_bytes()), &["`source.config.name` is given twice"]);
}

#[test]
fn control_characters_are_refused() {
    for key in ["name", "category"] {
        for character in ["\n", "\r", "\0", "\u{1b}", "\u{7f}", "\u{85}", "\u{2028}"] {
            let sentence = refusal(&with(key, json!(format!("a{character}b"))));
            assert_names(&sentence, &[&format!("`source.config.{key}`"), "control character", "remove it"]);
        }
    }
    let sentence = refusal(&with("fields", json!({ "env": "prod\r\nX-Evil: 1" })));
    assert_names(&sentence, &["`source.config.fields.env`", "control character"]);
    let sentence = refusal(&with("fields", json!({ "env\r\nX-Evil": "1" })));
    assert_names(&sentence, &["`source.config.fields.env\\r\\nX-Evil`", "control character"]);
}

#[test]
fn too_many_and_too_long_values_are_refused() {
    let fields: Value = (0..11).map(|n| (format!("field{n}"), json!("x"))).collect();
    assert_names(&refusal(&with("fields", fields)), &["`source.config.fields`", "11", "at most 10"]);
    for (key, length) in [("name", 129), ("category", 1_025), ("description", 1_025)] {
        let limit = format!("at most {}", length - 1);
        let sentence = refusal(&with(key, json!("x".repeat(length))));
        assert_names(&sentence, &[&format!("`source.config.{key}`"), &limit]);
    }
    assert_names(&refusal(&with("fields", json!({ "k": "x".repeat(201) }))), &["fields.k`", "at most 200"]);
    assert_names(&refusal(&with("fields", json!({ "k".repeat(256): "x" }))), &["fields.kkk", "at most 255"]);
}

#[test]
fn a_secret_that_cannot_be_had_is_named_and_never_shown() {
    let secret = |value: &str| refusal(&with("secretKey", json!(value)));
    assert_names(&secret("env:NOT_SET_ANYWHERE"), &["`source.config.secretKey`", "`NOT_SET_ANYWHERE`"]);
    assert_names(&secret("env:$(id)"), &["`source.config.secretKey`", "without a valid name"]);
    assert_names(&secret("file:/no/such/file"), &["`source.config.secretKey`", "`/no/such/file`"]);
    assert_names(&secret("file:/dev/zero"), &["`source.config.secretKey`", "64 KiB"]);
    assert_names(&secret("********"), &["`source.config.secretKey`", "mask"]);
    assert_names(&secret(&format!("{CANARY}\n")), &["`source.config.secretKey`", "control character"]);
}

#[test]
fn an_option_that_makes_no_sense_is_named() {
    let stage = Stage::new();
    let source = example().to_string();
    for (options, name) in [
        (&["--since", "2d", "--until", "3d"][..], "--since"),
        (&["--until", "2999-01-01"], "--until"),
        (&["--summary-json", "no/such/folder/summary.json"], "--summary-json"),
        (&["--to", "kafka:topic"], "--to"),
        (&["--to", "file:"], "--to"),
        (&["--to", "https://h.example/receiver/v1/http/canary-7f3a/x"], "--to"),
        (&["--to", "http://h.example/receiver/v1/http/canary-7f3a"], "--to"),
    ] {
        assert_names(&one_sentence(&stage.collect(source.as_bytes(), options)), &[name]);
    }
    for state in [".", "postgres://host/db", "sqlite:"] {
        let arguments = ["collect", "--source", "-", "--to", "-", "--state", state];
        assert_names(&one_sentence(&stage.run(&arguments, source.as_bytes())), &["--state"]);
    }
    let arguments = ["collect", "--source", "-"];
    assert_names(&one_sentence(&stage.run(&arguments, source.as_bytes())), &["`--to`"]);
    let arguments = ["collect", "--source", "absent.json", "--to", "-"];
    assert_names(&one_sentence(&stage.run(&arguments, b"")), &["`--source absent.json`"]);
    stage.assert_untouched();
}

#[test]
fn check_judges_its_input_like_collect() {
    let stage = Stage::new();
    let sentence = one_sentence(&stage.run(&["check", "--source", "-"], &without("secretKey")));
    assert_names(&sentence, &["`source.config.secretKey`", "is missing"]);
    let arguments = ["check", "--source", "-", "--to", "kafka:topic"];
    assert_names(&one_sentence(&stage.run(&arguments, example().to_string().as_bytes())), &["--to"]);
    stage.assert_untouched();
}

#[test]
fn a_mistake_in_the_arguments_ends_with_1_and_help_with_0() {
    let stage = Stage::new();
    for (arguments, expected) in [
        (&[][..], "Usage"),
        (&["collcet"], "collect"),
        (&["collect", "--to", "-"], "--source"),
        (&["collect", "--source", "-", "--requests-per-minute", "0"], "1 to 120"),
        (&["collect", "--source", "-", "--stall-timeout", "30"], "--stall-timeout"),
        (&["collect", "--source", "-", "--compression", "brotli"], "gzip"),
        (&["collect", "--source", "-", "--follow", "--until", "1h"], "--until"),
        (&["collect", "--source", "-", "--allow-base-url", "http://example.com"], "--allow-base-url"),
        (&["collect", "--source", "-", "https://h/receiver/v1/http/canary-7f3a"], "unexpected argument"),
        (&["simulate", "--faults", "no-such-plan.json"], "--faults"),
        (&["demo", "--events", "0"], "--events"),
    ] {
        let output = stage.run(arguments, b"");
        let text = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(1), "{arguments:?} {text}");
        assert!(text.contains(expected) && !text.contains(CANARY), "{arguments:?} {text}");
    }
    for arguments in [&["--help"][..], &["--version"], &["collect", "--help"], &["simulate", "--help"]] {
        let output = stage.run(arguments, b"");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert!(!output.stdout.is_empty() && output.stderr.is_empty(), "{arguments:?}");
    }
    stage.assert_untouched();
}

#[test]
fn a_source_may_stand_in_a_file() {
    let stage = Stage::new();
    let path = Path::new(stage.folder.path()).join("code42.json");
    fs::write(&path, without("name")).expect("write");
    let arguments = ["collect", "--source", "code42.json", "--to", "-", "--state", "state.db"];
    assert_names(
        &one_sentence(&stage.run(&arguments, b"")),
        &["`--source code42.json`", "source.config.name"],
    );
    assert_eq!(fs::read_dir(stage.folder.path()).expect("folder").count(), 1);
}
