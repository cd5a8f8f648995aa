#![no_main]
//! A value: what one look tells of it is what its octets tell, and no detector is kept from what it finds.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| apitap::redact::fuzz::look(text));
