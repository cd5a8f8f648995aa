#![no_main]
//! Arbitrary bytes, read as a capture of either format.

use apitap::capture::{pcap, pcapng};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(mut reader) = pcap::Reader::new(bytes) {
        while let Ok(Some(_)) = reader.next() {}
    }
    if let Ok(mut reader) = pcapng::Reader::new(bytes) {
        while let Ok(Some(_)) = reader.next() {}
    }
});
