#![no_main]
//! What both ends say in HTTP/1, in any segments, with gaps.

mod line;
mod script;

libfuzzer_sys::fuzz_target!(|input: &[u8]| line::check(&[], 64, input));
