//! Sessions made here, with records of any size, cut and lost anywhere.

use std::ops::Range;

use proptest::prelude::*;
use proptest::sample::Index;

use super::super::secrets::Table;
use super::schedule::Opener;
use super::*;

const RANDOM: [u8; 32] = [7; 32];

fn hex(octets: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(octets)
}

fn octets(text: &str) -> Vec<u8> {
    data_encoding::HEXLOWER.decode(text.replace(' ', "").as_bytes()).unwrap()
}

/// A session of which both ends are known.
struct Lab {
    suite: Suite,
    hello: Hello,
    answer: Answer,
    secrets: SessionSecrets,
    /// What was said, by side: the ciphertext, and the ends of records in it.
    said: [(Vec<u8>, Vec<usize>); 2],
    plain: [Vec<u8>; 2],
    sealers: [Opener; 2],
    numbers: [u64; 2],
}

impl Lab {
    /// After its handshake.
    fn new(version: u16, cipher: u16) -> Self {
        let suite = Suite::of(version, cipher).unwrap();
        let len = suite.hash.len();
        let mut table = Table::new(9);
        let line = |name: &str, octet: u8, len| {
            format!("{name} {} {}\n", hex(&RANDOM), hex(&vec![octet; len]))
        };
        let names = [
            ("CLIENT_EARLY_TRAFFIC_SECRET", 1),
            ("CLIENT_HANDSHAKE_TRAFFIC_SECRET", 2),
            ("SERVER_HANDSHAKE_TRAFFIC_SECRET", 3),
            ("CLIENT_TRAFFIC_SECRET_0", 4),
            ("SERVER_TRAFFIC_SECRET_0", 5),
        ];
        let log = if suite.modern {
            names.map(|(name, octet)| line(name, octet, len)).concat()
        } else {
            line("CLIENT_RANDOM", 6, 48)
        };
        table.learn(log.as_bytes());
        let secrets = table.find(&RANDOM).unwrap().clone();
        let hello = Hello { random: RANDOM, ..Hello::default() };
        let answer = Answer { random: [8; 32], version, cipher, ..Answer::default() };
        let sealers = if suite.modern {
            [2, 3].map(|octet| sealer(suite, octet))
        } else {
            let master = secrets.master.as_ref().unwrap();
            schedule::from_master(suite, master, &RANDOM, &answer.random).unwrap()
        };
        let (said, plain) = Default::default();
        let numbers = [0; 2];
        Self { suite, hello, answer, secrets, said, plain, sealers, numbers }
    }

    fn raw(&mut self, side: Side, record: &[u8]) {
        let (said, ends) = &mut self.said[side.index()];
        said.extend(record);
        ends.push(said.len());
    }

    fn seal(&mut self, side: Side, kind: u8, content: &[u8]) {
        let at = side.index();
        let record = self.sealers[at].seal(self.numbers[at], kind, content);
        self.numbers[at] += 1;
        self.raw(side, &record);
        if kind == 23 {
            self.plain[at].extend(content);
        }
    }

    /// Goes over to other keys, of TLS 1.3.
    fn turn(&mut self, side: Side, sealer: Opener) {
        self.sealers[side.index()] = sealer;
        self.numbers[side.index()] = 0;
    }

    /// What goes before application data.
    fn handshake(&mut self) {
        self.raw(Side::A, &[22, 3, 1, 0, 2, 1, 1]);
        self.raw(Side::B, &[22, 3, 3, 0, 2, 2, 2]);
        self.raw(Side::A, &[20, 3, 3, 0, 1, 1]);
        self.raw(Side::B, &[20, 3, 3, 0, 1, 1]);
        if self.suite.modern {
            // An ALPN of "h2".
            let extensions = [8, 0, 0, 11, 0, 9, 0, 16, 0, 5, 0, 3, 2, b'h', b'2'];
            self.seal(Side::B, 22, &extensions);
            self.seal(Side::B, 22, &[&[11, 0, 3, 232][..], &[9; 1000]].concat());
        }
        for (side, octet) in [(Side::B, 5), (Side::A, 4)] {
            self.seal(side, 22, &[20, 0, 0, 2, 1, 2]);
            if self.suite.modern {
                self.turn(side, sealer(self.suite, octet));
            }
        }
    }

