//! libFuzzer's door to [`incydr_fuzz::page_decoder`].

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| incydr_fuzz::page_decoder::check(input));
