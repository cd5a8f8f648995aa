#![no_main]
//! Arbitrary bytes as a segment of the spool.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| apitap::sink::spool::fuzz(bytes));
