//! What must hold for any input from outside, one module per target.
//!
//! Each `check` takes arbitrary bytes and fails an assertion where a promise is broken. Two callers feed it: the fuzz
//! targets of `cargo xtask fuzz` with inputs that libFuzzer invents, and `tests/corpora.rs` with the inputs that are
//! kept in `corpus/`, on any toolchain and in every CI run.
//!
//! Not for: saying what the right answer is. The crates' own tests do that.

#![forbid(unsafe_code)]

pub mod page_decoder;
pub mod retry_after;
pub mod source_json;
pub mod sumo_headers;

/// What a target's inputs are given to.
pub type Check = fn(&[u8]);

/// All targets by the names of their corpora.
pub const TARGETS: [(&str, Check); 4] = [
    ("page_decoder", page_decoder::check),
    ("retry_after", retry_after::check),
    ("source_json", source_json::check),
    ("sumo_headers", sumo_headers::check),
];