    fn begin(&self) -> Decrypt {
        Decrypt::begin(Side::A, &self.hello, &self.answer, &self.secrets).unwrap()
    }
}

fn sealer(suite: Suite, octet: u8) -> Opener {
    schedule::from_traffic(suite, &Secret::new(&vec![octet; suite.hash.len()]).unwrap()).unwrap()
}

/// What came out, by side: octets at their offsets, and what is missing.
#[derive(Default)]
struct Out {
    read: [Vec<Option<u8>>; 2],
    ended: [bool; 2],
    acked: Vec<u64>,
    buffers: Buffers,
    counts: DecryptCounts,
}

impl Out {
    fn push(&mut self, decrypt: &mut Decrypt, event: Cipher<'_>) {
        let Self { read, ended, acked, buffers, counts } = self;
        decrypt.push(Timestamp::ZERO, event, buffers, counts, &mut |_, kind| match kind {
            StreamEventKind::Data { side, offset, acked: told, bytes, .. } => {
                let read = &mut read[side.index()];
                assert_eq!(offset, read.len() as u64, "events follow one another");
                read.extend(bytes.iter().map(|octet| Some(*octet)));
                acked.extend(told);
            }
            StreamEventKind::Gap { side, offset, len } => {
                let read = &mut read[side.index()];
                assert_eq!(offset, read.len() as u64, "events follow one another");
                read.resize(read.len() + usize::try_from(len).unwrap(), None);
            }
            StreamEventKind::Fin { side } => ended[side.index()] = true,
            StreamEventKind::Close { .. } => {}
        });
    }

    fn whole(&self, side: Side) -> Vec<u8> {
        self.read[side.index()].iter().map(|octet| octet.expect("nothing is missing")).collect()
    }
}

/// All of a session, in pieces of `size`.
fn run(lab: &Lab, size: usize) -> (Decrypt, Out) {
    let (mut decrypt, mut out) = (lab.begin(), Out::default());
    // The server's part first: it may be early.
    for side in [Side::B, Side::A] {
        for bytes in lab.said[side.index()].0.chunks(size) {
            out.push(&mut decrypt, Cipher::Data { side, acked: None, bytes });
        }
        out.push(&mut decrypt, Cipher::Fin { side });
    }
    (decrypt, out)
}

/// RFC 8448 §3: the client's and the server's first records of application data.
#[test]
fn the_trace_of_the_standard() {
    let suite = Suite::of(0x0304, 0x1301).unwrap();
    let secret = |text| Secret::new(&octets(text)).unwrap();
    let client = secret("9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5");
    let mut record = octets(
        "17 03 03 00 43 a2 3f 70 54 b6 2c 94 d0 af fa fe 82 28 ba 55 cb ef ac ea 42 f9 14 aa 66 bc ab 3f 2b 98 19 a8 a5 b4 6b \
         39 5b d5 4a 9a 20 44 1e 2b 62 97 4e 1f 5a 62 92 a2 97 70 14 bd 1e 3d ea e6 3a ee bb 21 69 49 15 e4",
    );
    let opener = schedule::from_traffic(suite, &client).unwrap();
    let content = opener.open(0, &mut record).unwrap();
    assert_eq!(record[content], [(0..50).collect::<Vec<u8>>(), vec![23]].concat());
    assert!(opener.open(1, &mut record.clone()).is_none());
}

const SUITES: [(u16, u16); 6] = [
    (0x0304, 0x1301),
    (0x0304, 0x1302),
    (0x0304, 0x1303),
    (0x0303, 0xc02f),
    (0x0303, 0xc030),
    (0x0303, 0xcca8),
];

