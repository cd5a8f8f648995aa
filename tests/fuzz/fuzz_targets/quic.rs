#![no_main]
//! Arbitrary datagrams of a few flows, as decapsulation hands them on, and time that passes.

use apitap::decap::{Endpoint, Envelope, Flow, Segment, SegmentMeta, TcpFlags, Transport};
use apitap::time::Timestamp;
use apitap::tls::{Config, Tls};

libfuzzer_sys::fuzz_target!(|input: Vec<(u8, Vec<u8>)>| {
    let mut tls = Tls::new(&Config { quic_connections_max: 16, ..Config::default() });
    let mut told = 0;
    for (second, (head, payload)) in (0..).zip(&input) {
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
        tls.datagram(&Segment { meta, payload });
        tls.expire(time, second, &mut |_| told += 1);
    }
    tls.finish(&mut |_| told += 1);
    assert!(told <= 2 * input.len());
});
