//! Whole connections.

use data_encoding::HEXLOWER;
use proptest::prelude::*;

use super::keys::{Keys, derive};
use super::*;
use crate::decap::{Endpoint, TcpFlags};
use crate::tls::testing::{alpn, client_hello, server_hello, server_name};

const ID: [u8; 8] = [0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08];

/// The stage, with what it told.
struct Bench {
    quic: Quic,
    counts: Counts,
    told: Vec<Session>,
    seconds: u64,
    /// What tells the next datagrams from others.
    print: u32,
}

impl Bench {
    fn new(config: &Config) -> Self {
        let quic = Quic::new(&config.clone().clamped());
        Self { quic, counts: Counts::default(), told: Vec::new(), seconds: 0, print: 0 }
    }

    /// A datagram between the client at `port` and the server.
    fn push(&mut self, port: u16, up: bool, payload: &[u8], missing: u32) {
        let end = |host, port| Endpoint { ip: [10, 0, 0, host].into(), port };
        let flow = Flow { src: end(9, port), dst: end(1, 443) };
        let meta = SegmentMeta {
            time: Timestamp::new(self.seconds, 0),
            ordinal: 0,
            flow: if up { flow } else { flow.reversed() },
            envelope: Envelope::EMPTY,
            mac: None,
            interface: 0,
            seq: self.print,
            ack: 0,
            flags: TcpFlags::default(),
            missing,
            transport: Transport::Udp,
        };
        self.quic.push(&Segment { meta, payload }, &mut self.counts);
    }

    fn expire(&mut self, seconds: u64) {
        self.seconds = seconds;
        let Self { quic, counts, told, .. } = self;
        quic.expire(Timestamp::new(seconds, 0), counts, &mut |session| told.push(session));
    }

    fn finish(mut self) -> (Vec<Session>, Counts) {
        let Self { quic, counts, told, .. } = &mut self;
        quic.finish(counts, &mut |session| told.push(session));
        assert_eq!(quic.held, 0);
        (self.told, self.counts)
    }
}

/// An Initial packet of one side with these frames.
fn initial(version: u32, keys: &Keys, number: u8, id: &[u8], frames: &[u8]) -> Vec<u8> {
    let first = if version == VERSION_2 { 0xd0 } else { 0xc0 };
    let len = u16::try_from(frames.len() + 1 + 16).unwrap() | 0x4000;
    let id_len = u8::try_from(id.len()).unwrap();
    let header = [
        &[first][..],
        &version.to_be_bytes(),
        &[id_len],
        id,
        &[0, 0],
        &len.to_be_bytes(),
        &[number],
    ];
    keys.protect(&header.concat(), 1, number.into(), frames)
}

fn crypto(offset: usize, piece: &[u8]) -> Vec<u8> {
    let [offset, len] =
        [offset, piece.len()].map(|n| (u16::try_from(n).unwrap() | 0x4000).to_be_bytes());
    [&[6][..], &offset, &len, piece].concat()
}

fn hello() -> Vec<u8> {
    let versions = (43, vec![2, 3, 4]);
    client_hello(&[], &[server_name("quic.shop.example"), alpn(&["h3"]), versions])
}

/// RFC 9001 appendix A.2 and A.3: our own packet has the tag that is printed there, and both are read.
#[test]
fn the_packets_of_the_standard() {
    let frame = "060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c\
        00000413011302010000c000000010000e00000b6578616d706c652e636f6dff01000100000a00080006001d0017\
        001800100007000504616c706e000500050100000000003300260024001d00209370b2c9caa47fbabaf4559fedba\
        753de171fa71f50f1ce15d43e994ec74d748002b0003020304000d0010000e040305030603020308040805080600\
        2d00020101001c00024001003900320408ffffffffffffffff05048000ffff07048000ffff080110010480007530\
        0901100f088394c8f03e51570806048000ffff";
    let mut frames = HEXLOWER.decode(frame.as_bytes()).unwrap();
    frames.resize(1162, 0);
    let header = HEXLOWER.decode(b"c300000001088394c8f03e5157080000449e00000002").unwrap();
    let [client, _] = derive(1, &ID).unwrap();
    let packet = client.protect(&header, 4, 2, &frames);
    assert_eq!(packet.len(), 1200);
    assert_eq!(HEXLOWER.encode(&packet[1184..]), "e221af44860018ab0856972e194cd934");
    let answer = "cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a5816b6394100f37a1c69\
        797554780bb38cc5a99f5ede4cf73c3ec2493a1839b3dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded7\
        4b562bfb19fb84022f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca3d20398c276456cbc42158407dd074ee";
    let mut bench = Bench::new(&Config { ja4s: true, ..Config::default() });
    bench.push(5, true, &packet, 0);
    bench.push(5, false, &HEXLOWER.decode(answer.as_bytes()).unwrap(), 0);
    bench.push(5, true, &[], 700);
    bench.push(5, false, &[], 900);
    let (told, counts) = bench.finish();
    let [session] = told.as_slice() else { panic!("{}", told.len()) };
    let (hello, answer) = (session.hello.as_ref().unwrap(), session.answer.as_ref().unwrap());
    assert_eq!(hello.server_name, b"example.com");
    assert_eq!(hello.ja4.get(..10), Some("q13d0211an"));
    assert_eq!((answer.cipher, answer.group, session.version()), (0x1301, Some(29), "1.3"));
    assert_eq!(answer.ja4s.get(..13), Some("q130200_1301_"));
    assert_eq!((session.bytes, session.agreed, session.quic_version), ([1900, 1035], true, "1"));
    assert_eq!(
        (counts.quic_sessions, counts.quic_bytes, counts.quic_initials_unread),
        (1, 2935, 0)
    );
}