#[test]
fn every_suite_is_read() {
    for (version, cipher) in SUITES {
        let mut lab = Lab::new(version, cipher);
        lab.handshake();
        lab.seal(Side::A, 23, b"GET / HTTP/1.1\r\n\r\n");
        lab.seal(Side::B, 23, b"HTTP/1.1 200 OK\r\n\r\n");
        lab.seal(Side::B, 23, b"");
        lab.seal(Side::B, 21, &[1, 0]);
        let (decrypt, out) = run(&lab, 10);
        assert_eq!(out.whole(Side::A), lab.plain[0], "{cipher:x}");
        assert_eq!(out.whole(Side::B), lab.plain[1], "{cipher:x}");
        assert_eq!(out.ended, [true, true]);
        let told = decrypt.told();
        assert_eq!((told.result, told.unread_records), (DecryptionResult::Whole, 0));
        assert_eq!((told.client_bytes, told.server_bytes), (18, 19));
        assert_eq!(decrypt.alpn(), suite_alpn(version));
        assert_eq!(out.counts.records_failed, 0);
    }
    for (version, cipher, reason) in [
        (0x0303, 0xc013, Unread::Cipher),
        (0x0304, 0x1304, Unread::Cipher),
        (0x0301, 0xc013, Unread::Version),
        (0x0302, 0xc02f, Unread::Version),
    ] {
        let answer = Answer { version, cipher, ..Answer::default() };
        assert_eq!(Decrypt::refuses(&answer), Some(reason));
    }
}

fn suite_alpn(version: u16) -> Option<&'static [u8]> {
    (version == 0x0304).then_some(b"h2")
}

#[test]
fn keys_are_updated_and_the_last_records_read() {
    let mut lab = Lab::new(0x0304, 0x1302);
    lab.handshake();
    let mut secret = Secret::new(&[4; 48]).unwrap();
    for n in 0..3 {
        lab.seal(Side::A, 23, &[n; 30]);
        lab.seal(Side::A, 22, &[24, 0, 0, 1, 0]);
        secret = schedule::updated(lab.suite, &secret).unwrap();
        lab.turn(Side::A, schedule::from_traffic(lab.suite, &secret).unwrap());
    }
    lab.seal(Side::A, 23, b"end");
    let (decrypt, out) = run(&lab, 999);
    assert_eq!(out.whole(Side::A), lab.plain[0]);
    assert_eq!(decrypt.told().result, DecryptionResult::Part, "the server said nothing");
}

/// A key update that is lost: the next record is found under the keys after it.
#[test]
fn a_lost_key_update_is_survived() {
    let mut lab = Lab::new(0x0304, 0x1301);
    lab.handshake();
    lab.seal(Side::A, 23, b"before");
    let from = lab.said[0].0.len();
    lab.seal(Side::A, 22, &[24, 0, 0, 1, 0]);
    let to = lab.said[0].0.len();
    let secret = schedule::updated(lab.suite, &Secret::new(&[4; 32]).unwrap()).unwrap();
    lab.turn(Side::A, schedule::from_traffic(lab.suite, &secret).unwrap());
    lab.seal(Side::A, 23, b"after");
    for cut in [(from + 6, to), (from, to), (from + 2, to - 1)] {
        let (mut decrypt, mut out) = (lab.begin(), Out::default());
        let said = &lab.said[0].0;
        let side = Side::A;
        out.push(&mut decrypt, Cipher::Data { side, acked: None, bytes: &said[..cut.0] });
        out.push(&mut decrypt, Cipher::Gap { side, len: (cut.1 - cut.0) as u64 });
        out.push(&mut decrypt, Cipher::Data { side, acked: None, bytes: &said[cut.1..] });
        let read: Vec<u8> = out.read[0].iter().flatten().copied().collect();
        assert_eq!(read, b"beforeafter", "{cut:?}");
    }
}

fn early_lab(accepted: bool) -> Lab {
    let mut lab = Lab::new(0x0304, 0x1301);
    lab.hello.early_data = true;
    let handshake = sealer(lab.suite, 2);
    lab.raw(Side::A, &[22, 3, 1, 0, 2, 1, 1]);
    lab.turn(Side::A, sealer(lab.suite, 1));
    lab.seal(Side::A, 23, b"early ");
    lab.seal(Side::A, 23, b"data ");
    let extensions: &[u8] =
        if accepted { &[8, 0, 0, 6, 0, 4, 0, 42, 0, 0] } else { &[8, 0, 0, 2, 0, 0] };
    lab.seal(Side::B, 22, extensions);
    lab.seal(Side::B, 22, &[20, 0, 0, 2, 1, 2]);
    lab.turn(Side::B, sealer(lab.suite, 5));
    if accepted {
        lab.seal(Side::A, 22, &[5, 0, 0, 0]);
    } else {
        lab.plain[0].clear();
    }
    lab.turn(Side::A, handshake);
    lab.seal(Side::A, 22, &[20, 0, 0, 2, 1, 2]);
    lab.turn(Side::A, sealer(lab.suite, 4));
    lab.seal(Side::A, 23, b"later");
    lab
}

