#![no_main]
//! Arbitrary bytes as calls that teach path templates, and as a state that was kept.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| apitap::endpoints::fuzz::learn(bytes));
