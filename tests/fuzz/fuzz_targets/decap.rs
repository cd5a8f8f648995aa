#![no_main]
//! Any bytes as packets: the first four choose link type and wire length, each packet is counted once.

use apitap::capture::{LinkType, Packet};
use apitap::decap::{Config, Decap};
use apitap::time::Timestamp;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let mut decap = Decap::new(&Config::default());
    let mut pushed = 0;
    // Packets are split at a marker, so that fragments and their duplicates are within reach.
    for (millis, packet) in (0_u64..).zip(input.split(|octet| *octet == 0xa5)) {
        let [a, b, c, d, data @ ..] = packet else { continue };
        let original_len = u32::try_from(data.len())
            .unwrap_or(u32::MAX)
            .saturating_add(u16::from_be_bytes([*c, *d]).into());
        let time = Timestamp::from_nanos(millis.wrapping_mul(1_000_000));
        let link = LinkType(u16::from_be_bytes([*a, *b]));
        decap.push(
            &Packet { time, link, interface: 0, original_len, data },
            millis,
            &mut |segment| {
                assert!(segment.payload.len() <= input.len());
            },
        );
        pushed += 1;
    }
    assert_eq!(decap.counts().packets(), pushed);
});
