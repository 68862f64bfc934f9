//! The verbs that manage a running daemon.

use crate::daemon::{ALLOW, Daemon, Pair, program, refusal, source_json, told};

#[test]
fn collectors_are_managed_by_name_or_number() {
    let folder = tempfile::tempdir().expect("folder");
    let daemon = Daemon::start(&folder, &[]);
    assert!(told(&daemon.run(&["collectors", "list"])).contains("There are no collectors"));
    let create = ["collectors", "create", "Büro 1", "--category", "sec", "--field", "team=ir"];
    assert!(told(&daemon.run(&create)).contains("team=ir"));
    told(&daemon.run(&["collectors", "update", "Büro 1", "--description", "the first"]));
    let shown = daemon.json(&["collectors", "show", "Büro 1"]);
    assert_eq!(shown["collector"]["description"], "the first");
    assert_eq!(shown["collector"]["category"], "sec", "what was not named stays");
    let id = shown["collector"]["id"].to_string();
    told(&daemon.run(&["collectors", "update", &id, "--name", "office"]));
    let table = told(&daemon.run(&["collectors", "list"]));
    let mut lines = table.lines();
    assert!(lines.next().is_some_and(|head| head.contains("ID") && head.contains("NAME")), "{table}");
    assert!(lines.next().is_some_and(|row| row.contains("office")), "{table}");
    told(&daemon.run(&["collectors", "delete", "office"]));
    refusal(&daemon.run(&["collectors", "show", &id]), 1);
}

#[test]
fn sources_are_managed_and_secrets_of_a_file_are_fetched_here() {
    let folder = tempfile::tempdir().expect("folder");
    let mut daemon = Daemon::start(&folder, &ALLOW);
    told(&daemon.run(&["collectors", "create", "office"]));
    let file = folder.path().join("code42.json");
    std::fs::write(&file, source_json("Code42", "env:SECRET_OF_THIS_TEST")).expect("write");
    let create = ["sources", "create", "office", "--file", "code42.json"];
    assert!(refusal(&daemon.run(&create), 1).contains("SECRET_OF_THIS_TEST"));
    told(&daemon.command(&create).env("SECRET_OF_THIS_TEST", "canary-7f3a").output().expect("runs"));
    let shown = told(&daemon.run(&["sources", "show", "office", "Code42", "--output", "json"]));
    assert!(shown.contains("********") && !shown.contains("canary"), "{shown}");

    std::fs::write(&file, source_json("Renamed", "********")).expect("write");
    told(&daemon.run(&["sources", "update", "office", "Code42", "--file", "code42.json"]));
    assert!(told(&daemon.run(&["sources", "list", "office"])).contains("Renamed"));
    told(&daemon.run(&["sources", "restart", "office", "Renamed"]));
    assert!(told(&daemon.run(&["sources", "delete", "office", "Renamed"])).contains("stopping"));
    daemon.hear(&["source deleted", "Renamed"]);
    assert!(told(&daemon.run(&["sources", "list", "office"])).contains("no sources"));
    let absent = refusal(&daemon.run(&["sources", "show", "office", "Renamed"]), 1);
    assert!(absent.contains("no source `Renamed`"), "{absent}");
}

#[test]
fn credentials_are_needed_and_never_stand_in_the_arguments() {
    let folder = tempfile::tempdir().expect("folder");
    let daemon = Daemon::start(&folder, &[]);
    let without =
        daemon.command(&["collectors", "list"]).env_remove("INCYDR_ACCESS_KEY").output().expect("runs");
    assert!(refusal(&without, 1).contains("--access-key-file"));
    std::fs::write(folder.path().join("key"), format!("{}\n", daemon.pair.key)).expect("write");
    let with_file = ["collectors", "list", "--access-key-file", "key", "--access-id", &daemon.pair.id];
    let output = daemon
        .command(&with_file)
        .env_remove("INCYDR_ACCESS_KEY")
        .env_remove("INCYDR_ACCESS_ID")
        .output()
        .expect("runs");
    told(&output);
    let wrong = daemon
        .command(&["collectors", "list"])
        .env("INCYDR_ACCESS_KEY", "canary-7f3a")
        .output()
        .expect("runs");
    let said = refusal(&wrong, 1);
    assert!(said.contains("Credential could not be verified") && !said.contains("canary"), "{said}");
}

