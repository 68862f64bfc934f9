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
pub mod rules;
pub mod source_json;
pub mod sumo_headers;

/// What a target's inputs are given to.
pub type Check = fn(&[u8]);

/// The names of all targets and of their corpora.
pub const TARGETS: [&str; 5] = ["page_decoder", "retry_after", "rules", "source_json", "sumo_headers"];
