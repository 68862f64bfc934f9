//! A daemon that speaks TLS, and the verbs that talk to it.

use rcgen::{CertifiedKey, generate_simple_self_signed};

use crate::daemon::{Daemon, refusal, told};

#[test]
fn the_verbs_speak_tls_with_a_daemon_whose_certificate_they_trust() {
    let folder = tempfile::tempdir().expect("folder");
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    std::fs::write(folder.path().join("server.pem"), cert.pem()).expect("write");
    std::fs::write(folder.path().join("server.key"), signing_key.serialize_pem()).expect("write");
    let text = "[tls]\ncertificates = \"server.pem\"\nkey = \"server.key\"\n";
    std::fs::write(folder.path().join("collector.toml"), text).expect("write");
    let daemon = Daemon::start(&folder, &["--config", "collector.toml"]);
    let create = ["collectors", "create", "office"];
    assert!(refusal(&daemon.run(&create), 2).contains("certificate"));
    let trusting = daemon.command(&create).env("SSL_CERT_FILE", "server.pem").output().expect("runs");
    assert!(told(&trusting).contains("office"));
}
