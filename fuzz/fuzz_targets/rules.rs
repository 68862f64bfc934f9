//! libFuzzer's door to [`incydr_fuzz::rules`].

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| incydr_fuzz::rules::check(input));