#[test]
fn early_data_counts_if_the_server_takes_it() {
    for accepted in [true, false] {
        let mut lab = early_lab(accepted);
        assert_eq!(run(&lab, 7).1.whole(Side::A), lab.plain[0], "accepted: {accepted}");
        // The server's handshake cannot be read: what the client says of it counts.
        lab.secrets.handshake[1] = None;
        assert_eq!(run(&lab, 7).1.whole(Side::A), lab.plain[0], "accepted: {accepted}");
    }
}

/// A client's stream without `cut`, the server's before or behind that: stretches of what was read, in order.
fn early_without(lab: &Lab, cut: &Range<usize>, server_first: bool) -> (Decrypt, Vec<Vec<u8>>) {
    let (mut decrypt, mut out) = (lab.begin(), Out::default());
    let [(client, _), (server, _)] = &lab.said;
    let data = |side, bytes| Cipher::Data { side, acked: None, bytes };
    let begin = data(Side::A, &client[..cut.start]);
    let server = data(Side::B, server);
    let [first, second] = if server_first { [server, begin] } else { [begin, server] };
    out.push(&mut decrypt, first);
    out.push(&mut decrypt, second);
    if !cut.is_empty() {
        out.push(&mut decrypt, Cipher::Gap { side: Side::A, len: cut.len() as u64 });
    }
    out.push(&mut decrypt, data(Side::A, &client[cut.end..]));
    let stretches = out.read[0].split(Option::is_none);
    (decrypt, stretches.map(|read| read.iter().flatten().copied().collect()).collect())
}

/// Whatever of it is lost, and whether its secret is known: what was sent behind a loss does not follow what was sent
/// before it.
#[test]
fn lost_early_data_is_said() {
    for (secret, accepted) in [(true, true), (false, true), (true, false), (false, false)] {
        let mut lab = early_lab(accepted);
        lab.secrets.early = lab.secrets.early.filter(|_| secret);
        let ends = lab.said[0].1.clone();
        let (last, plain) =
            (*ends.last().unwrap(), String::from_utf8(lab.plain[0].clone()).unwrap());
        let cuts = ends.iter().enumerate().flat_map(|(n, from)| {
            let ends = ends[n..].iter().filter(|to| **to < last);
            ends.flat_map(move |to| [*from..*to, from + 2..*to, *from..to - 1, from + 2..to - 1])
        });
        for cut in cuts.filter(|cut| cut.start <= cut.end) {
            for server_first in [true, false] {
                let (decrypt, stretches) = early_without(&lab, &cut, server_first);
                let mut rest = plain.as_str();
                for (n, read) in stretches.iter().enumerate() {
                    let found = rest.split_once(str::from_utf8(read).unwrap());
                    let (before, behind) = found.unwrap_or(("spliced", ""));
                    let what = format!("{secret} {accepted} {cut:?} {server_first} {stretches:?}");
                    assert!(before != "spliced" && (n > 0 || before.is_empty()), "{what}");
                    rest = behind;
                }
                let whole = decrypt.flows[0].is_all_read();
                assert!(!whole || rest.is_empty() && stretches.len() == 1);
                assert!(whole || !cut.is_empty() || !secret && accepted, "{cut:?}");
            }
        }
    }
}

/// A client acknowledges responses that are shown later, one of them not at all: what it stands for is exact.
#[test]
fn acknowledgements_wait_for_what_they_acknowledge() {
    let mut lab = Lab::new(0x0304, 0x1301);
    lab.handshake();
    lab.seal(Side::A, 23, &[1; 10]);
    for len in [100, 40, 30] {
        lab.seal(Side::B, 23, &vec![2; len]);
    }
    let (client, server) = (&lab.said[0].0, &lab.said[1].0);
    let ends = &lab.said[1].1[lab.said[1].1.len() - 3..];
    let (mut decrypt, mut out) = (lab.begin(), Out::default());
    let data = |side, bytes, acked: usize| Cipher::Data { side, acked: Some(acked as u64), bytes };
    let before = ends[0] - 122;
    out.push(&mut decrypt, data(Side::B, &server[..before], 0));
    out.push(&mut decrypt, data(Side::A, client, ends[1]));
    assert!(out.acked.is_empty());
    out.push(&mut decrypt, Cipher::Gap { side: Side::B, len: 122 });
    assert!(out.acked.is_empty(), "where the next record begins is not known yet");
    out.push(&mut decrypt, data(Side::B, &server[ends[0]..], 0));
    // The server's own, then the client's: both responses, of which one was lost.
    assert_eq!((out.acked, decrypt.held() < 10_000), (vec![0, 0, 140], true));
}

