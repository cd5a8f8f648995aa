#![no_main]
//! Datagrams of a few flows, and time that passes: Initial packets that are protected as they should be, and anything else.

use apitap::decap::{Endpoint, Envelope, Flow, Segment, SegmentMeta, TcpFlags, Transport};
use apitap::time::Timestamp;
use apitap::tls::{Config, Tls};
use ring::{aead, hkdf};

const SALT: [u8; 20] = [
    0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad,
    0xcc, 0xbb, 0x7f, 0x0a,
];
/// The client's first destination.
const ID: [u8; 8] = [1, 2, 3, 4, 5, 6, 7, 8];

struct Len(usize);

impl hkdf::KeyType for Len {
    fn len(&self) -> usize {
        self.0
    }
}

fn expand(secret: &hkdf::Prk, label: &[u8], len: usize) -> Vec<u8> {
    let info = [&[0, len as u8, label.len() as u8][..], label, &[0]];
    let mut out = vec![0; len];
    secret.expand(&info, Len(len)).and_then(|okm| okm.fill(&mut out)).expect("short enough");
    out
}

/// An Initial packet of version 1 with these frames (RFC 9001 §5).
fn initial(up: bool, number: u8, frames: &[u8]) -> Vec<u8> {
    let initial = hkdf::Salt::new(hkdf::HKDF_SHA256, &SALT).extract(&ID);
    let label: &[u8] = if up { b"tls13 client in" } else { b"tls13 server in" };
    let secret = hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, &expand(&initial, label, 32));
    let key = aead::UnboundKey::new(&aead::AES_128_GCM, &expand(&secret, b"tls13 quic key", 16));
    let key = aead::LessSafeKey::new(key.expect("as long as it is"));
    let mut nonce: [u8; 12] = expand(&secret, b"tls13 quic iv", 12).try_into().expect("twelve");
    nonce[11] ^= number;
    // A tag, and enough for a sample.
    let mut sealed = frames.to_vec();
    sealed.resize(frames.len().max(4), 0);
    let len = (sealed.len() as u16 + 17 | 0x4000).to_be_bytes();
    let ids: &[u8] = if up { &[8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0] } else { &[0, 4, 9, 9, 9, 9, 0] };
    let header = [&[0xc0, 0, 0, 0, 1][..], ids, &len, &[number]].concat();
    let nonce = aead::Nonce::assume_unique_for_key(nonce);
    let aad = aead::Aad::from(&header);
    key.seal_in_place_append_tag(nonce, aad, &mut sealed).expect("short");
    let hidden = expand(&secret, b"tls13 quic hp", 16);
    let hidden = aead::quic::HeaderProtectionKey::new(&aead::quic::AES_128, &hidden);
    let mut packet = [&header[..], &sealed].concat();
    let at = header.len() - 1;
    let mask = hidden.and_then(|key| key.new_mask(&packet[at + 4..at + 20])).expect("sixteen");
    packet[0] ^= mask[0] & 0x0f;
    packet[at] ^= mask[1];
    packet
}

/// Datagrams end at 0xfe. The first octet of each says of which flow and side it is, and whether part of it was not captured; the
/// second of how many octets each Initial packet in it is made, from 128 on of all there are, or that it is as it is.
fn datagram(input: &[u8], second: u64) -> Option<(u8, Vec<u8>)> {
    let [head, len, rest @ ..] = input else { return None };
    if *len == 0 {
        return Some((*head, rest.to_vec()));
    }
    let (up, len) = (head & 0x40 == 0, if *len < 128 { usize::from(*len) } else { usize::MAX });
    let packets = rest.chunks(len).take(8).zip(0_u8..);
    let packets = packets.map(|(frames, nth)| {
        let frames = &frames[..frames.len().min(1500)];
        initial(up, (second as u8).wrapping_mul(8).wrapping_add(nth), frames)
    });
    Some((*head, packets.collect::<Vec<_>>().concat()))
}

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let mut tls = Tls::new(&Config { quic_connections_max: 16, ..Config::default() });
    let (mut told, mut sent) = (0, 0);
    for (second, input) in (0..).zip(input.split(|octet| *octet == 0xfe)) {
        let Some((head, payload)) = datagram(input, second) else { continue };
        sent += 1;
        let end = |host, port| Endpoint { ip: [192, 0, 2, host].into(), port };
        let flow = Flow { src: end(1, u16::from(head & 0x3f)), dst: end(2, 443) };
        let time = Timestamp::new(second, 0);
        let meta = SegmentMeta {
            time,
            ordinal: second,
            flow: if head & 0x40 == 0 { flow } else { flow.reversed() },
            envelope: Envelope::EMPTY,
            mac: None,
            interface: 0,
            seq: 0,
            ack: 0,
            flags: TcpFlags::default(),
            missing: u32::from(head >> 7),
            transport: Transport::Udp,
        };
        tls.datagram(&Segment { meta, payload: &payload });
        tls.expire(time, second, &mut |_| told += 1);
    }
    tls.finish(&mut |_| told += 1);
    assert!(told <= 2 * sent);
});
