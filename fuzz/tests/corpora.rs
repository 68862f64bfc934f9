//! Every kept input still passes. What a fuzzer once found, or would need long to find, is tried in every CI run.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use incydr_fuzz::{Check, TARGETS, page_decoder, retry_after, rules, source_json, sumo_headers};

fn corpora() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

fn check_corpus(name: &str, check: Check) -> io::Result<()> {
    let mut inputs = 0;
    for entry in fs::read_dir(corpora().join(name))? {
        let path = entry?.path();
        // Shown only if the check fails.
        println!("{}", path.display());
        check(&fs::read(&path)?);
        inputs += 1;
    }
    assert!(inputs >= 10, "the corpus of {name} has only {inputs} inputs");
    Ok(())
}

#[test]
fn the_page_decoder_holds_for_its_corpus() -> io::Result<()> {
    check_corpus("page_decoder", page_decoder::check)
}

#[test]
fn retry_after_holds_for_its_corpus() -> io::Result<()> {
    check_corpus("retry_after", retry_after::check)
}

#[test]
fn the_rules_hold_for_their_corpus() -> io::Result<()> {
    check_corpus("rules", rules::check)
}

#[test]
fn the_source_json_holds_for_its_corpus() -> io::Result<()> {
    check_corpus("source_json", source_json::check)
}

#[test]
fn the_sumo_headers_hold_for_their_corpus() -> io::Result<()> {
    check_corpus("sumo_headers", sumo_headers::check)
}

#[test]
fn every_corpus_belongs_to_a_target() -> io::Result<()> {
    for entry in fs::read_dir(corpora())? {
        let name = entry?.file_name();
        assert!(TARGETS.contains(&name.to_string_lossy().as_ref()), "{name:?} belongs to no target");
    }
    Ok(())
}
