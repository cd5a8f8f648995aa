#![no_main]
//! Frames of HTTP/2 of both ends, in any segments, with gaps.

use apitap::reassembly::Side;

mod line;
mod script;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

libfuzzer_sys::fuzz_target!(|input: &[u8]| line::check(&[(Side::A, PREFACE)], 1, input));
