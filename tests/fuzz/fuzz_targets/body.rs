#![no_main]
//! A body, behind its media type in the first line.

use libfuzzer_sys::fuzz_target;

mod bench;

fuzz_target!(|input: &[u8]| bench::with(|bench| bench.body(input)));
