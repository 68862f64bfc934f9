//! `collector.toml`, `config` and what wins over what.

use crate::daemon::{Daemon, program, refusal, told};

#[test]
fn config_prints_a_file_that_can_be_read_again_and_options_win_over_it() {
    let folder = tempfile::tempdir().expect("folder");
    let config = |arguments: &[&str]| {
        program(folder.path())
            .arg("config")
            .args(arguments)
            .current_dir(folder.path())
            .output()
            .expect("runs")
    };
    let printed =
        told(&config(&["--listen", "127.0.0.1:9999", "--to", "file:events", "--log-level", "warn"]));
    std::fs::write(folder.path().join("collector.toml"), &printed).expect("write");
    assert_eq!(told(&config(&["--config", "collector.toml"])), printed);
    let changed = told(&config(&["--config", "collector.toml", "--listen", "127.0.0.1:1111"]));
    assert!(
        changed.contains("listen = \"127.0.0.1:1111\"") && changed.contains("level = \"warn\""),
        "{changed}"
    );
}

#[test]
fn the_address_of_a_destination_is_masked() {
    let folder = tempfile::tempdir().expect("folder");
    let to = "https://h.example/receiver/v1/http/canary-7f3a";
    let output = program(folder.path()).args(["config", "--to", to]).output().expect("runs");
    let printed = told(&output);
    assert!(printed.contains("/receiver/v1/http/********") && !printed.contains("canary"), "{printed}");
}

#[test]
fn a_mistake_in_the_file_is_one_sentence_and_nothing_is_started() {
    let folder = tempfile::tempdir().expect("folder");
    for (text, named) in [
        ("lissen = \"127.0.0.1:0\"", "`lissen`"),
        ("[limits]\ncollectors = \"many\"", "`limits.collectors`"),
        ("[[destinations]]\nto = \"kafka:topic\"", "kafka:topic"),
        ("[tls]\ncertificates = \"absent.pem\"\nkey = \"absent.key\"", "absent.pem"),
        ("listen = \"0.0.0.0:0\"", "TLS"),
    ] {
        std::fs::write(folder.path().join("collector.toml"), text).expect("write");
        let output = program(folder.path())
            .args(["run", "--config", "collector.toml", "--data-dir", "data"])
            .current_dir(folder.path())
            .output()
            .expect("runs");
        let said = refusal(&output, 1);
        assert!(said.contains(named) && said.starts_with("error: "), "{said}");
        assert!(!folder.path().join("data").exists(), "{text}");
    }
    let absent = program(folder.path()).args(["run", "--config", "absent.toml"]).output().expect("runs");
    assert!(refusal(&absent, 1).contains("`--config absent.toml`"));
}

#[test]
fn a_daemon_runs_as_its_file_says() {
    let folder = tempfile::tempdir().expect("folder");
    let text = "[[destinations]]\nto = \"file:events\"\n[limits]\ncollectors = 1\n[log]\nformat = \"json\"\n";
    std::fs::write(folder.path().join("collector.toml"), text).expect("write");
    let daemon = Daemon::start(&folder, &["--config", "collector.toml"]);
    told(&daemon.run(&["collectors", "create", "one"]));
    refusal(&daemon.run(&["collectors", "create", "two"]), 1);
    let log = daemon.end();
    assert!(log.lines().count() > 0 && log.lines().all(|line| line.starts_with('{')), "{log}");
}

#[test]
fn the_key_of_the_vault_may_be_in_a_variable() {
    let folder = tempfile::tempdir().expect("folder");
    std::fs::write(folder.path().join("collector.toml"), "[vault]\nkey = \"env:VAULT_KEY_OF_THIS_TEST\"")
        .expect("write");
    let start = || {
        let mut command = program(folder.path());
        command
            .args(["run", "--config", "collector.toml", "--data-dir", "data", "--listen", "127.0.0.1:0"])
            .current_dir(folder.path());
        command
    };
    assert!(refusal(&start().output().expect("runs"), 1).contains("VAULT_KEY_OF_THIS_TEST"));
    let short = start().env("VAULT_KEY_OF_THIS_TEST", "abc").output().expect("runs");
    assert!(!refusal(&short, 1).contains("abc"));
    assert!(!folder.path().join("data/vault.key").exists());
}
