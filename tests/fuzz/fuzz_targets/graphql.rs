#![no_main]
//! A GraphQL request.

use libfuzzer_sys::fuzz_target;

mod bench;

fuzz_target!(|input: &[u8]| bench::with(|bench| bench.graphql(input)));