#[test]
fn copies_are_not_counted() {
    let [client, _] = derive(1, &ID).unwrap();
    let packet = initial(1, &client, 0, &ID, &crypto(0, &hello()));
    let mut bench = Bench::new(&Config::default());
    for print in [1, 1, 2, 2, 3, 2, 3] {
        bench.print = print;
        match print {
            1 => bench.push(5, true, &packet, 0),
            _ => bench.push(5, print == 2, &[], 700),
        }
    }
    let (told, counts) = bench.finish();
    let sent = packet.len() as u64;
    assert_eq!((told[0].bytes, counts.quic_bytes), ([sent + 700, 700], sent + 1400));
}

/// As browsers do on purpose: pieces out of order over several packets, with PING and PADDING between.
#[test]
fn scattered_hellos_are_put_together() {
    let hello = hello();
    for version in [VERSION_1, VERSION_2, 0xff00_001d] {
        let [client, _] = derive(version, &ID).unwrap();
        let piece = |from: usize, to: usize| crypto(from, &hello[from..to]);
        let end = hello.len();
        let first = [&[0, 0, 1][..], &piece(60, end), &[1, 0], &piece(10, 30)].concat();
        let second = [&[2, 0, 0, 0, 0][..], &piece(25, 65), &[1], &piece(0, 10), &[0; 9]].concat();
        // Two packets in one datagram, and what is no packet behind them.
        let datagram = [
            initial(version, &client, 1, &ID, &first),
            initial(version, &client, 0, &ID, &second),
            vec![0; 40],
        ];
        let mut bench = Bench::new(&Config::default());
        bench.push(5, true, &datagram.concat(), 0);
        let (told, _) = bench.finish();
        assert_eq!(
            told[0].hello.as_ref().unwrap().server_name,
            b"quic.shop.example",
            "{version:x}"
        );
    }
}

/// RFC 9000 §8.1.2: after a Retry the keys follow from the id that the server chose.
#[test]
fn keys_change_with_a_retry() {
    let (hello, other) = (hello(), [7_u8; 12]);
    let mut bench = Bench::new(&Config::default());
    let [client, _] = derive(1, &ID).unwrap();
    bench.push(5, true, &initial(1, &client, 0, &ID, &crypto(0, &hello[..50])), 0);
    let [client, server] = derive(1, &other).unwrap();
    bench.push(5, true, &initial(1, &client, 1, &other, &crypto(0, &hello)), 0);
    let answer = server_hello(0x1302, &[], &[(43, vec![3, 4])]);
    bench.push(5, false, &initial(1, &server, 0, &[], &crypto(0, &answer)), 0);
    let (told, _) = bench.finish();
    assert_eq!(told[0].hello.as_ref().unwrap().server_name, b"quic.shop.example");
    assert_eq!(told[0].answer.as_ref().unwrap().cipher, 0x1302);
}