#[test]
fn a_daemon_that_is_not_there_is_a_failure_and_plain_http_to_another_machine_is_a_mistake() {
    let folder = tempfile::tempdir().expect("folder");
    let run = |url: &str| {
        program(folder.path())
            .args(["collectors", "list", "--url", url, "--access-id", "su1"])
            .env("INCYDR_ACCESS_KEY", "canary-7f3a")
            .output()
            .expect("runs")
    };
    assert!(refusal(&run("http://127.0.0.1:9"), 2).contains("reaching the daemon at http://127.0.0.1:9"));
    assert!(refusal(&run("http://collector.example"), 1).contains("https"));
}

#[test]
fn more_requests_than_allowed_are_waited_out() {
    let folder = tempfile::tempdir().expect("folder");
    std::fs::write(folder.path().join("collector.toml"), "[api]\nrequests_per_second = 1").expect("write");
    let daemon = Daemon::start(&folder, &["--config", "collector.toml"]);
    for name in ["one", "two", "three"] {
        told(&daemon.run(&["collectors", "create", name]));
    }
    assert_eq!(daemon.json(&["collectors", "list"])["collectors"].as_array().map(Vec::len), Some(3));
}

#[test]
fn a_key_that_may_only_look_cannot_change_anything_and_is_worth_nothing_once_revoked() {
    let folder = tempfile::tempdir().expect("folder");
    let daemon = Daemon::start(&folder, &[]);
    let viewer = Pair::of(&told(&daemon.run(&["keys", "create", "for looking"]))).expect("a key");
    let as_viewer = |arguments: &[&str]| {
        let mut command = daemon.command(arguments);
        command
            .env("INCYDR_ACCESS_ID", &viewer.id)
            .env("INCYDR_ACCESS_KEY", &viewer.key)
            .output()
            .expect("runs")
    };
    told(&as_viewer(&["collectors", "list"]));
    refusal(&as_viewer(&["collectors", "create", "office"]), 1);
    let table = told(&daemon.run(&["keys", "list"]));
    assert!(table.contains("for looking") && table.contains(" ago"), "{table}");
    told(&daemon.run(&["keys", "revoke", &viewer.id]));
    refusal(&as_viewer(&["collectors", "list"]), 1);
}

#[test]
fn the_schema_of_fields_is_managed() {
    let folder = tempfile::tempdir().expect("folder");
    let daemon = Daemon::start(&folder, &[]);
    told(&daemon.run(&["fields", "create", "team"]));
    told(&daemon.run(&["fields", "disable", "team"]));
    assert!(told(&daemon.run(&["fields", "list"])).contains("Disabled"));
    told(&daemon.run(&["fields", "enable", "team"]));
    told(&daemon.run(&["fields", "delete", "team"]));
    assert!(told(&daemon.run(&["fields", "list"])).contains("no fields"));
    assert!(told(&daemon.run(&["fields", "dropped"])).contains("No field"));
}

#[test]
fn what_runs_and_what_is_wrong_is_seen() {
    let folder = tempfile::tempdir().expect("folder");
    let mut daemon = Daemon::start(&folder, &ALLOW);
    told(&daemon.run(&["collectors", "create", "office"]));
    std::fs::write(folder.path().join("code42.json"), source_json("Code42", "s")).expect("write");
    told(&daemon.run(&["sources", "create", "office", "--file", "code42.json"]));
    daemon.hear(&["health event opened", "Code42"]);
    told(&daemon.run(&["sources", "poll", "office", "Code42"]));
    assert!(told(&daemon.run(&["sources", "streams", "office", "Code42"])).contains("fileEvents"));
    let status = told(&daemon.run(&["status"]));
    assert!(status.contains("Code42") && status.contains("Error"), "{status}");
    told(&daemon.run(&["health", "list"]));

    let create = ["backfills", "create", "office", "Code42", "--stream", "fileEvents", "--since", "2d"];
    assert!(told(&daemon.run(&create)).contains("Running"));
    let list = daemon.json(&["backfills", "list", "office", "Code42"]);
    let number = list["backfills"][0]["id"].to_string();
    told(&daemon.run(&["backfills", "cancel", "office", "Code42", &number]));
    assert!(told(&daemon.run(&["backfills", "list", "office", "Code42"])).contains("Cancelled"));
    assert!(told(&daemon.run(&["dead-letters", "list", "office", "Code42"])).contains("no dead letters"));
    refusal(&daemon.run(&["dead-letters", "show", "office", "Code42", "1"]), 1);

    told(&daemon.run(&["sources", "delete", "office", "Code42"]));
    daemon.hear(&["source deleted"]);
    let history = told(&daemon.run(&["health", "history"]));
    assert!(history.contains("office / Code42") && history.matches(" ago").count() == 2, "{history}");
}
