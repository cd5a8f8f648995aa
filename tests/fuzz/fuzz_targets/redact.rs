#![no_main]
//! A call: target, header fields and body in lines.

use libfuzzer_sys::fuzz_target;

mod bench;

fuzz_target!(|input: &[u8]| bench::with(|bench| bench.redact(input)));