/// The hello is whole before the Retry, which is short of its token here; and before a server that knows no version 2.
#[test]
fn keys_change_after_a_whole_hello() {
    let (hello, other) = (hello(), [7_u8; 12]);
    let answer = server_hello(0x1302, &[], &[(43, vec![3, 4])]);
    let retry = [0xf0, 0, 0, 0, 1, 0];
    for (first, id, between) in [(1, &other[..], &retry[..]), (VERSION_2, &ID, &[])] {
        let mut bench = Bench::new(&Config::default());
        let [client, _] = derive(first, &ID).unwrap();
        bench.push(5, true, &initial(first, &client, 0, &ID, &crypto(0, &hello)), 0);
        bench.push(5, false, between, 120);
        let [client, server] = derive(1, id).unwrap();
        bench.push(5, true, &initial(1, &client, 1, id, &crypto(0, &hello)), 0);
        bench.push(5, false, &initial(1, &server, 0, &[], &crypto(0, &answer)), 0);
        let (told, counts) = bench.finish();
        assert_eq!(told[0].answer.as_ref().unwrap().cipher, 0x1302, "from {first:x}");
        assert_eq!((told[0].retried, told[0].quic_version), (!between.is_empty(), "1"));
        assert_eq!(counts.quic_initials_unread, 0);
    }
}

/// Clients have one socket for many connections: each is told, and what belongs to one that is followed is not another.
#[test]
fn connections_follow_one_another_on_a_flow() {
    let named = |name: &str, random| {
        let mut hello = client_hello(&[], &[server_name(name), (43, vec![2, 3, 4])]);
        hello[6..38].fill(random);
        hello
    };
    let alone = [1, 2].map(|random| named("d.example", random));
    let answer = server_hello(0x1302, &[], &[(43, vec![3, 4])]);
    let mut bench = Bench::new(&Config::default());
    // The first comes again behind its Retry, as does an acknowledgement to the id that the server chose.
    let [client, _] = derive(1, &[3; 8]).unwrap();
    let first = initial(1, &client, 0, &[3; 8], &crypto(0, &named("a.example", 1)));
    bench.push(5, true, &first, 0);
    bench.push(5, false, &[0xf0, 0, 0, 0, 1, 0], 120);
    for (name, random, id) in
        [("a.example", 1, [4; 8]), ("b.example", 2, [5; 8]), ("c.example", 3, [6; 8])]
    {
        let [client, server] = derive(1, &id).unwrap();
        bench.push(5, true, &initial(1, &client, 1, &id, &crypto(0, &named(name, random))), 0);
        bench.push(5, false, &initial(1, &server, 0, &[], &crypto(0, &answer)), 0);
        bench.push(5, true, &initial(1, &client, 2, &[9; 8], &[1, 0, 0, 0]), 0);
        if random == 1 {
            bench.push(5, true, &first, 0);
        }
        bench.push(5, true, &[], 700);
        bench.push(5, false, &[], 900);
    }
    bench.expire(1);
    assert_eq!(bench.told.len(), 2, "what is over is told at once");
    let (told, counts) = bench.finish();
    let seen = |session: &Session| {
        let name = String::from_utf8(session.hello.as_ref().unwrap().server_name.clone()).unwrap();
        (name, session.agreed, session.retried, session.answer.is_some())
    };
    let told: Vec<_> = told.iter().map(seen).collect();
    let named = |name: &str, retried| (name.to_owned(), true, retried, true);
    assert_eq!(
        told,
        [named("a.example", true), named("b.example", false), named("c.example", false)]
    );
    assert_eq!((counts.quic_sessions, counts.quic_initials_unread), (3, 0));

    // Where nothing of the server is captured, too.
    let mut bench = Bench::new(&Config::default());
    for (hello, id) in alone.iter().zip([[4; 8], [5; 8]]) {
        let [client, _] = derive(1, &id).unwrap();
        bench.push(5, true, &initial(1, &client, 1, &id, &crypto(0, hello)), 0);
    }
    assert_eq!(bench.finish().0.len(), 2);
}

/// RFC 9369 §4.1: the server answers in another version, with the id that it was given in the first.
#[test]
fn servers_change_the_version() {
    let answer = server_hello(0x1302, &[], &[(43, vec![3, 4])]);
    for (first, then) in [(VERSION_1, VERSION_2), (VERSION_2, VERSION_1)] {
        let mut bench = Bench::new(&Config::default());
        let [client, _] = derive(first, &ID).unwrap();
        bench.push(5, true, &initial(first, &client, 0, &ID, &crypto(0, &hello())), 0);
        let [client, server] = derive(then, &ID).unwrap();
        bench.push(5, false, &initial(then, &server, 0, &[], &crypto(0, &answer[..20])), 0);
        // The id that the server chose is nothing to the keys.
        bench.push(5, true, &initial(then, &client, 1, &[4; 8], &[1, 0, 0, 0]), 0);
        bench.push(5, false, &initial(then, &server, 1, &[], &crypto(20, &answer[20..])), 0);
        let (told, counts) = bench.finish();
        assert_eq!(told[0].answer.as_ref().unwrap().cipher, 0x1302);
        assert_eq!(told[0].quic_version, if then == 1 { "1" } else { "2" });
        assert_eq!(counts.quic_initials_unread, 0);
    }
}

