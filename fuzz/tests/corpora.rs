//! Every kept input still passes. What a fuzzer once found, or would need long to find, is tried in every CI run.

use std::fs;
use std::path::Path;

use incydr_fuzz::{Check, TARGETS};

fn check_corpus(name: &str) {
    let (_, check): (_, Check) = TARGETS.into_iter().find(|(target, _)| *target == name).expect("a target");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    let mut inputs = 0;
    for entry in fs::read_dir(folder).expect("a corpus") {
        let path = entry.expect("an entry").path();
        // Shown only if the check fails.
        println!("{}", path.display());
        check(&fs::read(&path).expect("an input"));
        inputs += 1;
    }
    assert!(inputs >= 10, "the corpus of {name} has only {inputs} inputs");
}

#[test]
fn the_page_decoder_holds_for_its_corpus() {
    check_corpus("page_decoder");
}

#[test]
fn retry_after_holds_for_its_corpus() {
    check_corpus("retry_after");
}

#[test]
fn the_source_json_holds_for_its_corpus() {
    check_corpus("source_json");
}

#[test]
fn the_sumo_headers_hold_for_their_corpus() {
    check_corpus("sumo_headers");
}

#[test]
fn every_corpus_belongs_to_a_target() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for entry in fs::read_dir(folder).expect("the corpora") {
        let name = entry.expect("an entry").file_name();
        assert!(TARGETS.iter().any(|(target, _)| name == *target), "{name:?} belongs to no target");
    }
}
