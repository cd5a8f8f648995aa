//! Any segments in any order: streams stay contiguous, slots and memory within their limits.
#![no_main]

use std::collections::HashMap;
use std::net::Ipv4Addr;

use apitap::decap::{Endpoint, Envelope, Flow, LayerKind, Segment, SegmentMeta, TcpFlags};
use apitap::reassembly::{Config, Reassembler, StreamEvent, StreamEventKind};
use apitap::time::Timestamp;
use libfuzzer_sys::fuzz_target;

const HEAD: usize = 16;

fuzz_target!(|data: &[u8]| {
    let config = Config { connections_max: 8, memory_bytes_max: 1 << 14, ..Config::default() };
    let mut reassembler = Reassembler::new(&config);
    let mut reached: HashMap<u32, [u64; 2]> = HashMap::new();
    let mut emit = |event: StreamEvent<'_>| {
        let sides = reached.entry(event.id.slot).or_default();
        let (side, offset, len) = match event.kind {
            StreamEventKind::Data { side, offset, bytes, .. } => (side, offset, bytes.len() as u64),
            StreamEventKind::Gap { side, offset, len } => (side, offset, len),
            StreamEventKind::Fin { .. } => return,
            StreamEventKind::Close { .. } => {
                reached.remove(&event.id.slot);
                return;
            }
        };
        assert!(len > 0 && event.id.slot < 9);
        assert_eq!(std::mem::replace(&mut sides[side.index()], offset + len), offset);
    };
    let (mut rest, mut nanos) = (data, 0_u64);
    while let Some((head, tail)) = rest.split_at_checked(HEAD) {
        let (payload, next) = tail.split_at(usize::from(head[0]).min(tail.len()));
        nanos += u64::from(head[1]).pow(5);
        if head[2] & 8 == 0 {
            reassembler.expire(Timestamp::from_nanos(nanos), nanos, &mut emit);
        }
        reassembler.push(&Segment { meta: meta(head, nanos), payload }, &mut emit);
        assert!(reassembler.held_bytes() <= 1 << 14 && reassembler.tracked() <= 8);
        rest = next;
    }
    reassembler.finish(u64::MAX, &mut emit);
    assert!(reached.is_empty());
});

/// A segment of one of few flows, in one of few envelopes, with numbers that are often close.
fn meta(head: &[u8], nanos: u64) -> SegmentMeta {
    let port = 1000 + u16::from(head[2] & 3);
    let end = |host, port| Endpoint { ip: Ipv4Addr::new(10, 0, 0, host).into(), port };
    let up = Flow { src: end(1, port), dst: end(2, 80) };
    let number = |at: usize| match head[at] {
        255 => u32::from_be_bytes([head[at + 1], head[at + 2], head[at + 3], head[at]]),
        _ => u32::from(u16::from_be_bytes([head[at + 1] & 7, head[at + 2]])),
    };
    let mut envelope = Envelope::EMPTY;
    if head[2] & 0x30 != 0 {
        envelope.push(LayerKind::Vlan, u32::from(head[2] & 0x30));
    }
    SegmentMeta {
        time: Timestamp::from_nanos(nanos),
        ordinal: nanos,
        flow: if head[2] & 4 == 0 { up } else { up.reversed() },
        envelope,
        mac: None,
        interface: 0,
        seq: number(4),
        ack: number(8),
        flags: TcpFlags(head[3]),
        missing: u32::from(head[12] & 3),
        transport: Default::default(),
    }
}
