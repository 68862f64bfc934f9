//! `--sync-sources`: a folder of files that the sources of a collector follow.

use serde_json::Value;

use crate::daemon::{ALLOW, Daemon, refusal, source_json, told};

const LIST: [&str; 3] = ["sources", "list", "incydr"];

fn names(list: &Value) -> Vec<String> {
    let sources = list["sources"].as_array().expect("a list");
    let staying = sources.iter().filter(|source| source["state"]["state"] != "Stopping");
    staying.map(|source| source["name"].as_str().expect("a name").to_owned()).collect()
}

#[test]
fn sources_appear_change_and_vanish_with_their_files() {
    let folder = tempfile::tempdir().expect("folder");
    let files = folder.path().join("sources");
    std::fs::create_dir(&files).expect("folder");
    std::fs::write(files.join("a.json"), source_json("one", "s")).expect("write");
    let mut daemon = Daemon::start(&folder, &[&ALLOW[..], &["--sync-sources", "sources"]].concat());
    daemon.hear(&["source created out of its file", "one"]);
    let id = daemon.json(&LIST)["sources"][0]["id"].clone();

    let two = format!("{{\"sources\": [{}, {}]}}", source_json("two", "s"), source_json("three", "s"));
    std::fs::write(files.join("b.json"), two).expect("write");
    daemon.hear(&["source created out of its file", "three"]);
    std::fs::write(files.join("a.json"), source_json("one", "s").replace("\"code42\"", "\"new\""))
        .expect("write");
    daemon.hear(&["source updated out of its file", "one"]);
    let list = daemon.json(&LIST);
    assert_eq!(names(&list), ["one", "two", "three"]);
    assert_eq!((&list["sources"][0]["category"], &list["sources"][0]["id"]), (&"new".into(), &id));

    std::fs::write(files.join("b.json"), "{").expect("write");
    daemon.hear(&["sources cannot be brought in step", "b.json"]);
    std::fs::remove_file(files.join("a.json")).expect("remove");
    std::fs::write(files.join("c.json"), source_json("four", "s")).expect("write");
    daemon.hear(&["source created out of its file", "four"]);
    assert_eq!(names(&daemon.json(&LIST)).len(), 4, "while a file is broken nothing is deleted");
    std::fs::remove_file(files.join("b.json")).expect("remove");
    for _ in ["one", "two", "three"] {
        daemon.hear(&["source is being deleted, for no file has it any more"]);
    }
    assert_eq!(names(&daemon.json(&LIST)), ["four"]);
    let log = daemon.end();
    assert_eq!(log.matches("cannot be brought in step").count(), 1, "{log}");
}

#[test]
fn what_files_say_cannot_be_changed_over_the_api() {
    let folder = tempfile::tempdir().expect("folder");
    std::fs::create_dir(folder.path().join("sources")).expect("folder");
    std::fs::write(folder.path().join("sources/a.json"), source_json("one", "s")).expect("write");
    let mut daemon = Daemon::start(&folder, &[&ALLOW[..], &["--sync-sources", "sources"]].concat());
    daemon.hear(&["source created out of its file"]);
    std::fs::write(folder.path().join("other.json"), source_json("other", "s")).expect("write");
    for verb in [
        &["sources", "create", "incydr", "--file", "other.json"][..],
        &["sources", "update", "incydr", "one", "--file", "other.json"],
        &["sources", "delete", "incydr", "one"],
        &["collectors", "delete", "incydr"],
    ] {
        assert!(refusal(&daemon.run(verb), 1).contains("JSON mode"), "{verb:?}");
    }
    told(&daemon.run(&["sources", "restart", "incydr", "one"]));
}

#[test]
fn a_collector_that_is_managed_over_the_api_is_left_alone() {
    let folder = tempfile::tempdir().expect("folder");
    let daemon = Daemon::start(&folder, &ALLOW);
    let pair = daemon.pair.clone();
    std::fs::write(folder.path().join("mine.json"), source_json("mine", "s")).expect("write");
    told(&daemon.run(&["collectors", "create", "incydr"]));
    told(&daemon.run(&["sources", "create", "incydr", "--file", "mine.json"]));
    daemon.end();
    std::fs::create_dir(folder.path().join("sources")).expect("folder");
    let arguments = [&ALLOW[..], &["--sync-sources", "sources"]].concat();
    let mut daemon = Daemon::start_again(&folder, &arguments, Some(pair));
    daemon.hear(&["managed over the API"]);
    assert_eq!(names(&daemon.json(&LIST)), ["mine"]);
}

/// F70.
#[test]
fn a_secret_that_is_rotated_in_its_file_is_used_soon_after() {
    let folder = tempfile::tempdir().expect("folder");
    std::fs::create_dir(folder.path().join("sources")).expect("folder");
    std::fs::write(folder.path().join("secret"), "canary-one").expect("write");
    std::fs::write(folder.path().join("sources/a.json"), source_json("one", "file:secret")).expect("write");
    let mut daemon = Daemon::start(&folder, &[&ALLOW[..], &["--sync-sources", "sources"]].concat());
    daemon.hear(&["source created out of its file"]);
    std::fs::write(folder.path().join("secret"), "canary-two").expect("write");
    daemon.hear(&["source updated out of its file"]);
    let log = daemon.end();
    assert!(!log.contains("canary"), "{log}");
}