/// Both sides may be done with the handshake in the datagrams in which they began it.
#[test]
fn what_follows_in_a_datagram_is_told_apart() {
    let [client, server] = derive(1, &ID).unwrap();
    // Early data, a packet of the handshake, one of the session.
    let (early, handshake) =
        ([0xd0, 0, 0, 0, 1, 0, 0, 3, 7, 7, 7], [0xe0, 0, 0, 0, 1, 0, 0, 2, 7, 7]);
    let short = [0x41, 7, 7, 7];
    let answer = server_hello(0x1302, &[], &[(43, vec![3, 4])]);
    let up = initial(1, &client, 0, &ID, &crypto(0, &hello()));
    let down = initial(1, &server, 0, &[], &crypto(0, &answer));
    for (ends, agreed) in [(&short[..], true), (&[0; 30], false)] {
        let mut bench = Bench::new(&Config::default());
        bench.push(5, true, &[&up[..], &early].concat(), 0);
        bench.push(5, false, &[&down[..], &handshake, &short].concat(), 0);
        let last = initial(1, &client, 1, &ID, &[1, 0, 0, 0]);
        bench.push(5, true, &[&last[..], &handshake, ends].concat(), 0);
        let (told, _) = bench.finish();
        assert_eq!(told[0].agreed, agreed);
    }
}

#[test]
fn connections_end_by_silence_and_are_bounded() {
    let mut bench = Bench::new(&Config { quic_connections_max: 16, ..Config::default() });
    let [client, _] = derive(1, &ID).unwrap();
    let packet = initial(1, &client, 0, &ID, &crypto(0, &hello()));
    for port in 0..20 {
        bench.push(port, true, &packet, 0);
    }
    assert_eq!((bench.quic.connections.len(), bench.counts.quic_ignored), (16, 4));
    bench.expire(30);
    bench.push(3, true, &[], 100);
    bench.expire(65);
    assert_eq!((bench.quic.connections.len(), bench.told.len()), (1, 15));
    // One that lasts is told once before its end.
    for seconds in (85..1000).step_by(50) {
        bench.expire(seconds);
        bench.push(3, false, &[], 10);
    }
    let (told, counts) = bench.finish();
    let parts: Vec<_> = told[15..].iter().map(|s| (s.part, s.open)).collect();
    assert_eq!((parts, counts.quic_sessions), (vec![(0, true), (1, false)], 16));
}

/// A piece far behind makes room for all before it: the sum is bounded.
#[test]
fn handshakes_are_bounded_together() {
    let config = Config { handshake_bytes_total_max: 64 << 10, ..Config::default() };
    let mut bench = Bench::new(&config);
    let [client, _] = derive(1, &ID).unwrap();
    let packet = initial(1, &client, 0, &ID, &crypto(15_000, &[7; 50]));
    for port in 0..100 {
        bench.push(port, true, &packet, 0);
        assert!(bench.quic.held <= 64 << 10, "{}", bench.quic.held);
    }
    assert!(bench.counts.handshakes_cut > 90);
    bench.finish();
}

proptest! {
    #[test]
    fn any_bytes_are_read(
        said in prop::collection::vec((any::<bool>(), any::<bool>(), any::<prop::sample::Index>(), any::<u8>(), prop::collection::vec(any::<u8>(), 0..80)), 0..20),
    ) {
        let mut bench = Bench::new(&Config::default());
        let [client, _] = derive(1, &ID).unwrap();
        for (up, whole, at, octet, frames) in said {
            // Damaged packets, and whole ones with any frames.
            let mut packet = initial(1, &client, 3, &ID, &[&frames[..], &[0; 8]].concat());
            if !whole {
                let at = at.index(packet.len());
                packet[at] = octet;
                packet.truncate(packet.len().saturating_sub(usize::from(octet) / 8));
            }
            bench.push(5, up, &packet, 0);
        }
        let (told, _) = bench.finish();
        prop_assert!(told.len() <= 1);
    }
}
