//! libFuzzer's door to [`incydr_fuzz::source_json`].

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| incydr_fuzz::source_json::check(input));
