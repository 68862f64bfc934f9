//! What is done while the daemon is stopped.

use crate::daemon::{ALLOW, Daemon, Pair, program, refusal, source_json, told};

#[test]
fn an_operator_who_lost_all_keys_gets_a_new_one_while_the_daemon_is_stopped() {
    let folder = tempfile::tempdir().expect("folder");
    let reset = |more: &[&str]| {
        program(folder.path())
            .args(["reset-access", "--data-dir", "data"])
            .args(more)
            .current_dir(folder.path())
            .output()
            .expect("runs")
    };
    assert!(refusal(&reset(&[]), 1).contains("keeps no state"));
    let daemon = Daemon::start(&folder, &[]);
    let lost = daemon.pair.clone();
    assert!(refusal(&reset(&[]), 1).contains("in use"));
    daemon.end();
    let fresh = Pair::of(&told(&reset(&["--revoke-others"]))).expect("a key");
    let daemon = Daemon::start_again(&folder, &[], Some(fresh));
    told(&daemon.run(&["collectors", "list"]));
    let with_lost = daemon
        .command(&["collectors", "list"])
        .env("INCYDR_ACCESS_ID", lost.id)
        .env("INCYDR_ACCESS_KEY", lost.key)
        .output()
        .expect("runs");
    refusal(&with_lost, 1);
}

#[test]
fn the_key_of_the_vault_is_rotated_and_sources_start_with_the_new_one() {
    let folder = tempfile::tempdir().expect("folder");
    let daemon = Daemon::start(&folder, &ALLOW);
    let pair = daemon.pair.clone();
    std::fs::write(folder.path().join("code42.json"), source_json("Code42", "s")).expect("write");
    told(&daemon.run(&["collectors", "create", "office"]));
    told(&daemon.run(&["sources", "create", "office", "--file", "code42.json"]));
    daemon.end();
    let key = || std::fs::read(folder.path().join("data/vault.key")).expect("the key");
    let before = key();
    let rotate = program(folder.path())
        .args(["rotate-vault-key", "--data-dir", "data"])
        .current_dir(folder.path())
        .output()
        .expect("runs");
    assert!(told(&rotate).contains("sealed by the key"));
    assert_ne!(key(), before);
    let daemon = Daemon::start_again(&folder, &ALLOW, Some(pair));
    let list = daemon.json(&["sources", "list", "office"]);
    assert_ne!(list["sources"][0]["state"]["errorType"], "THIRD-PARTY-CONFIG", "{list:#}");
}
