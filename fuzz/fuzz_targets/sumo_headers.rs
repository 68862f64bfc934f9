//! libFuzzer's door to [`incydr_fuzz::sumo_headers`].

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| incydr_fuzz::sumo_headers::check(input));