/// Without the secrets of the handshake: its records are told apart by what follows.
#[test]
fn secrets_of_the_handshake_may_be_missing() {
    let mut lab = Lab::new(0x0304, 0x1301);
    lab.handshake();
    lab.seal(Side::A, 23, b"request");
    lab.seal(Side::B, 23, b"response");
    lab.secrets.handshake = [None, None];
    let (_, out) = run(&lab, 50);
    assert_eq!((out.whole(Side::A), out.whole(Side::B)), (b"request".into(), b"response".into()));
    lab.secrets.traffic[1] = None;
    assert!(Decrypt::begin(Side::A, &lab.hello, &lab.answer, &lab.secrets).is_none());
}

/// What compression made of a call is no call.
#[test]
fn compressed_records_are_refused() {
    let mut answer = Lab::new(0x0303, 0xc02f).answer;
    assert!(Decrypt::refuses(&answer).is_none());
    answer.compressed = true;
    assert!(Decrypt::refuses(&answer) == Some(Unread::Cipher));
}

/// Of wrong secrets nothing comes, and soon nothing is tried.
#[test]
fn wrong_secrets_give_nothing() {
    let mut lab = Lab::new(0x0304, 0x1301);
    lab.handshake();
    (0..50).for_each(|_| lab.seal(Side::A, 23, &[1; 5000]));
    lab.secrets.handshake = [None, None];
    lab.secrets.traffic = [Secret::new(&[9; 32]), Secret::new(&[9; 32])];
    let (decrypt, out) = run(&lab, 1400);
    assert!(out.read.iter().all(Vec::is_empty));
    assert!(out.counts.records_failed < 20 && out.counts.given_up == 1);
    assert!(decrypt.held() < 100_000);
}

/// Behind padding, lengths tell nothing: after a loss nothing more is read.
#[test]
fn padded_records_are_not_followed_behind_a_loss() {
    let mut lab = Lab::new(0x0304, 0x1301);
    lab.handshake();
    // Content type and padding as the content of a record whose own type is 0.
    lab.seal(Side::A, 0, &[b'a', b'b', 23, 0, 0]);
    let at = lab.said[0].0.len();
    lab.seal(Side::A, 23, b"lost");
    lab.seal(Side::A, 23, b"kept");
    let (mut decrypt, mut out) = (lab.begin(), Out::default());
    let (said, side) = (&lab.said[0].0, Side::A);
    out.push(&mut decrypt, Cipher::Data { side, acked: None, bytes: &said[..at + 6] });
    out.push(&mut decrypt, Cipher::Gap { side, len: 3 });
    out.push(&mut decrypt, Cipher::Data { side, acked: None, bytes: &said[at + 9..] });
    assert_eq!(out.read[0].iter().flatten().copied().collect::<Vec<_>>(), b"ab");
    assert!(out.read[0].len() > 4, "what is not read is told as missing");
}

/// Acknowledgements count plaintext.
#[test]
fn acknowledgements_stand_for_whole_records() {
    let mut lab = Lab::new(0x0303, 0xc02f);
    lab.handshake();
    lab.seal(Side::A, 23, &[1; 100]);
    lab.seal(Side::A, 23, &[2; 50]);
    lab.seal(Side::B, 23, &[3; 10]);
    let ends = lab.said[0].1.clone();
    let [first, second] = [ends[ends.len() - 2], ends[ends.len() - 1]];
    for (acked, want) in [(first - 1, 0), (first, 100), (second - 1, 100), (second, 150)] {
        let (mut decrypt, mut out) = (lab.begin(), Out::default());
        let bytes = &lab.said[0].0;
        out.push(&mut decrypt, Cipher::Data { side: Side::A, acked: None, bytes });
        let (side, acked, bytes) = (Side::B, Some(acked as u64), &lab.said[1].0);
        out.push(&mut decrypt, Cipher::Data { side, acked, bytes });
        assert_eq!(out.acked, [want]);
    }
}

