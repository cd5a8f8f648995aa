#![no_main]
//! Any bytes as packets: the first four choose link type and wire length. Each packet is counted once, and one look at the
//! usual packet tells what a walk through it does.

use apitap::capture::{LinkType, Packet};
use apitap::decap::{Config, Decap, Segment, SegmentMeta};
use apitap::time::Timestamp;

/// A segment, to be compared.
fn seen(segment: &Segment<'_>) -> impl std::fmt::Debug + PartialEq + use<> {
    let SegmentMeta { time, ordinal, flow, envelope, mac, interface, .. } = segment.meta;
    let SegmentMeta { seq, ack, flags, missing, transport, .. } = segment.meta;
    let numbers = (seq, ack, flags, missing, transport);
    (time, ordinal, flow, envelope, mac, interface, numbers, segment.payload.to_vec())
}

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let [mut decap, mut walking] = [0, 1].map(|_| Decap::new(&Config::default()));
    let mut pushed = 0;
    // Packets are split at a marker, so that fragments and their duplicates are within reach.
    for (millis, packet) in (0_u64..).zip(input.split(|octet| *octet == 0xa5)) {
        let [a, b, c, d, data @ ..] = packet else { continue };
        let original_len = u32::try_from(data.len())
            .unwrap_or(u32::MAX)
            .saturating_add(u16::from_be_bytes([*c, *d]).into());
        let time = Timestamp::from_nanos(millis.wrapping_mul(1_000_000));
        let link = LinkType(u16::from_be_bytes([*a, *b]));
        let packet = Packet { time, link, interface: 0, original_len, data };
        let [mut one, mut other] = [None, None];
        let told = decap.push(&packet, millis, &mut |segment| {
            assert!(segment.payload.len() <= input.len());
            assert!(one.replace(seen(&segment)).is_none());
        });
        let want =
            walking.walk_through(&packet, millis, &mut |segment| other = Some(seen(&segment)));
        assert_eq!((told, one), (want, other));
        pushed += 1;
    }
    assert_eq!(decap.counts().packets(), pushed);
    assert_eq!(decap.counts(), walking.counts());
});
