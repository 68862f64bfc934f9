//! libFuzzer's door to [`incydr_fuzz::retry_after`].

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| incydr_fuzz::retry_after::check(input));