fn sizes() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(prop_oneof![1..60_usize, 1000..1500_usize, Just(16_384)], 1..24)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn cutting_changes_nothing(
        suite in 0..SUITES.len(),
        sizes in sizes(),
        size in prop_oneof![1..40_usize, 1000..20_000_usize],
    ) {
        let mut lab = Lab::new(SUITES[suite].0, SUITES[suite].1);
        lab.handshake();
        for (n, len) in sizes.iter().enumerate() {
            let content: Vec<u8> = (0..*len).map(|at| u8::try_from((at * 7 + n) % 251).unwrap()).collect();
            lab.seal(if n % 3 == 0 { Side::A } else { Side::B }, 23, &content);
        }
        let (_, out) = run(&lab, size);
        prop_assert_eq!(out.whole(Side::A), lab.plain[0].clone());
        prop_assert_eq!(out.whole(Side::B), lab.plain[1].clone());
    }

    /// Whatever is lost: what is read is right, and where it belongs; and the rest is found again.
    #[test]
    fn loss_makes_nothing_wrong(
        suite in 0..SUITES.len(),
        sizes in sizes(),
        holes in prop::collection::vec((any::<Index>(), 1..4000_usize), 1..4),
        size in 100..3000_usize,
    ) {
        let mut lab = Lab::new(SUITES[suite].0, SUITES[suite].1);
        lab.handshake();
        lab.seal(Side::A, 23, b"the first, which comes whole");
        let start = lab.said[0].0.len();
        for (n, len) in sizes.iter().enumerate() {
            let content: Vec<u8> = (0..*len).map(|at| u8::try_from((at * 7 + n) % 251).unwrap()).collect();
            lab.seal(Side::A, 23, &content);
        }
        let all = lab.said[0].0.len();
        // What comes last comes whole.
        (0..3).for_each(|n| lab.seal(Side::A, 23, &[n; 40]));
        let said = &lab.said[0].0;
        let mut lost = vec![false; said.len()];
        for (at, len) in holes {
            let at = start + at.index(all - start);
            lost[at..(at + len).min(all)].fill(true);
        }
        let (mut decrypt, mut out) = (lab.begin(), Out::default());
        let side = Side::A;
        let mut at = 0;
        while at < said.len() {
            let gone = lost[at];
            let len = lost[at..].iter().take_while(|lost| **lost == gone).count();
            let len = if gone { len } else { len.min(size) };
            if gone {
                out.push(&mut decrypt, Cipher::Gap { side, len: len as u64 });
            } else {
                let bytes = &said[at..at + len];
                out.push(&mut decrypt, Cipher::Data { side, acked: None, bytes });
            }
            at += len;
        }
        let read = &out.read[0];
        let plain = &lab.plain[0];
        prop_assert_eq!(read.len(), plain.len());
        for (at, (got, want)) in read.iter().zip(plain).enumerate() {
            prop_assert!(got.is_none_or(|got| got == *want), "octet {}", at);
        }
        let tail = &read[read.len() - 40..];
        prop_assert!(tail.iter().all(Option::is_some), "the last record is found");
    }

    #[test]
    fn any_bytes_are_taken(
        suite in 0..SUITES.len(),
        parts in prop::collection::vec((any::<bool>(), 0..3_u8, prop::collection::vec(any::<u8>(), 0..200)), 0..30),
    ) {
        let lab = Lab::new(SUITES[suite].0, SUITES[suite].1);
        let (mut decrypt, mut out) = (lab.begin(), Out::default());
        for (from_a, kind, bytes) in parts {
            let side = if from_a { Side::A } else { Side::B };
            let begin = [&[23, 3, 3, 0][..], &bytes].concat();
            out.push(&mut decrypt, match kind {
                0 => Cipher::Data { side, acked: Some(bytes.len() as u64), bytes: &begin },
                1 => Cipher::Data { side, acked: None, bytes: &bytes },
                _ => Cipher::Gap { side, len: bytes.len() as u64 + 1 },
            });
        }
        prop_assert!(decrypt.held() < 1 << 17);
    }
}
